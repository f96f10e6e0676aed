/**
 * What a change makes unsure in rows that it does not name: a flush in all rows of a type, a change of any rows in those
 * that may be meant, a retirement or a new name in those that link to the row. Pure.
 *
 * Not followed: that a row which *may* have been retired vanishes from the links to it.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Change, RowRef } from '../cache/change.ts'
import { impliedFields, makesName } from '../freshness/implied-fields.ts'
import { isRow } from '../freshness/truth.ts'
import { isLinkList, type Schema } from '../shotgrid/schema.ts'
import { everyField, type RowState, retiredMark } from './row-state.ts'
import type { Values } from './seen-rows.ts'

export type Mark = MarkOfAll | MarkOfLinks

/** Of the rows of a type (`*`: of all types) that hold these values, as far as those are known. */
export interface MarkOfAll {
  readonly kind: 'all'
  readonly type: string
  readonly fields: readonly string[]
  readonly values: Values
}

/** Of the rows of a type whose field `link` leads to the row `to`. */
export interface MarkOfLinks {
  readonly kind: 'links'
  readonly type: string
  readonly fields: readonly string[]
  readonly link: string
  readonly isList: boolean
  readonly to: RowRef
}

export function marksOf(change: Change, schema: Schema): readonly Mark[] {
  const { kind, type, ids, field } = change
  if (kind === 'flush') return [all(type, [everyField])]
  if (ids === 'any') return marksOfAny(change, schema)
  if (kind === 'revive') return linksTo(type, schema).map((link) => all(link.type, [link.field]))
  const far = isUntold(change) ? marksOfFarSides(type, ids, schema) : []
  if (kind === 'retire' || (kind === 'change' && makesName(type, field)))
    return [...far, ...marksOfHolders(linksTo(type, schema), type, ids)]
  return far
}

/** The same marks, those of all rows put together by type. */
export function merged(marks: readonly Mark[]): readonly Mark[] {
  const byRows = new Map<string, Mark>()
  for (const mark of marks) {
    const { kind, type, fields } = mark
    const key = kind === 'all' ? JSON.stringify([type, mark.values]) : JSON.stringify(mark)
    const known = byRows.get(key)
    byRows.set(key, known ? { ...mark, fields: [...new Set([...known.fields, ...fields])].sort() } : mark)
  }
  return [...byRows.values()]
}

/** Events and writes bring along what follows from them; of what was found by looking, nothing is told. */
function isUntold({ source, kind, field }: Change): boolean {
  return source !== 'event' && source !== 'write' && (kind === 'create' || (kind === 'change' && field === 'any'))
}

/** Whatever links of the row changed: lists that may be their other side, and links that lead to it. */
function marksOfFarSides(type: string, ids: readonly number[], schema: Schema): readonly Mark[] {
  const reaches = new Set([...schema.fields(type).values()].flatMap(({ validTypes }) => validTypes))
  const far = linksTo(type, schema).filter((link) => reaches.has(link.type))
  return [
    ...far.filter(({ isList }) => isList).map((link) => all(link.type, [link.field])),
    ...marksOfHolders(
      far.filter(({ isList }) => !isList),
      type,
      ids,
    ),
  ]
}

/** Whether the row is one of those that the mark is for. */
export function isMarked({ type, data }: Pick<RowState, 'type' | 'data'>, mark: Mark): boolean {
  if (mark.type !== type && mark.type !== '*') return false
  if (mark.kind === 'links') return leadsTo(data[mark.link], mark.to)
  return Object.entries(mark.values).every(([field, value]) => !(field in data) || holds(data[field], value))
}

function marksOfAny({ kind, type, field, values = {}, added, removed }: Change, schema: Schema): readonly Mark[] {
  if (kind === 'retire' || kind === 'revive') return [all(type, [retiredMark], values)]
  if (kind !== 'change') return []
  if (field === 'any') return [all(type, [everyField])]
  const fields = [field, ...impliedFields(type, field)]
  // Whichever row it is, it has lost these.
  if (added?.length !== 0 || !removed || removed.length === 0) return [all(type, fields)]
  const isList = isLinkList(schema.field(type, field)?.dataType ?? 'multi_entity')
  return removed.map((to) => ({ kind: 'links', type, fields, link: field, isList, to }))
}

function marksOfHolders(links: readonly Link[], type: string, ids: readonly number[]): readonly Mark[] {
  if (ids.length > manyRows) return links.map((link) => all(link.type, [link.field]))
  return links.flatMap((link) =>
    ids.map((id): Mark => {
      const { type: holder, field, isList } = link
      return { kind: 'links', type: holder, fields: [field], link: field, isList, to: { type, id } }
    }),
  )
}

/** Of more rows than this, links are not looked for one by one. */
const manyRows = 500

interface Link {
  readonly type: string
  readonly field: string
  readonly isList: boolean
}

function linksTo(type: string, schema: Schema): readonly Link[] {
  return schema
    .linksTo(type)
    .map(({ type: holder, field }) => ({ type: holder, field: field.name, isList: isLinkList(field.dataType) }))
}

function all(type: string, fields: readonly string[], values: Values = {}): MarkOfAll {
  return { kind: 'all', type, fields, values }
}

function leadsTo(value: unknown, to: RowRef): boolean {
  return Array.isArray(value) ? value.some((item) => holds(item, to)) : holds(value, to)
}

function holds(known: unknown, value: unknown): boolean {
  if (isRow(known) && isRow(value)) return known.type === value.type && known.id === value.id
  return isDeepStrictEqual(known, value)
}
