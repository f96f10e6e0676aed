/**
 * A line of the audit trail: one entry of ShotGrid's event log, or one change of ours that no event tells of. Pure.
 *
 * Values are ShotGrid's own words (`meta`), not what freshness makes of them: null is an empty value, absent an
 * unknown one.
 */

import { plainJson, plainText } from '../backends/postgres/plain.ts'
import type { Change } from '../cache/change.ts'
import { type EventKind, eventKind } from '../freshness/event-kind.ts'
import { eventField, eventRow, metaOf } from '../freshness/event-row.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'

/** By column of `event_log`. JSON columns are JSON text. */
export interface TrailLine {
  /** ISO, UTC. */
  readonly at: string
  readonly source: string
  readonly sg_event_id: number | null
  readonly event_type: string | null
  readonly kind: string
  readonly entity_type: string | null
  /** If it is one row. */
  readonly entity_id: number | null
  /** If they are several. */
  readonly entity_ids: readonly number[] | null
  readonly entity_name: string | null
  readonly field: string | null
  readonly old_value: string | null
  readonly new_value: string | null
  readonly added: string | null
  readonly removed: string | null
  readonly project_id: number | null
  readonly actor_type: string | null
  readonly actor_id: number | null
  readonly actor_name: string | null
  readonly session_uuid: string | null
  readonly meta: string | null
  readonly reason: string | null
  readonly is_consequence: boolean
  readonly seq: number
  readonly changes: number
  readonly appended_at: string
}

/** When an event was appended to the log, and as which changes: the seq of the first, or of the one before. */
export interface Appended {
  readonly seq: number
  readonly changes: number
  /** Wall time, ms. */
  readonly at: number
}

/** `reachMs`: a time of upstream's further back than this is not believed, and that of the append is taken. */
export function lineOfEvent(
  event: EventLogEntry,
  appended: Appended,
  isType: (type: string) => boolean,
  reachMs: number,
): TrailLine {
  const kind = eventKind(event.event_type, isType)
  const meta = metaOf(event)
  return {
    ...nothing,
    at: iso(believed(Date.parse(event.created_at), appended.at, reachMs)),
    source: 'event',
    sg_event_id: event.id,
    event_type: text(event.event_type),
    kind: kindName(kind),
    ...rowOfEvent(event, kind),
    field: kind.kind === 'row' && kind.action === 'Change' ? plainText(eventField(event)) : null,
    old_value: json(meta.old_value),
    new_value: json(meta.new_value),
    added: json(meta.added),
    removed: json(meta.removed),
    project_id: event.project?.id ?? null,
    actor_type: text(event.user?.type),
    actor_id: event.user?.id ?? null,
    actor_name: text(event.user?.name),
    session_uuid: text(event.session_uuid),
    meta: event.meta === null ? null : json(event.meta),
    seq: appended.seq,
    changes: appended.changes,
    appended_at: iso(appended.at),
  }
}

/** Of a change without an event. */
export function lineOfChange(change: Change): TrailLine {
  const { ids, actor } = change
  const [actorType, actorId] = actor?.split(' ') ?? []
  return {
    ...nothing,
    at: iso(change.at),
    source: change.source,
    kind: change.kind,
    entity_type: change.type === '*' ? null : plainText(change.type),
    ...rows(ids),
    field: change.field === 'any' ? null : plainText(change.field),
    old_value: json(change.old),
    new_value: json(change.new),
    added: json(change.added),
    removed: json(change.removed),
    project_id: typeof change.project === 'number' ? change.project : null,
    actor_type: text(actorType),
    actor_id: actorId !== undefined && /^\d+$/.test(actorId) ? Number(actorId) : null,
    meta: change.values ? plainJson({ values: change.values }) : null,
    reason: text(change.reason),
    is_consequence: change.isConsequence === true,
    seq: change.seq,
    changes: 1,
    appended_at: iso(change.at),
  }
}

/** What is left of a line that Postgres refuses: that something happened, and when. */
export function bareLine({ at, source, sg_event_id, kind, seq, changes, appended_at }: TrailLine): TrailLine {
  const known = { at, source, sg_event_id, kind, seq, changes, appended_at }
  return { ...nothing, ...known, reason: 'what it says could not be stored' }
}

const nothing = {
  ...{ sg_event_id: null, event_type: null, session_uuid: null, meta: null, reason: null, is_consequence: false },
  ...{ entity_type: null, entity_id: null, entity_ids: null, entity_name: null, project_id: null },
  ...{ field: null, old_value: null, new_value: null, added: null, removed: null },
  ...{ actor_type: null, actor_id: null, actor_name: null },
} as const

function kindName(kind: EventKind): string {
  if (kind.kind === 'nothing') return 'activity'
  return kind.kind === 'row' ? actionKinds[kind.action] : kind.kind
}

const actionKinds = { New: 'create', Change: 'change', Retirement: 'retire', Revival: 'revive' } as const

function rowOfEvent(event: EventLogEntry, kind: EventKind) {
  const { entity } = event
  const type = kind.kind === 'row' ? kind.type : (entity?.type ?? ('type' in kind ? kind.type : undefined))
  const ids = kind.kind === 'row' ? eventRow(event, kind.type) : entity ? [entity.id] : 'any'
  const isNamed = entity?.type === type && entity?.id === ids[0]
  return { entity_type: text(type), ...rows(ids), entity_name: isNamed ? text(entity?.name) : null }
}

function rows(ids: readonly number[] | 'any') {
  if (ids === 'any') return { entity_id: null, entity_ids: null }
  return ids.length === 1 ? { entity_id: ids[0]!, entity_ids: null } : { entity_id: null, entity_ids: ids }
}

/** A time that nobody can mean would make a partition of its own. */
function believed(at: number, appendedAt: number, reachMs: number): number {
  return at > appendedAt - reachMs && at < appendedAt + dayMs ? at : appendedAt
}

const dayMs = 86_400_000

function iso(at: number): string {
  return new Date(at).toISOString()
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? plainText(value) : null
}

function json(value: unknown): string | null {
  return value === undefined ? null : plainJson(value)
}
