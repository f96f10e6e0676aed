/**
 * The other side of a link.
 *
 * Setting `Task.entity` also changes the list `Shot.tasks` of the old and the new target, and adding to a list may
 * take the row out of another. The schema does not say which fields are two sides of one link, and whether the site
 * writes an event for the other side is confirmed for some only. So every field of the target's type that can hold
 * such a row is taken as changed: of the targets, where they are known. What is told of it is what happens if it is
 * the other side; if it is not, nothing happens.
 */
import type { ChangeRecord, RowRef } from '../cache/change.ts'
import { type Field, isLink, isLinkList, type Schema } from '../shotgrid/schema.ts'

export interface FarField extends Pick<ChangeRecord, 'type' | 'ids' | 'field' | 'new' | 'added' | 'removed'> {}

/** Fields of other rows that change with a link field of `record`, a change or a create. */
export function inverseFields(record: ChangeRecord, schema: Schema): readonly FarField[] {
  const { kind, type } = record
  const values = kind === 'create' ? (record.values ?? {}) : {}
  const names = kind === 'create' ? Object.keys(values) : kind === 'change' ? [record.field] : []
  return names.flatMap((name) => {
    const field = schema.field(type, name)
    if (!field || !isLink(field.dataType)) return []
    const moved = kind === 'create' ? { gained: linksIn(values[name]), lost: [] } : movedLinks(record)
    return farFields(record, field, moved, schema)
  })
}

/** Rows that the link leads to now and did not before, and the other way round; `undefined` if not all are known. */
interface Moved {
  readonly gained: readonly RowRef[] | undefined
  readonly lost: readonly RowRef[] | undefined
}

function movedLinks({ old, new: young, added, removed }: ChangeRecord): Moved {
  if (added && removed) return { gained: added, lost: removed }
  return {
    gained: young === undefined ? undefined : linksIn(young),
    lost: old === undefined ? undefined : linksIn(old),
  }
}

/** Links come as `{type, id}`, one or a list of them. */
function linksIn(value: unknown): readonly RowRef[] {
  const links = (Array.isArray(value) ? value : [value]) as readonly (Partial<RowRef> | null)[] // looked at below
  return links
    .filter((link): link is RowRef => typeof link?.type === 'string' && typeof link.id === 'number')
    .map(({ type, id }) => ({ type, id }))
}

function farFields(record: ChangeRecord, field: Field, { gained, lost }: Moved, schema: Schema): readonly FarField[] {
  const known = gained && lost ? [...gained, ...lost].map((link) => link.type) : field.validTypes
  return [...new Set(known)].flatMap((to) => {
    const back = linksBack(to, record.type, schema).filter(
      (far) => isLinkList(far.dataType) || isLinkList(field.dataType),
    )
    // A row that can be in one such list only has left another: whichever it was in.
    const left = isLinkList(field.dataType) ? back.filter((far) => !isLinkList(far.dataType)) : []
    const leavers = gained?.filter((link) => link.type === to)
    if (leavers?.length === 0 && lost?.every((link) => link.type !== to)) return []
    return [
      ...back.flatMap((far) => bothWays(record, to, far, gained, lost)),
      ...(leavers?.length === 0 ? [] : left.flatMap((far) => listsAt(far.validTypes, to, leavers, schema))),
    ]
  })
}

function bothWays(
  { type, ids }: ChangeRecord,
  to: string,
  far: Field,
  gained: readonly RowRef[] | undefined,
  lost: readonly RowRef[] | undefined,
): readonly FarField[] {
  // Where neither side is known nothing is known at all.
  const self = (gained || lost) && ids !== 'any' && ids.length === 1 ? { type, id: ids[0]! } : undefined
  const isList = isLinkList(far.dataType)
  return [
    { links: gained, said: self && (isList ? { added: [self], removed: [] } : { new: self }) },
    { links: lost, said: self && (isList ? { added: [], removed: [self] } : { new: null }) },
  ].flatMap(({ links, said }): FarField[] => {
    const rows = links?.filter((link) => link.type === to).map((link) => link.id) ?? 'any'
    return rows.length === 0 ? [] : [{ type: to, ids: rows, field: far.name, ...said }]
  })
}

function linksBack(from: string, to: string, schema: Schema): readonly Field[] {
  return [...schema.fields(from).values()].filter(
    (field) => isLink(field.dataType) && field.validTypes.includes(to) && !authorFields.has(field.name),
  )
}

/** Who made or changed a row is the other side of nothing. */
const authorFields = new Set(['created_by', 'updated_by'])

function listsAt(
  types: readonly string[],
  of: string,
  leavers: readonly RowRef[] | undefined,
  schema: Schema,
): readonly FarField[] {
  return types.flatMap((type) =>
    linksBack(type, of, schema)
      .filter((field) => isLinkList(field.dataType))
      .map(({ name }) => ({ type, ids: 'any', field: name, ...(leavers && { added: [], removed: leavers }) })),
  )
}
