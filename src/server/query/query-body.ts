/**
 * Reads the body of a query: its shape only, no schema. Every member is checked, unknown ones are refused, and the
 * first problem is told with its place.
 *
 * The result is the `read` that `find` of the Python client would send, so that a native and a drop-in query that mean
 * the same are one call and share one entry:
 *
 * - `limit` without `page`: one page of that size, nothing asked about further pages;
 * - otherwise pages of `limit`, 500 by default, and ShotGrid is asked whether there is a next one.
 */
import { SgcacheError } from '../../errors.ts'
import { type ReadCall, readCall } from '../../shotgrid/call.ts'
import type { SortKey } from '../../shotgrid/wire.ts'
import { readFilters, refuseDeep } from './filter-notation.ts'
import { isTable, problem, refuseUnknownKeys, shown, type Table } from './request-problem.ts'

const members = [
  'entity_type',
  'filters',
  'fields',
  'order',
  'limit',
  'page',
  'filter_operator',
  'retired_only',
  'include_archived_projects',
  'additional_filter_presets',
]
const defaultPageSize = 500
const mostFields = 1000
const mostPages = 10_000_000

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // V8 quotes a part of the text; it is the caller's own, but none of it belongs in a log.
    const reason = (error as Error).message.replace(/,? *("|\.\.\.)[\s\S]*$/, '')
    throw new SgcacheError('MALFORMED_JSON', { reason })
  }
}

/** `maxRows`: the largest page that may be asked for. */
export function readQuery(body: unknown, maxRows: number): ReadCall {
  if (!isTable(body)) throw problem('body', `an object is expected, not ${shown(body)}`)
  refuseUnknownKeys(body, members, 'body')
  const limit = body.limit === undefined ? undefined : wholeNumber(body.limit, 'limit', maxRows)
  const page = body.page === undefined ? undefined : wholeNumber(body.page, 'page', mostPages)
  const sorts = readOrder(body.order)
  const fields = readFields(body.fields)
  return readCall({
    type: readType(body.entity_type),
    return_fields: fields.length > 0 ? fields : ['id'],
    filters: readFilters(body.filters, body.filter_operator),
    return_only: readSwitch(body, 'retired_only', false) ? 'retired' : 'active',
    paging: { entities_per_page: limit ?? Math.min(defaultPageSize, maxRows), current_page: page ?? 1 },
    ...(sorts.length > 0 && { sorts }),
    include_archived_projects: readSwitch(body, 'include_archived_projects', true),
    additional_filter_presets: readPresets(body.additional_filter_presets),
    api_return_image_urls: true,
    return_paging_info_without_counts: limit === undefined || page !== undefined,
  })
}

export function readType(type: unknown): string {
  if (typeof type !== 'string') throw problem('entity_type', 'the name of an entity type is expected')
  // The type stands in cache keys and in the upstream call; no site has a type that is not such a word.
  if (!/^[A-Za-z][A-Za-z0-9_]{0,127}$/.test(type))
    throw problem('entity_type', `${shown(type)} is not a type name`, type)
  return type
}

export function readFields(fields: unknown): readonly string[] {
  if (fields === undefined) return []
  if (!Array.isArray(fields)) throw problem('fields', 'a list of field names is expected')
  if (fields.length > mostFields) throw problem('fields', `there are more than ${mostFields}`)
  for (const field of fields) {
    if (typeof field !== 'string' || field === '') throw problem('fields', `${shown(field)} is not a field name`)
  }
  return fields
}

function readOrder(order: unknown): readonly SortKey[] {
  if (order === undefined) return []
  if (!Array.isArray(order)) throw problem('order', 'a list such as [{"field_name": "code"}] is expected')
  return order.map((key, index) => readSort(key, `order[${index}]`))
}

/** `column` is what early versions of the Python client call `field_name`. */
function readSort(key: unknown, at: string): SortKey {
  if (!isTable(key)) throw problem(at, 'an object such as {"field_name": "code", "direction": "asc"} is expected')
  refuseUnknownKeys(key, ['field_name', 'direction', 'column'], at)
  const field_name = key.field_name ?? key.column
  const { direction } = key
  if (typeof field_name !== 'string' || field_name === '') throw problem(`${at}.field_name`, 'a field name is expected')
  if (direction !== undefined && direction !== 'asc' && direction !== 'desc') {
    throw problem(`${at}.direction`, `${shown(direction)} is neither "asc" nor "desc"`, direction)
  }
  return direction === undefined ? { field_name } : { field_name, direction }
}

function readPresets(presets: unknown): readonly Table[] {
  if (presets === undefined) return []
  const at = 'additional_filter_presets'
  if (!Array.isArray(presets) || !presets.every(isTable)) throw problem(at, 'a list of objects is expected')
  refuseDeep(presets, at)
  return presets
}

function readSwitch(body: Table, name: string, fallback: boolean): boolean {
  const value = body[name] ?? fallback
  if (typeof value !== 'boolean') throw problem(name, `${shown(value)} is neither true nor false`, value)
  return value
}

function wholeNumber(value: unknown, where: string, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value
  throw problem(where, `${shown(value)} is not a whole number from 1 to ${most}`, value)
}
