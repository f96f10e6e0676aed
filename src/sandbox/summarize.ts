/**
 * `summarize`: figures over the rows that pass, for all of them and for each group, groups within groups.
 */
import { candidates } from './candidates.ts'
import { malformed } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { type GroupKey, groupKeys } from './grouping.ts'
import { linkedRows } from './links.ts'
import { endOfPath, parsePath, seesPath } from './path.ts'
import { type Args, compileSelection, typeArgument } from './read.ts'
import type { Reading } from './reading.ts'
import type { StoredRow } from './row.ts'
import { compareValues } from './sorting.ts'
import { readField } from './values.ts'

interface Group {
  readonly group_name: string
  readonly group_value: unknown
  readonly summaries: Readonly<Record<string, unknown>>
  readonly groups?: readonly Group[]
}

/** The value of a field of a row, for summing up: links as the rows they lead to. */
type ValueOf = (row: StoredRow) => unknown

interface Summary {
  readonly name: string
  readonly of: (rows: readonly StoredRow[]) => unknown
}

export function summarize(reading: Reading, args: Args): unknown {
  const type = typeArgument(reading, args, 'summarize')
  const passes = compileSelection(reading, type, args)
  const rows = [...candidates(reading, type, args.filters)].filter(passes)
  const summaries = summariesOf(reading, type, args.summaries)
  const groupings = listArgument(args.grouping ?? [], 'grouping').map((grouping) => groupingOf(reading, type, grouping))
  return {
    summaries: figures(rows, summaries),
    ...(groupings.length > 0 && { groups: groupsOf(rows, groupings, summaries) }),
  }
}

function figures(rows: readonly StoredRow[], summaries: readonly Summary[]): Readonly<Record<string, unknown>> {
  // A second summary of the same field overwrites the first.
  return Object.fromEntries(summaries.map(({ name, of }) => [name, of(rows)]))
}

interface Grouping {
  readonly keysOf: (row: StoredRow) => readonly GroupKey[]
  readonly descending: boolean
}

function groupsOf(
  rows: readonly StoredRow[],
  [grouping, ...inner]: readonly Grouping[],
  summaries: readonly Summary[],
): readonly Group[] {
  const groups = new Map<string, { readonly key: GroupKey; readonly rows: StoredRow[] }>()
  for (const row of rows) {
    for (const key of grouping!.keysOf(row)) {
      const group = groups.get(key.id)
      if (group) group.rows.push(row)
      else groups.set(key.id, { key, rows: [row] })
    }
  }
  const sign = grouping!.descending ? -1 : 1
  return [...groups.values()]
    .sort((a, b) => sign * compareValues(a.key.rank, b.key.rank))
    .map(({ key, rows: members }) => ({
      group_name: key.name,
      group_value: key.value,
      summaries: figures(members, summaries),
      ...(inner.length > 0 && { groups: groupsOf(members, inner, summaries) }),
    }))
}

function groupingOf(reading: Reading, type: string, grouping: Args): Grouping {
  const [field, valueFrom] = fieldArgument(reading, type, grouping.field)
  return {
    keysOf: groupKeys(field, String(grouping.type), valueFrom),
    descending: grouping.direction === 'desc',
  }
}

function summariesOf(reading: Reading, type: string, summaries: unknown): readonly Summary[] {
  return listArgument(summaries, 'summaries').map(({ field: name, type: kind }) => {
    const [field, valueFrom] = fieldArgument(reading, type, name)
    const of = figureTypes[String(kind)]
    if (!of) throw malformed(`API summarize() invalid summary 'type': ${JSON.stringify(kind)}`)
    return { name: String(name), of: (rows) => of(rows.map(valueFrom), field) }
  })
}

function listArgument(list: unknown, name: string): readonly Args[] {
  if (!Array.isArray(list)) throw malformed(`API summarize() invalid/missing Array '${name}'.`)
  return list
}

function fieldArgument(reading: Reading, type: string, name: unknown): readonly [FieldSpec, ValueOf] {
  const path = typeof name === 'string' ? parsePath(reading, type, name) : undefined
  if (!path || path.throughList || !seesPath(reading, type, path)) {
    throw malformed(`API summarize() ${type}.${String(name)} doesn't exist.`)
  }
  const { field } = path
  return [
    field,
    (row) => {
      const end = endOfPath(reading, row, path)
      if (!end) return null
      if (field.validTypes.length > 0) return linkedRows(reading.view, end, field)
      return readField(reading, end, field) ?? null
    },
  ]
}

type Figure = (values: readonly unknown[], field: FieldSpec) => unknown

function present(values: readonly unknown[]): readonly unknown[] {
  return values.filter((value) => value !== null && !(Array.isArray(value) && value.length === 0))
}

function numbers(values: readonly unknown[]): readonly number[] {
  return values.filter((value): value is number => typeof value === 'number')
}

function texts(values: readonly unknown[]): readonly string[] {
  return values.filter((value): value is string => typeof value === 'string').sort()
}

function share(values: readonly unknown[], counts: (value: unknown) => boolean): number {
  return values.length === 0 ? 0 : (100 * values.filter(counts).length) / values.length
}

/** Statuses that count as done. */
const done = new Set<unknown>(['fin', 'apr', 'cmpt', 'clsd', 'dlvr'])

const figureTypes: Readonly<Record<string, Figure>> = {
  record_count: (values) => values.length,
  count: (values) => present(values).length,
  sum: (values) => numbers(values).reduce((sum, value) => sum + value, 0),
  maximum: (values) =>
    numbers(values).reduce<number | null>((max, value) => (max === null || value > max ? value : max), null),
  minimum: (values) =>
    numbers(values).reduce<number | null>((min, value) => (min === null || value < min ? value : min), null),
  average: (values) => {
    const known = numbers(values)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
  },
  earliest: (values) => texts(values)[0] ?? null,
  latest: (values) => texts(values).at(-1) ?? null,
  percentage: (values, field) =>
    field.dataType === 'checkbox' ? share(values, (value) => value === true) : share(values, (value) => value !== null),
  status_percentage: (values) => Math.round(share(values, (value) => done.has(value))),
  status_percentage_as_float: (values) => share(values, (value) => done.has(value)) / 100,
  status_list: (values) => {
    const statuses = new Set(values)
    return statuses.size === 1 ? [...statuses][0] : statuses.size === 0 ? null : 'ip'
  },
  checked: (values) => values.filter((value) => value === true).length,
  unchecked: (values) => values.filter((value) => value !== true).length,
}
