/**
 * Turns entries of the site's event log into changes. Pure.
 *
 * Always true: what an event says is never narrowed beyond what it proves. A row that cannot be told is `any` row, a
 * value that cannot be told is absent, a name that cannot be read is a flush. Every data event becomes at least one
 * change, or is *subsumed* by another event of the same batch that says as much: the field changes of a create are
 * folded into it as its `values`, and a retirement speaks for its own `retirement_date`.
 *
 * An event of the *inverse side* of a link (`meta.actual_attribute_changed`) describes the other row; the row whose
 * list changed is `entity` alone.
 *
 * Costs one pass over the batch to find the creates, one to translate.
 */
import type { ChangeRecord } from '../cache/change.ts'
import { isLink, isLinkList, type Schema } from '../shotgrid/schema.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'
import { birthsOf, rowKey } from './births.ts'
import { consequencesOf } from './consequences.ts'
import { type EventKind, eventKind, type RowAction } from './event-kind.ts'
import { eventField, eventRow, isInverse, metaOf, otherRow } from './event-row.ts'
import { eventLinks, eventValue, isTruncated } from './event-values.ts'

/** In the order of the events; records of one event stand together and bear its id. */
export function changesOfEvents(events: readonly EventLogEntry[], schema: Schema): readonly ChangeRecord[] {
  const context = { schema, births: birthsOf(events, schema), retired: retiredRows(events, schema) }
  return events.flatMap((event) => changesOfEvent(event, context))
}

interface Context {
  readonly schema: Schema
  readonly births: ReturnType<typeof birthsOf>
  readonly retired: ReadonlySet<string>
}

type Fact = Omit<ChangeRecord, 'source' | 'eventId' | 'eventAt' | 'actor'>

const everything = { type: '*', ids: 'any', field: 'any' } as const

function changesOfEvent(event: EventLogEntry, context: Context): readonly ChangeRecord[] {
  const at = Date.parse(event.created_at)
  const origin = {
    source: 'event',
    eventId: event.id,
    ...(Number.isFinite(at) && { eventAt: at }),
    ...(event.user && { actor: `${event.user.type} ${event.user.id}` }),
  } as const
  const records = facts(event, context).map((fact): ChangeRecord => ({ ...origin, ...fact }))
  const moved = records.filter((record) => !isSubsumed(event, record, context))
  const further = moved.flatMap((record) => consequencesOf(record, context.schema, isInverse(event, record.type)))
  return [...moved, ...further.map((record) => ({ ...origin, ...record }))]
}

function facts(event: EventLogEntry, context: Context): readonly Fact[] {
  const kind = eventKind(event.event_type, (type) => context.schema.has(type))
  if (kind.kind === 'nothing') return []
  if (kind.kind === 'schema') return [{ ...everything, kind: 'schema', reason: event.event_type }]
  if (kind.kind === 'access') return accessFacts(event)
  if (kind.kind === 'unclear') return unclearFacts(event, kind)
  return rowFacts(event, kind.type, kind.action, context)
}

/** Permission rules were edited: who sees what, and the rule set itself as a row. */
function accessFacts(event: EventLogEntry): readonly Fact[] {
  const reason = event.event_type
  return [
    { ...everything, kind: 'access', reason },
    { ...everything, kind: 'change', type: 'PermissionRuleSet', reason },
  ]
}

function unclearFacts(event: EventLogEntry, kind: Extract<EventKind, { kind: 'unclear' }>): readonly Fact[] {
  const reason = `event that cannot be read: ${event.event_type}`
  const flush = { ...everything, kind: 'flush', type: kind.type ?? '*', reason } as const
  const named = event.entity && event.entity.type !== kind.type ? event.entity : undefined
  return named ? [flush, { ...flush, type: named.type }] : [flush]
}

function rowFacts(event: EventLogEntry, type: string, action: RowAction, context: Context): readonly Fact[] {
  const ids = eventRow(event, type)
  const base = { type, ids, field: 'any', ...projectOf(event, type, context.schema) } as const
  if (action === 'Retirement') return [{ ...base, kind: 'retire' }]
  if (action === 'Revival') return [{ ...base, kind: 'revive' }]
  if (action === 'Change') return changeFacts(event, base, context.schema)
  const values = ids === 'any' ? undefined : context.births.get(rowKey(type, ids[0]!))
  return [{ ...base, kind: 'create', ...(values && { values }) }]
}

/**
 * Whether another event of the batch says as much: the create that this belongs to, or the retirement. A link that the
 * create does not know the value of still tells that rows elsewhere have changed.
 */
function isSubsumed(event: EventLogEntry, record: ChangeRecord, { births, retired, schema }: Context): boolean {
  const { kind, type, ids, field } = record
  if (kind !== 'change' || ids === 'any' || ids.length > 1 || isInverse(event, type)) return false
  const key = rowKey(type, ids[0]!)
  if (metaOf(event).in_create === true) {
    const values = births.get(key)
    return values !== undefined && (values[field] !== undefined || !isLink(schema.field(type, field)?.dataType ?? ''))
  }
  return field === 'retirement_date' && retired.has(key)
}

function changeFacts(event: EventLogEntry, base: Omit<Fact, 'kind'>, schema: Schema): readonly Fact[] {
  const field = eventField(event)
  const change: Fact = { ...base, kind: 'change', field }
  const changes =
    base.ids === 'any' || base.ids.length === 1 ? [{ ...change, ...valuesOf(event, change, schema) }] : [change]
  return [...changes, ...otherSide(event, base.type)]
}

/** What is known of the old and the new value: pairs for single values, what came and went for lists. */
function valuesOf(event: EventLogEntry, change: Fact, schema: Schema): Partial<Fact> {
  const meta = metaOf(event)
  const known = schema.field(change.type, change.field)?.dataType
  if (isInverse(event, change.type)) return known && !isLinkList(known) ? {} : linksOf(event, change.type)
  const dataType = known ?? String(meta.field_data_type)
  // A field that was retyped since: the event's values are of the old kind.
  if (isTruncated(meta) || (typeof meta.field_data_type === 'string' && meta.field_data_type !== dataType)) return {}
  if (isLinkList(dataType)) return linksOf(event, change.type)
  const before = eventValue(dataType, meta.old_value)
  const after = eventValue(dataType, meta.new_value)
  return { ...(before !== undefined && { old: before }), ...(after !== undefined && { new: after }) }
}

function linksOf(event: EventLogEntry, type: string): Partial<Fact> {
  const meta = metaOf(event)
  const added = eventLinks(meta.added)
  const removed = eventLinks(meta.removed)
  if (!added || !removed || isTruncated(meta)) return {}
  const other = isInverse(event, type) && otherRow(event)
  const namesOther = !other || [...added, ...removed].some((row) => row.type === other.type && row.id === other.id)
  return namesOther ? { added, removed } : {}
}

/**
 * The link itself has an event of its own, which the inverse side names. Where it names none, the link is taken as
 * changed too; and so is a row that an event names although it is of another type than the event's name says.
 */
function otherSide(event: EventLogEntry, type: string): readonly Fact[] {
  const { actual_attribute_changed: actual, original_event_log_entry_id: original } = metaOf(event)
  const found: Fact[] = []
  const other = isInverse(event, type) ? otherRow(event) : undefined
  if (other && typeof original !== 'number') {
    const field = typeof actual === 'string' ? actual.slice(actual.indexOf('.') + 1) : 'any'
    found.push({ kind: 'change', type: other.type, ids: [other.id], field })
  }
  if (event.entity && event.entity.type !== type) {
    found.push({ kind: 'change', type: event.entity.type, ids: [event.entity.id], field: 'any' })
  }
  return found
}

/**
 * The project named by the event is the row's own. None is named for rows outside projects, but also when the project
 * is retired; on the inverse side it may be the other row's.
 */
function projectOf(event: EventLogEntry, type: string, schema: Schema): { readonly project?: number | 'none' } {
  if (isInverse(event, type)) return {}
  if (event.project) return { project: event.project.id }
  return schema.has(type) && !schema.field(type, 'project') ? { project: 'none' } : {}
}

function retiredRows(events: readonly EventLogEntry[], schema: Schema): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const event of events) {
    const kind = eventKind(event.event_type, (type) => schema.has(type))
    if (kind.kind !== 'row' || kind.action !== 'Retirement') continue
    const ids = eventRow(event, kind.type)
    if (ids !== 'any') keys.add(rowKey(kind.type, ids[0]!))
  }
  return keys
}
