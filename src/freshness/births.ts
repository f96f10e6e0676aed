/**
 * The creates of a batch of events, each with the values its row was born with.
 *
 * A create of a row writes one event for every field it fills, marked `in_create`, and then one for the row: dozens
 * for a single row. Folded together they are one change. A field without an event, or of which two events differ, is
 * unknown.
 */
import { isLinkList, type Schema } from '../shotgrid/schema.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'
import { eventKind } from './event-kind.ts'
import { eventField, eventRow, isInverse, metaOf } from './event-row.ts'
import { eventLinks, eventValue, isTruncated } from './event-values.ts'

export function rowKey(type: string, id: number): string {
  return `${type}:${id}`
}

/** `Type:id` of every row whose creation is in the batch, with its known values. */
export function birthsOf(
  events: readonly EventLogEntry[],
  schema: Schema,
): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const rows = events.map((event) => rowOf(event, schema))
  const births = new Map<string, Map<string, unknown>>()
  for (const row of rows) if (row?.action === 'New') births.set(row.key, new Map())
  events.forEach((event, index) => {
    const row = rows[index]
    const values = row?.action === 'Change' ? births.get(row.key) : undefined
    if (row && values && metaOf(event).in_create === true)
      fold(values, eventField(event), valueAtBirth(event, row.type, schema))
  })
  return new Map([...births].map(([key, values]) => [key, known(values)]))
}

interface EventRow {
  readonly key: string
  readonly type: string
  readonly action: string
}

/** The one row that the event describes, if it is certain. */
function rowOf(event: EventLogEntry, schema: Schema): EventRow | undefined {
  const kind = eventKind(event.event_type, (type) => schema.has(type))
  if (kind.kind !== 'row' || isInverse(event, kind.type)) return undefined
  const ids = eventRow(event, kind.type)
  if (ids === 'any' || ids.length !== 1) return undefined
  return { key: rowKey(kind.type, ids[0]!), type: kind.type, action: kind.action }
}

function fold(values: Map<string, unknown>, field: string, value: unknown): void {
  const agrees = !values.has(field) || JSON.stringify(values.get(field)) === JSON.stringify(value)
  values.set(field, agrees ? value : undefined)
}

function valueAtBirth(event: EventLogEntry, type: string, schema: Schema): unknown {
  const meta = metaOf(event)
  const dataType = schema.field(type, eventField(event))?.dataType ?? String(meta.field_data_type)
  if (isTruncated(meta)) return undefined
  if (!isLinkList(dataType)) return eventValue(dataType, meta.new_value)
  const removed = eventLinks(meta.removed)
  return removed && removed.length === 0 ? eventLinks(meta.added) : undefined
}

function known(values: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...values].filter(([field, value]) => value !== undefined && field !== 'any'))
}
