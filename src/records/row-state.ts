/**
 * What is known of one row, and how a reply or a change moves it. Pure.
 *
 * `data` holds the last values known. A field is *unsure* when a change has touched it whose new value was not told;
 * `*` stands for all fields, `retired` for whether the row is retired. So what is in `data` and not unsure is what the
 * row holds as far as the change log tells, but for what no change tells of: computed fields.
 *
 * Changes are applied in the order of the log; a value read is as new as its stamp or newer. Applying a change that
 * the value has seen already does no harm: whatever follows it in the log is applied as well, and the last one holds.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Change, RowRef } from '../cache/change.ts'
import { impliedFields } from '../freshness/implied-fields.ts'
import { isRow } from '../freshness/truth.ts'
import type { SeenRow, Values } from './seen-rows.ts'
import type { Touched } from './touched.ts'

export interface RowState {
  readonly type: string
  readonly id: number
  readonly project: number | null
  readonly data: Values
  /** Sorted, each once. */
  readonly unsure: readonly string[]
  readonly isRetired: boolean
  /** Wall time of the last reply that showed it, ms; null if none has. */
  readonly seenAt: number | null
  /** Wall time, ms, from which on it looks so. */
  readonly since: number
  /** The seq of the last reply's stamp or change that moved it. */
  readonly seq: number
}

/** After a reply has shown it. `touched`: what changes after the reply's stamp have done, which are applied already. */
export function afterReply(state: RowState | undefined, seen: SeenRow, touched: Touched): RowState | undefined {
  if (touched === 'all') return state
  const from = state ?? firstSeen(seen)
  const isNews = (field: string) => !touched.has(field) && !(isOlder(seen, from) && isSure(from, field))
  const values = Object.fromEntries(Object.entries(seen.values).filter(([field]) => isNews(field)))
  const told = isNews(retiredMark) ? [retiredMark] : []
  return moved(from, seen.at, {
    data: { ...from.data, ...values },
    unsure: withoutMarks(from, [...Object.keys(values), ...told]),
    isRetired: told.length > 0 ? seen.isRetired : from.isRetired,
    seenAt: Math.max(from.seenAt ?? 0, seen.at),
    seq: Math.max(from.seq, seen.stamp),
  })
}

function firstSeen(seen: SeenRow): RowState {
  return { ...unborn(seen, seen.at, seen.stamp), isRetired: seen.isRetired, unsure: [retiredMark] }
}

/** Replies of several processes are not written in the order in which they came. */
function isOlder(seen: SeenRow, { seenAt }: RowState): boolean {
  return seenAt !== null && seen.at < seenAt
}

function isSure({ data, unsure }: RowState, field: string): boolean {
  return (field in data || field === retiredMark) && !unsure.includes(field) && !unsure.includes(everyField)
}

/** After a change of this row. Only a birth makes a row known that was not. `keeps`: whether a field's value is kept. */
export function afterChange(
  state: RowState | undefined,
  change: Change,
  id: number,
  keeps: (field: string) => boolean,
): RowState | undefined {
  const at = change.eventAt ?? change.at
  const { seq, kind } = change
  if (kind === 'create') {
    const from = state ?? unborn({ type: change.type, id }, at, seq)
    const born = { ...told(change.values, keeps), ...projectOf(change) }
    const known = { data: { ...from.data, ...born }, unsure: withoutMarks(from, [...Object.keys(born), retiredMark]) }
    return moved(from, at, { ...known, isRetired: false, seq })
  }
  if (!state) return undefined
  const project = state.project ?? (typeof change.project === 'number' ? change.project : null)
  return afterLaterChange({ ...state, project }, change, at, keeps)
}

function afterLaterChange(state: RowState, change: Change, at: number, keeps: (field: string) => boolean): RowState {
  const { seq, kind } = change
  if (change.isConsequence) return moved(state, at, { unsure: withMarks(state, mayHaveMoved(state, change)), seq })
  if (kind === 'retire' || kind === 'revive') {
    return moved(state, at, {
      isRetired: kind === 'retire',
      unsure: withMarks({ ...state, unsure: withoutMarks(state, [retiredMark]) }, auditFields),
      seq,
    })
  }
  return kind === 'change' ? moved(state, at, { ...afterField(state, change, keeps), seq }) : state
}

/** The mark for all fields, and the one for whether the row is retired. */
export const everyField = '*'
export const retiredMark = 'retired'

/** Marks fields as unsure; those that are not known are not marked. */
export function withMarks({ data, unsure }: Pick<RowState, 'data' | 'unsure'>, fields: readonly string[]) {
  if (unsure.includes(everyField)) return unsure
  const marks = fields.filter((field) => field in data || field === retiredMark || field === everyField)
  return marks.includes(everyField) ? [everyField] : sorted([...unsure, ...marks])
}

/** Whether people see another row than before. What is only less sure is the same. */
export function looksOther(before: RowState, after: RowState): boolean {
  return before.isRetired !== after.isRetired || !isDeepStrictEqual(before.data, after.data)
}

function unborn({ type, id }: RowRef, since: number, seq: number): RowState {
  return { type, id, project: null, data: {}, unsure: [], isRetired: false, seenAt: null, since, seq }
}

function moved(from: RowState, at: number, to: Partial<RowState>): RowState {
  const next = { ...from, ...to }
  const project = next.data.project
  const known = project === undefined ? next.project : isRow(project) ? project.id : null
  const after = { ...next, project: known }
  return looksOther(from, after) ? { ...after, since: Math.max(from.since, at) } : after
}

function afterField(state: RowState, change: Change, keeps: (field: string) => boolean): Partial<RowState> {
  const { type, field } = change
  if (field === 'any') {
    const values = told(change.values, keeps)
    if (!change.values) return { unsure: [everyField] }
    const data = { ...state.data, ...values }
    return { data, unsure: sorted(Object.keys(data).filter((name) => !(name in values))) }
  }
  if (!keeps(field)) return { unsure: withMarks(state, impliedFields(type, field)) }
  const value = valueAfter(state, change)
  if (value === undefined) return { unsure: withMarks(state, [field, ...impliedFields(type, field)]) }
  const data = { ...state.data, [field]: value }
  return { data, unsure: withMarks({ data, unsure: withoutMarks(state, [field]) }, impliedFields(type, field)) }
}

/** A consequence tells what may have changed, and to what if it did: so nothing, where the row looks like that already. */
function mayHaveMoved(state: RowState, change: Change): readonly string[] {
  const { kind, type, field } = change
  if (kind === 'retire' || kind === 'revive') return state.isRetired === (kind === 'retire') ? [] : [retiredMark]
  if (kind !== 'change') return []
  if (field === 'any') return [everyField]
  const value = valueAfter(state, change)
  if (value !== undefined && isDeepStrictEqual(value, state.data[field])) return []
  return [field, ...impliedFields(type, field)]
}

/** The value after the change; `undefined` if it is not known. */
function valueAfter(state: RowState, change: Change): unknown {
  const { field, added, removed } = change
  const list = state.data[field]
  if (change.new !== undefined) return sameButForName(list, change.new)
  if (!added || !removed || !Array.isArray(list) || !isSure(state, field) || !list.every(isRow)) return undefined
  const stays = list.filter((link) => !removed.some((row) => isSame(row, link)))
  return [...stays, ...added.filter((row) => !stays.some((link) => isSame(row, link)))]
}

/** A change may name the row a link leads to without its name; the name known is kept if it is the same row. */
function sameButForName(known: unknown, value: unknown): unknown {
  return isRow(known) && isRow(value) && isSame(known, value) ? { ...known, ...value } : value
}

function isSame(one: RowRef, other: RowRef): boolean {
  return one.type === other.type && one.id === other.id
}

function told(values: Values | undefined, keeps: (field: string) => boolean): Values {
  return Object.fromEntries(Object.entries(values ?? {}).filter(([field]) => keeps(field)))
}

function projectOf({ project }: Change): Values {
  return typeof project === 'number' ? { project: { type: 'Project', id: project } } : {}
}

function withoutMarks({ data, unsure }: RowState, fields: readonly string[]): readonly string[] {
  const all = unsure.includes(everyField) ? [...Object.keys(data), retiredMark] : unsure
  return sorted(all.filter((name) => !fields.includes(name)))
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}

/** Every edit moves these. */
const auditFields = ['updated_at', 'updated_by']
