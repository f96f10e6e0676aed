/**
 * Deleting and bringing back. A row that is deleted is only retired: it keeps its id and values, but links to it read
 * empty everywhere, and filters on it match nothing, without any of the linking rows having been written.
 *
 * Some rows go along with another, and come back with it: a Shot's Versions, a Task's dependencies.
 */
import { isLink } from '../shotgrid/schema.ts'
import { emitChange, emitListChange, emitRetirement, emitRevival } from './events.ts'
import { type Ref, refKey, refsIn, type StoredRow, sameRef } from './row.ts'
import type { Writing } from './writing.ts'

/** Which links carry a retirement along: rows of `type` whose `field` leads to the retired row. */
const cascades: Readonly<Record<string, readonly { readonly type: string; readonly field: string }[]>> = {
  Shot: [{ type: 'Version', field: 'entity' }],
  Task: [
    { type: 'TaskDependency', field: 'task' },
    { type: 'TaskDependency', field: 'dependent_task' },
  ],
}

export function retireRow(writing: Writing, row: StoredRow, along?: Ref): void {
  writing.tx.put({ ...audited(writing, row), retired: true, ...(along && { retiredWith: refKey(along) }) })
  emitRetirement(writing, row)
  note(writing, row, 'retire')
  if (writing.world.switches.linkRemovalEvents) emitLinkRemovals(writing, row)
  for (const child of children(writing, row)) {
    if (!child.retired) retireRow(alongside(writing), child, row)
  }
}

export function reviveRow(writing: Writing, row: StoredRow): void {
  const { retiredWith: _, ...alone } = audited(writing, row)
  writing.tx.put({ ...alone, retired: false })
  emitRevival(writing, row)
  note(writing, row, 'revive')
  for (const child of children(writing, row)) {
    if (child.retired && child.retiredWith === refKey(row)) reviveRow(alongside(writing), child)
  }
}

function children(writing: Writing, row: StoredRow): readonly StoredRow[] {
  return (cascades[row.type] ?? []).flatMap(({ type, field }) => writing.tx.view.referrers(type, field, row))
}

function alongside(writing: Writing): Writing {
  return { ...writing, consequence: true, silent: writing.silent || !writing.world.switches.cascadeEvents }
}

function audited(writing: Writing, row: StoredRow): StoredRow {
  if (!writing.world.switches.retirementMovesUpdatedAt || !('updated_at' in row.values)) return row
  return { ...row, values: { ...row.values, updated_at: writing.now, updated_by: writing.caller.user } }
}

function note(writing: Writing, { type, id }: Ref, kind: 'retire' | 'revive'): void {
  const { silent, consequence } = writing
  writing.tx.note({ kind, type, id, fields: [], silent, consequence })
}

/** One event for each link that now reads empty. Looks at every row of every type that may link here. */
function emitLinkRemovals(writing: Writing, gone: StoredRow): void {
  const { schema } = writing.world
  const { view } = writing.tx
  for (const type of schema.types) {
    if (type === 'EventLogEntry') continue
    for (const field of schema.fields(type).values()) {
      if (field.source.kind !== 'stored' || !isLink(field.dataType) || !field.validTypes.includes(gone.type)) continue
      for (const id of view.ids(type)) {
        const row = view.get(type, id)
        if (!row || row.retired || !refsIn(row.values[field.name]).some((ref) => sameRef(ref, gone))) continue
        const change = { row, field, inCreate: false }
        if (field.dataType === 'entity') emitChange(writing, change, { type: gone.type, id: gone.id }, null)
        else emitListChange(writing, change, [], [gone])
      }
    }
  }
}
