/**
 * `read`: the rows that pass, in order, one page of them, with the fields asked for.
 *
 * Without a sort the ids give the order, so a page is found without looking at the rows behind it.
 */
import type { PagingInfo, ReadResults, Row } from '../shotgrid/wire.ts'
import { candidates } from './candidates.ts'
import { malformed } from './fault.ts'
import { compileFilter, type RowTest } from './filter.ts'
import { endOfPath, endsOfPath, type FieldPath, hiddenField, parsePath, seesPath } from './path.ts'
import { compilePresets } from './presets.ts'
import type { Reading } from './reading.ts'
import { isRef, liveRow, type StoredRow } from './row.ts'
import { compileOrder } from './sorting.ts'
import { readField } from './values.ts'

export type Args = Readonly<Record<string, unknown>>

export function read(reading: Reading, args: Args): ReadResults {
  const type = typeArgument(reading, args)
  const { page, perPage } = pagingArgument(args.paging)
  const passes = compileSelection(reading, type, args)
  const order = compileOrder(reading, type, args.sorts)
  const inOrder = order === undefined || order.byId !== undefined
  const withCounts = args.return_paging_info === true
  const start = (page - 1) * perPage
  // One more than the page holds tells whether there is a next one; a sort and totals need all rows.
  const enough = !inOrder || withCounts ? Number.POSITIVE_INFINITY : start + perPage + 1
  const matching: StoredRow[] = []
  for (const row of candidates(reading, type, args.filters, order?.byId === 'desc')) {
    if (!passes(row)) continue
    matching.push(row)
    if (matching.length >= enough) break
  }
  const sorted = order && !inOrder ? order.sort(matching) : matching
  const render = compileFields(reading, type, args.return_fields)
  const entities = sorted.slice(start, start + perPage).map(render)
  return { entities, paging_info: pagingInfo(args, page, perPage, matching.length) }
}

export function typeArgument(reading: Reading, args: Args, method = 'read'): string {
  const { type } = args
  if (typeof type !== 'string' || !reading.schema.has(type)) {
    throw malformed(`API ${method}() invalid/missing string entity 'type': ${JSON.stringify(type)}`)
  }
  if (!reading.sight.seesType(type))
    throw malformed(`API ${method}() Entity of type ${type} cannot be accessed by this user.`)
  return type
}

/** Whether a row is among those a `read` or `summarize` is about. */
export function compileSelection(reading: Reading, type: string, args: Args): RowTest {
  if (args.filters === undefined) throw malformed(`API read() invalid/missing Hash 'filters'.`)
  const { return_only: only = 'active' } = args
  if (only !== 'active' && only !== 'retired') {
    throw malformed(`API read() invalid 'return_only': ${JSON.stringify(only)}. Valid: active, retired`)
  }
  const retired = only === 'retired'
  const tests: RowTest[] = [compileFilter(reading, type, args.filters)]
  if (!reading.sight.everything) tests.push((row) => reading.sight.seesRow(row))
  if (args.include_archived_projects === false) tests.push(notArchived(reading, type))
  const preset = compilePresets(reading, type, args.additional_filter_presets)
  if (preset) tests.push(preset)
  const [filter] = tests
  if (tests.length === 1) return (row) => row.retired === retired && filter!(row)
  return (row) => row.retired === retired && tests.every((test) => test(row))
}

function notArchived(reading: Reading, type: string): RowTest {
  if (type === 'Project') return (row) => row.values.archived !== true
  if (!reading.schema.field(type, 'project')) return () => true
  return (row) => liveRow(reading.view, row.values.project)?.values.archived !== true
}

function pagingArgument(paging: unknown): { readonly page: number; readonly perPage: number } {
  const { entities_per_page: perPage = 500, current_page: page = 1 } = (paging ?? {}) as Readonly<
    Record<string, unknown>
  >
  const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1
  if (!isCount(page) || !isCount(perPage)) {
    throw malformed(`API read() invalid 'paging': ${JSON.stringify(paging)}`)
  }
  return { page, perPage }
}

function pagingInfo(args: Args, page: number, perPage: number, found: number): PagingInfo {
  if (args.return_paging_info === true) {
    return {
      current_page: found === 0 ? 0 : page,
      page_count: Math.ceil(found / perPage),
      entity_count: found,
      entities_per_page: perPage,
    }
  }
  const info = { current_page: page, entities_per_page: perPage }
  return args.return_paging_info_without_counts === true ? { ...info, has_next_page: found > page * perPage } : info
}

type Render = (row: StoredRow) => Row

/** A field that does not exist is silently absent; the rest is there, with null or `[]` if it has no value. */
export function compileFields(reading: Reading, type: string, fields: unknown): Render {
  if (fields !== undefined && !Array.isArray(fields)) {
    throw malformed(`API read() expected an Array for 'return_fields', got: ${JSON.stringify(fields)}`)
  }
  const readers: [name: string, value: (row: StoredRow) => unknown][] = []
  for (const name of new Set((fields ?? []).map(String))) {
    const value = fieldReader(reading, type, name)
    if (value) readers.push([name, value])
  }
  return (row) => {
    const answer: Record<string, unknown> & { type: string; id: number } = { type: row.type, id: row.id }
    for (const [name, value] of readers) {
      const found = value(row)
      if (found !== undefined) answer[name] = found
    }
    return answer
  }
}

function fieldReader(reading: Reading, type: string, name: string): ((row: StoredRow) => unknown) | undefined {
  const plain = reading.schema.field(type, name) ?? hiddenField(type, name)
  if (plain) {
    if (reading.sight.seesField(type, name)) return (row) => readField(reading, row, plain)
    return hiddenReader(reading)
  }
  const path = parsePath(reading, type, name)
  if (!path) return undefined
  refuseHiddenType(reading, path)
  if (!seesPath(reading, type, path)) return hiddenReader(reading)
  if (path.throughList) return listReader(reading, path)
  return (row) => endValue(reading, row, path)
}

function endValue(reading: Reading, row: StoredRow, path: FieldPath): unknown {
  const end = endOfPath(reading, row, path)
  if (end) return readField(reading, end, path.field)
  return path.field.source.kind === 'computed' && path.field.dataType === 'pivot_column' ? undefined : null
}

function listReader(reading: Reading, path: FieldPath): ((row: StoredRow) => unknown) | undefined {
  switch (reading.switches.listPathReads) {
    case 'absent':
      return undefined
    case 'null':
      return () => null
    case 'list':
      return (row) => endsOfPath(reading, row, path).flatMap((end) => readField(reading, end, path.field) ?? [])
  }
}

function refuseHiddenType(reading: Reading, path: FieldPath): void {
  const unseen = path.hops.find((hop) => !reading.sight.seesType(hop.to))
  if (unseen && reading.switches.hiddenTypeInPath === 'fault') {
    throw malformed(`API read() Entity of type ${unseen.to} cannot be accessed by this user.`)
  }
}

function hiddenReader(reading: Reading): (() => unknown) | undefined {
  return reading.switches.hiddenFieldReads === 'null' ? () => null : undefined
}

/** The row a call names, alive and seen by the caller. */
export function visibleRow(reading: Reading, ref: unknown): StoredRow | undefined {
  const row = isRef(ref) ? liveRow(reading.view, ref) : undefined
  return row && reading.sight.seesRow(row) ? row : undefined
}
