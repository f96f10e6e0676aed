/**
 * Giving one field of one row another value, with everything that hangs on it: its event, the events of the inverse
 * side, the hidden connection rows, the links that other rows hold.
 *
 * A value that is the same as before is no change: no event, and `updated_at` stays.
 */
import { attachmentFor } from './attachments.ts'
import { backReferences, farReferences } from './back-references.ts'
import { emitChange, emitListChange, emitReading, type FieldChange } from './events.ts'
import { refused } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { insertRow } from './insert.ts'
import { connections, linkedRows } from './links.ts'
import { retireRow } from './retire.ts'
import { isRef, type Ref, refKey, type StoredRow, sameRef } from './row.ts'
import { current, noteUpdate, touch } from './touch.ts'
import type { Writing } from './writing.ts'

export type ListMode = 'set' | 'add' | 'remove'

export interface FieldWrite {
  readonly row: Ref
  readonly field: FieldSpec
  /** As `inputValue` gave it. */
  readonly value: unknown
  readonly mode?: ListMode
  readonly inCreate?: boolean
}

/** Whether anything changed. */
export function writeField(writing: Writing, write: FieldWrite): boolean {
  switch (write.field.source.kind) {
    case 'connection':
      return writeConnection(writing, write)
    case 'inverse':
      return writeInverse(writing, write)
    case 'perUser':
      return writePerUser(writing, write)
    case 'stored':
      return isLinkField(write.field) ? writeList(writing, write) : writeValue(writing, write)
    default:
      throw refused(`The field is not editable for this user: [${write.row.type}.${write.field.name}].`)
  }
}

function isLinkField({ dataType }: FieldSpec): boolean {
  return dataType === 'multi_entity' || dataType === 'addressing'
}

function writeValue(writing: Writing, write: FieldWrite): boolean {
  const { field, inCreate = false } = write
  const row = current(writing, write.row)
  const before = row.values[field.name] ?? null
  const value = field.dataType === 'url' ? fileRef(writing, row, write.value) : write.value
  if (isSame(before, value)) return false
  const after = { ...row, values: { ...row.values, [field.name]: value } }
  writing.tx.put(after)
  noteUpdate(writing, row, field.name)
  const change: FieldChange = { row: after, field, inCreate }
  const eventId = emitChange(writing, change, before, value)
  if (field.dataType === 'entity') backReferences(writing, change, refs(value), refs(before), eventId)
  if (field.dataType === 'image' && field.name === 'image' && value === null) clearFilmstrip(writing, write.row)
  return true
}

function isSame(a: unknown, b: unknown): boolean {
  if (isRef(a) && isRef(b)) return sameRef(a, b)
  return JSON.stringify(a) === JSON.stringify(b)
}

function refs(value: unknown): readonly Ref[] {
  return isRef(value) ? [value] : []
}

/** A link to an Attachment stays one; anything else becomes a new Attachment. */
function fileRef(writing: Writing, row: StoredRow, value: unknown): Ref | null {
  if (value === null) return null
  if (isRef(value) && value.type === 'Attachment') return { type: 'Attachment', id: value.id }
  return attachmentFor(writing, value as object, row.values.project ?? null) // inputValue let only objects pass
}

/** Without a picture there is no filmstrip of it. */
function clearFilmstrip(writing: Writing, row: Ref): void {
  const field = writing.world.schema.field(row.type, 'filmstrip_image')
  if (field) writeValue(writing, { row, field, value: null })
}

function writeList(writing: Writing, write: FieldWrite): boolean {
  const { field, inCreate = false } = write
  const row = current(writing, write.row)
  const stored = (row.values[field.name] ?? []) as readonly Ref[] // lists of links hold nothing else
  const { added, removed } = difference(linkedRows(writing.tx.view, row, field), write)
  if (added.length === 0 && removed.length === 0) return false
  const gone = new Set(removed.map(refKey))
  // Links to retired rows stay, unseen: a revival brings them back. Lists keep no order of insertion.
  const value = [...stored.filter((ref) => !gone.has(refKey(ref))), ...added.map(trim)].sort(byTypeAndId)
  const after = { ...row, values: { ...row.values, [field.name]: value } }
  writing.tx.put(after)
  noteUpdate(writing, row, field.name)
  const change: FieldChange = { row: after, field, inCreate }
  backReferences(writing, change, added, removed, emitListChange(writing, change, added, removed))
  return true
}

/** What `set`, `add` or `remove` means for a list that now leads to `rows`. */
function difference(
  rows: readonly Ref[],
  { value, mode = 'set' }: FieldWrite,
): { readonly added: readonly Ref[]; readonly removed: readonly Ref[] } {
  const wanted = value as readonly Ref[] // inputValue makes lists of links
  const has = new Set(rows.map(refKey))
  const wants = new Set(wanted.map(refKey))
  return {
    added: mode === 'remove' ? [] : wanted.filter((ref) => !has.has(refKey(ref))),
    removed: rows.filter((ref) =>
      mode === 'set' ? !wants.has(refKey(ref)) : mode === 'remove' && wants.has(refKey(ref)),
    ),
  }
}

function trim({ type, id }: Ref): Ref {
  return { type, id }
}

function byTypeAndId(a: Ref, b: Ref): number {
  return a.id - b.id || (a.type < b.type ? -1 : 1)
}

function writeConnection(writing: Writing, write: FieldWrite): boolean {
  const { field, inCreate = false } = write
  const { source } = field
  if (source.kind !== 'connection') return false
  const row = current(writing, write.row)
  const { added, removed } = difference(linkedRows(writing.tx.view, row, field), write)
  if (added.length === 0 && removed.length === 0) return false
  const hidden = hiddenWriting(writing)
  const gone = new Set(removed.map(refKey))
  for (const connection of connections(writing.tx.view, row, field)) {
    const far = connection.values[source.far]
    if (isRef(far) && gone.has(refKey(far))) retireRow(hidden, connection)
  }
  let rank = lastRank(writing, row, field)
  for (const ref of added) {
    rank += 10
    const order = source.order && { [source.order]: rank }
    insertRow(hidden, source.connection, { [source.near]: trim(row), [source.far]: trim(ref), ...order })
  }
  noteUpdate(writing, row, field.name)
  const change: FieldChange = { row, field, inCreate }
  farReferences(writing, change, added, removed, emitListChange(writing, change, added, removed))
  return true
}

function hiddenWriting(writing: Writing): Writing {
  return { ...writing, consequence: true, silent: writing.silent || !writing.world.switches.connectionEvents }
}

function lastRank(writing: Writing, row: StoredRow, field: FieldSpec): number {
  const order = field.source.kind === 'connection' ? field.source.order : undefined
  if (!order) return 0
  return Math.max(0, ...connections(writing.tx.view, row, field).map(({ values }) => Number(values[order] ?? 0)))
}

/** Writing the inverse list writes the links of the other rows; who leaves it loses the link, or is retired. */
function writeInverse(writing: Writing, write: FieldWrite): boolean {
  const { source } = write.field
  if (source.kind !== 'inverse') return false
  const row = current(writing, write.row)
  const { added, removed } = difference(linkedRows(writing.tx.view, row, write.field), write)
  for (const ref of removed) {
    if (source.retires) retireRow({ ...writing, consequence: true }, current(writing, ref))
    else link(writing, write, ref, 'remove')
  }
  for (const ref of added) link(writing, write, ref, 'add')
  return added.length > 0 || removed.length > 0
}

function link(writing: Writing, write: FieldWrite, other: Ref, mode: 'add' | 'remove'): void {
  const { source } = write.field
  const of = source.kind === 'inverse' ? source.of.find((name) => name.type === other.type) : undefined
  const field = of && writing.world.schema.field(of.type, of.field)
  if (!field) return
  const value = isLinkField(field) ? [trim(write.row)] : mode === 'add' ? trim(write.row) : null
  const far = { ...writing, consequence: true }
  if (writeField(far, { row: other, field, value, mode })) touch(far, other)
}

function writePerUser(writing: Writing, { row, field, value }: FieldWrite): boolean {
  if (field.name === 'read_by_current_user') emitReading(writing, current(writing, row), value)
  const { world, tx, caller } = writing
  tx.onCommit(() => world.perUser.set(caller.user, row, field.name, value))
  tx.note({ kind: 'perUser', type: row.type, id: row.id, fields: [field.name], silent: true, consequence: false })
  return false
}
