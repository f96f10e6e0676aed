/**
 * Reading one row by its id: the call for it, the fields it has when none are named, and the projection of a row that
 * is cached with more fields than are asked for.
 */
import type { ReadCall } from '../shotgrid/call.ts'
import { readCall } from '../shotgrid/call.ts'
import { parseRead } from '../shotgrid/reply.ts'
import { isComputed, isPerUser, type Schema } from '../shotgrid/schema.ts'
import type { Row } from '../shotgrid/wire.ts'

/** The call of `find_one(type, [['id', 'is', id]], fields)`. */
export function entityCall(type: string, id: number, fields: readonly string[]): ReadCall {
  return readCall({
    type,
    return_fields: fields.length > 0 ? fields : ['id'],
    filters: { logical_operator: 'and', conditions: [{ path: 'id', relation: 'is', values: [id] }] },
    return_only: 'active',
    paging: { entities_per_page: 1, current_page: 1 },
    api_return_image_urls: true,
    return_paging_info_without_counts: false,
  })
}

/** Whether a call reads one row by its id, whatever fields it asks for. */
export function isEntityCall(call: ReadCall): boolean {
  const [leaf, ...others] = call.filters.conditions
  return (
    others.length === 0 &&
    leaf !== undefined &&
    'path' in leaf &&
    leaf.path === 'id' &&
    leaf.relation === 'is' &&
    call.page === 1 &&
    call.presets.length === 0
  )
}

/** Data types left out of a whole row: large, signed, secret, or not a plain value of the row. */
const notPlain = new Set(['image', 'url', 'serializable', 'password'])

/**
 * The fields of a whole row, sorted: everything stored that has a plain value. No images, files, serialised data,
 * computed or per-user fields: those are read when they are named.
 */
export function plainFields(schema: Schema, type: string): readonly string[] {
  const names = [...schema.fields(type).values()]
    .filter((field) => !notPlain.has(field.dataType) && !isComputed(field.dataType) && !isPerUser(field.name))
    .map((field) => field.name)
  return [...new Set(['id', ...names])].sort()
}

/** Whether a row cached with `has` can answer for `asked`. */
export function covers(has: readonly string[], asked: readonly string[]): boolean {
  const known = new Set(has)
  return asked.every((field) => known.has(field))
}

/** The reply that a whole row's reply holds for fewer fields, as the site would send it. */
export function projectReply(body: Buffer, fields: readonly string[]): Buffer {
  const results = parseRead(body)
  const entities = results.entities.map((row) => projectRow(row, fields))
  return Buffer.from(JSON.stringify({ results: { ...results, entities } }))
}

/** `{"results":{"entities":[row]}}` around the bytes of one row, as a read of that row alone is answered. */
export function replyOfRow(row: Buffer): Buffer {
  return Buffer.concat([rowPrefix, row, rowSuffix])
}

const rowPrefix = Buffer.from('{"results":{"entities":[')
const rowSuffix = Buffer.from('],"paging_info":{"current_page":1,"entities_per_page":1}}}')

function projectRow(row: Row, fields: readonly string[]): Row {
  const asked: Record<string, unknown> = {}
  for (const field of fields) if (field in row) asked[field] = row[field]
  return { type: row.type, id: row.id, ...asked }
}
