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
import type { ChangeRecord, RowRef } from '../cache/change.ts'
import { isLinkList, type Schema } from '../shotgrid/schema.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'
import { isAccessField } from './access-fields.ts'
import { birthsOf, rowKey } from './births.ts'
import { cascadesOf } from './cascades.ts'
import { connectionEnds, isConnection } from './connection-ends.ts'
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
  return facts(event, context).map((fact) => ({ ...origin, ...fact }))
}

function facts(event: EventLogEntry, context: Context): readonly Fact[] {
  const kind = eventKind(event.event_type, (type) => context.schema.has(type))
  if (kind.kind === 'nothing') return []
  if (kind.kind === 'schema') return [{ ...everything, kind: 'schema', reason: event.event_type }]
  if (kind.kind === 'access') return accessFacts(event)
  if (kind.kind === 'unclear') return unclearFacts(event, kind)
  const row = rowFacts(event, kind.type, kind.action, context)
  return [...row, ...connectionFacts(row, kind.type, context.schema), ...consequences(event, kind.type, kind.action)]
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
  if (action === 'New') {
    const values = ids === 'any' ? undefined : context.births.get(rowKey(type, ids[0]!))
    return [{ ...base, kind: 'create', ...(values && { values }) }]
  }
  return isSubsumed(event, type, ids, context) ? [] : changeFacts(event, base, context.schema)
}

function isSubsumed(event: EventLogEntry, type: string, ids: readonly number[] | 'any', context: Context): boolean {
  if (ids === 'any' || ids.length > 1 || isInverse(event, type)) return false
  const key = rowKey(type, ids[0]!)
  if (metaOf(event).in_create === true) return context.births.has(key)
  return eventField(event) === 'retirement_date' && context.retired.has(key)
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
 * A connection row is part of a list at each of its ends. A create may tell which rows it joins; else it can be any.
 */
function connectionFacts(facts: readonly Fact[], type: string, schema: Schema): readonly Fact[] {
  if (!isConnection(type)) return []
  return facts.flatMap((fact): readonly Fact[] => {
    const ends = connectionEnds(fact.type, schema)
    const reason = `${fact.kind} of a ${type}`
    if (!ends) return [{ ...everything, kind: 'flush', reason }]
    return ends.map((end) => ({
      kind: 'change',
      type: end.type,
      ids: linkedRows(fact, end.type),
      field: end.field,
      reason,
    }))
  })
}

function linkedRows(fact: Fact, type: string): readonly number[] | 'any' {
  const links = Object.values(fact.values ?? {}) as readonly (Partial<RowRef> | null)[] // only their shape is looked at
  const ids = links.filter((link) => link?.type === type && link.id !== undefined).map((link) => link!.id!)
  return ids.length > 0 ? ids : 'any'
}

/** What moves along with the row, without an event that says so. */
function consequences(event: EventLogEntry, type: string, action: RowAction): readonly Fact[] {
  const reason = `${event.event_type} ${event.entity?.id ?? metaOf(event).entity_id ?? ''}`.trim()
  const found: Fact[] = []
  if (isAccessField(type, action === 'Change' ? eventField(event) : action)) {
    found.push({ ...everything, kind: 'access', reason })
  }
  if (action === 'Retirement' || action === 'Revival') {
    const kind = action === 'Retirement' ? 'retire' : 'revive'
    for (const other of cascadesOf(type)) {
      found.push({ ...everything, kind: other === '*' ? 'flush' : kind, type: other, reason })
    }
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
