/**
 * The groupings of `summarize`: which group, or groups, a row belongs to by the value of one field.
 */
import { isoDate, startOf } from './dates.ts'
import { displayName } from './display-name.ts'
import { malformed } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { refKey, type StoredRow } from './row.ts'

export interface GroupKey {
  /** Equal for equal groups. */
  readonly id: string
  readonly name: string
  readonly value: unknown
  /** What groups are ordered by. */
  readonly rank: string | number | null
}

const nothing: GroupKey = { id: '', name: '', value: null, rank: null }

/** Rows come with the rows they link to, other values as they are read. */
export function groupKeys(
  field: FieldSpec,
  type: string,
  valueFrom: (row: StoredRow) => unknown,
): (row: StoredRow) => readonly GroupKey[] {
  const keyOf = keyTypes[type]
  if (!keyOf) throw malformed(`API summarize() invalid grouping 'type': ${JSON.stringify(type)}`)
  if (field.validTypes.length === 0) return (row) => [scalarKey(valueFrom(row), keyOf)]
  return (row) => {
    const targets = valueFrom(row) as readonly StoredRow[] | null // null at the end of a path that leads nowhere
    return targets && targets.length > 0 ? targets.map((target) => linkKey(target, type)) : [nothing]
  }
}

function scalarKey(value: unknown, keyOf: KeyOf): GroupKey {
  if (value === null || value === undefined) return nothing
  if (typeof value === 'boolean') return { id: String(value), name: value ? '[X]' : '[ ]', value, rank: value ? 1 : 0 }
  return keyOf(value)
}

function linkKey(target: StoredRow, type: string): GroupKey {
  const name = displayName(target)
  if (type === 'entitytype') return { id: target.type, name: target.type, value: target.type, rank: target.type }
  if (type === 'firstletter') return firstLetter(name)
  const value = { type: target.type, id: target.id, name, valid: 'valid' }
  return { id: refKey(target), name, value, rank: `${name.toLowerCase()} ${String(target.id).padStart(12, '0')}` }
}

type KeyOf = (value: unknown) => GroupKey

function exact(value: unknown): GroupKey {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const rank = typeof value === 'number' ? value : text.toLowerCase()
  return { id: text, name: text, value, rank }
}

function firstLetter(value: unknown): GroupKey {
  return exact(String(value).charAt(0).toUpperCase())
}

const bucket =
  (size: number): KeyOf =>
  (value) => {
    if (typeof value !== 'number') return nothing
    const low = Math.floor(value / size) * size
    const name = `${low}-${low + size - 1}`
    return { id: name, name, value: name, rank: low }
  }

const period =
  (start: (ms: number) => number, nameOf: (start: string) => string = (day) => day): KeyOf =>
  (value) => {
    const ms = Date.parse(String(value))
    if (Number.isNaN(ms)) return nothing
    const day = isoDate(start(ms))
    return { id: day, name: nameOf(day), value: nameOf(day), rank: day }
  }

function quarter(ms: number): number {
  const date = new Date(ms)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (date.getUTCMonth() % 3), 1)
}

const days = (count: number) => (ms: number) => Math.floor(ms / (86_400_000 * count)) * 86_400_000 * count

const keyTypes: Readonly<Record<string, KeyOf>> = {
  exact,
  tens: bucket(10),
  hundreds: bucket(100),
  thousands: bucket(1_000),
  tensofthousands: bucket(10_000),
  hundredsofthousands: bucket(100_000),
  millions: bucket(1_000_000),
  day: period((ms) => startOf(ms, 'day')),
  week: period((ms) => startOf(ms, 'week')),
  month: period(
    (ms) => startOf(ms, 'month'),
    (day) => day.slice(0, 7),
  ),
  quarter: period(quarter, (day) => `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`),
  year: period(
    (ms) => startOf(ms, 'year'),
    (day) => day.slice(0, 4),
  ),
  clustered_date: period(
    (ms) => startOf(ms, 'month'),
    (day) => day.slice(0, 7),
  ),
  oneday: period(days(1)),
  fivedays: period(days(5)),
  entitytype: exact,
  firstletter: firstLetter,
}
