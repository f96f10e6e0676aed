/**
 * The rows that a reply shows, with those of their own fields that say something of the row to anybody: no values
 * reached through a dotted path, which are another row's; no pictures and files, whose addresses are signed and end; no
 * passwords; nothing that depends on who asks. A field that the schema does not know is left out.
 */
import type { Entry } from '../cache/entry.ts'
import { isRow } from '../freshness/truth.ts'
import { parseCall } from '../shotgrid/call.ts'
import { parseRead } from '../shotgrid/reply.ts'
import { isPerUser, type Schema } from '../shotgrid/schema.ts'

export type Values = Readonly<Record<string, unknown>>

export interface SeenRow {
  readonly type: string
  readonly id: number
  readonly values: Values
  readonly isRetired: boolean
  /** Wall time of the reply, ms. */
  readonly at: number
  /** The row is seen with at least the changes up to this seq. */
  readonly stamp: number
}

/** None for a reply of anything but rows. Throws `MalformedReply` or a `SyntaxError`. */
export function seenRows(entry: Entry, schema: Schema): readonly SeenRow[] {
  const call = parseCall(entry.call)
  if (call.operation !== 'read') return []
  const seen = { isRetired: call.retired, at: entry.fetchedAt, stamp: entry.stamp.seq }
  return parseRead(entry.body)
    .entities.filter(isRow)
    .map((row) => ({ type: row.type, id: row.id, values: ownValues(row, schema), ...seen }))
}

function ownValues({ type, id: _id, ...values }: { readonly type: string; readonly id: number }, schema: Schema) {
  return Object.fromEntries(Object.entries(values).filter(([field]) => isKept(schema, type, field)))
}

/** Whether the value of a field is kept for people to read. */
export function isKept(schema: Schema, type: string, field: string): boolean {
  const known = schema.field(type, field)
  return known !== undefined && field !== 'id' && !leftOut.has(known.dataType) && !isPerUser(field)
}

const leftOut = new Set(['image', 'url', 'serializable', 'password'])
