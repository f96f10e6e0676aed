/**
 * What moves along with a change without a change of its own: the other side of a link, lists kept in connection rows,
 * rows that are retired together, fields that follow from others, and who may see what. Pure.
 *
 * True of events and of writes alike. It says what *may* have changed, and to what if it did.
 */
import type { ChangeRecord } from '../cache/change.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { isAccessField } from './access-fields.ts'
import { cascadesOf, listLeftBy, retiredByLeaving } from './cascades.ts'
import { connectionEnds, isConnection, joinedRows } from './connection-ends.ts'
import { derivedFields } from './derived-fields.ts'
import { inverseFields } from './inverse-links.ts'

/**
 * Further changes, with the source of `record`; neither the record itself nor consequences of consequences.
 * `isOtherSide`: it is itself the other side of a link, whose first side is told of elsewhere.
 */
export function consequencesOf(record: ChangeRecord, schema: Schema, isOtherSide = false): readonly ChangeRecord[] {
  const { source, type, ids } = record
  const reason = `after ${record.kind} of ${type} ${ids}${record.field === 'any' ? '' : `, ${record.field}`}`
  const say = (fact: Fact): ChangeRecord => ({
    source,
    field: 'any',
    ...fact,
    isConsequence: true,
    reason,
  })
  return [
    ...access(record).map(say),
    ...connections(record, schema).map(say),
    ...(isOtherSide ? [] : inverseFields(record, schema).map((far) => say({ kind: 'change', ...far }))),
    ...derived(record, schema).map(say),
    ...companions(record).map(say),
  ]
}

type Fact = Pick<ChangeRecord, 'kind' | 'type' | 'ids' | 'new' | 'values' | 'added' | 'removed'> & {
  readonly field?: string
}

/** The rows of a type that are retired, or come back, along with another: those that link to it by `entity`. */
function cascade(
  type: string,
  kind: 'retire' | 'revive',
  { type: entity, ids }: Pick<ChangeRecord, 'type' | 'ids'>,
): Fact {
  if (type === '*') return { kind: 'flush', type, ids: 'any' }
  const isOne = type !== 'TaskDependency' && kind === 'retire' && ids !== 'any' && ids.length === 1
  return { kind, type, ids: 'any', ...(isOne && { values: { entity: { type: entity, id: ids[0] } } }) }
}

const actions: Readonly<Record<string, string>> = { create: 'New', retire: 'Retirement', revive: 'Revival' }

function access({ kind, type, field }: ChangeRecord): readonly Fact[] {
  return isAccessField(type, actions[kind] ?? field) ? [{ kind: 'access', type: '*', ids: 'any' }] : []
}

/** A connection row is part of a list at each of its ends. A create may tell which rows it joins; else it can be any. */
function connections(record: ChangeRecord, schema: Schema): readonly Fact[] {
  if (!isConnection(record.type)) return []
  const ends = connectionEnds(record.type, schema)
  if (!ends) return [{ kind: 'flush', type: '*', ids: 'any' }]
  const types = new Set(ends.map((end) => end.type))
  return ends.map(({ type, field }) => {
    const ids = joinedRows(record, type)
    const others = [...types]
      .filter((other) => other !== type)
      .map((other) => [other, joinedRows(record, other)] as const)
    const added = others.flatMap(([other, joined]) =>
      joined === 'any' ? [] : joined.map((id) => ({ type: other, id })),
    )
    const isKnown = ids !== 'any' && added.length === 1
    return { kind: 'change', type, ids, field, ...(isKnown && { added, removed: [] }) }
  })
}

function derived({ kind, type, ids, field }: ChangeRecord, schema: Schema): readonly Fact[] {
  if (kind !== 'change') return []
  return derivedFields(type, field, schema).map((name) => ({ kind: 'change', type, ids, field: name }))
}

/** Rows that come and go with the row, or with their place in one of its lists. */
function companions({ kind, type, ids, field, removed }: ChangeRecord): readonly Fact[] {
  if (kind === 'change') {
    const leaving = retiredByLeaving(type, field)
    if (!leaving || removed?.length === 0) return []
    return [{ kind: 'retire', type: leaving, ids: removed?.map((row) => row.id) ?? 'any' }]
  }
  if (kind !== 'retire' && kind !== 'revive') return []
  const list = listLeftBy(type)
  return [
    ...cascadesOf(type).map((other): Fact => cascade(other, kind, { type, ids })),
    ...(list ? [{ kind: 'change', ids: 'any', ...list } as const] : []),
  ]
}
