/**
 * The other side of a link.
 *
 * Setting `Task.entity` also changes the list `Shot.tasks` of the old and the new target, and adding to a list may
 * take the row out of another. The schema does not say which fields are two sides of one link, and whether the site
 * writes an event for the other side is confirmed for some only. So every list of the target's type that can hold
 * such a row is taken as changed: of the targets, where they are known.
 */
import type { ChangeRecord, RowRef } from '../cache/change.ts'
import { type Field, isLink, isLinkList, type Schema } from '../shotgrid/schema.ts'

export interface FarField {
  readonly type: string
  readonly ids: readonly number[] | 'any'
  readonly field: string
}

/** Fields of other rows that change with a link field of `record`, a change or a create. */
export function inverseFields(record: ChangeRecord, schema: Schema): readonly FarField[] {
  if (record.kind === 'create') {
    return Object.entries(record.values ?? {}).flatMap(([name, value]) => {
      const field = schema.field(record.type, name)
      return field && isLink(field.dataType) ? farFields(record.type, field, linksIn(value), schema) : []
    })
  }
  const field = record.kind === 'change' ? schema.field(record.type, record.field) : undefined
  return field && isLink(field.dataType) ? farFields(record.type, field, targets(record), schema) : []
}

/** Rows that the link led to before or leads to now; `undefined` if they are not all known. */
function targets({ old, new: young, added, removed }: ChangeRecord): readonly RowRef[] | undefined {
  if (added && removed) return [...added, ...removed]
  if (old === undefined || young === undefined) return undefined
  return [...linksIn(old), ...linksIn(young)]
}

/** Links come as `{type, id}`, one or a list of them. */
function linksIn(value: unknown): readonly RowRef[] {
  const links = (Array.isArray(value) ? value : [value]) as readonly (Partial<RowRef> | null)[] // looked at below
  return links.filter((link): link is RowRef => typeof link?.type === 'string' && typeof link.id === 'number')
}

function farFields(
  type: string,
  field: Field,
  links: readonly RowRef[] | undefined,
  schema: Schema,
): readonly FarField[] {
  const types = links ? [...new Set(links.map((link) => link.type))] : field.validTypes
  return types.flatMap((to) => {
    const ids = links ? links.filter((link) => link.type === to).map((link) => link.id) : ('any' as const)
    const back = linksBack(to, type, schema).filter((far) => isLinkList(far.dataType) || isLinkList(field.dataType))
    // A row that can be in one such list only has left another: whichever it was in.
    const left = isLinkList(field.dataType) ? back.filter((far) => !isLinkList(far.dataType)) : []
    return [
      ...back.map((far) => ({ type: to, ids, field: far.name })),
      ...left.flatMap((far) => listsAt(far.validTypes, to, schema)),
    ]
  })
}

function linksBack(from: string, to: string, schema: Schema): readonly Field[] {
  return [...schema.fields(from).values()].filter(
    (field) => isLink(field.dataType) && field.validTypes.includes(to) && !authorFields.has(field.name),
  )
}

/** Who made or changed a row is the other side of nothing. */
const authorFields = new Set(['created_by', 'updated_by'])

function listsAt(types: readonly string[], of: string, schema: Schema): readonly FarField[] {
  return types.flatMap((type) =>
    linksBack(type, of, schema)
      .filter((field) => isLinkList(field.dataType))
      .map((field) => ({ type, ids: 'any' as const, field: field.name })),
  )
}
