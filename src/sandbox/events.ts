/**
 * The rows of the event log that a write leaves behind, as the real site spells them: one event a changed field, marked
 * `in_create` when it belongs to a create and standing before the event of the create itself.
 */

import { eventDateTime } from './dates.ts'
import { displayName } from './display-name.ts'
import type { FieldSpec } from './field-spec.ts'
import { isRef, liveRow, type Ref, type StoredRow } from './row.ts'
import type { Writing } from './writing.ts'

type Meta = Readonly<Record<string, unknown>>

interface EventOf {
  readonly name: string
  readonly row: Ref | null
  readonly attribute: string | null
  readonly meta: Meta
  readonly project: Ref | null
}

/** Writes one event; its id, or `undefined` if the writer leaves none. */
export function emit(writing: Writing, event: EventOf): number | undefined {
  const { world, tx, caller, now, silent } = writing
  if (silent) return undefined
  const id = world.eventLog.takeId()
  const sudo = caller.sudoActual && { sudo_actual_user: caller.sudoActual }
  const meta = world.random.chance(world.switches.metaNullShare) ? null : { ...event.meta, ...sudo }
  tx.event({
    type: 'EventLogEntry',
    id,
    retired: false,
    values: {
      event_type: event.name,
      attribute_name: event.attribute,
      meta,
      entity: event.row && { type: event.row.type, id: event.row.id },
      project: event.project,
      user: caller.user,
      session_uuid: caller.sessionUuid,
      created_at: now,
      description: sentence(caller.userName, event),
    },
  })
  return id
}

export interface FieldChange {
  readonly row: StoredRow
  readonly field: FieldSpec
  readonly inCreate: boolean
}

/** A single value changed. */
export function emitChange(writing: Writing, change: FieldChange, before: unknown, after: unknown): number | undefined {
  const { dataType } = change.field
  const value = (raw: unknown) => metaValue(writing, dataType, raw)
  return emitAttribute(writing, change, { old_value: value(before), new_value: value(after) })
}

/** What came into a list of links and what left it. There is no old or new value. */
export function emitListChange(
  writing: Writing,
  change: FieldChange,
  added: readonly Ref[],
  removed: readonly Ref[],
): number | undefined {
  const links = (refs: readonly Ref[]) => refs.map((ref) => metaLink(writing, ref))
  return emitAttribute(writing, change, { added: links(added), removed: links(removed) })
}

export function emitAttribute(writing: Writing, change: FieldChange, details: Meta): number | undefined {
  const { row, field, inCreate } = change
  return emit(writing, {
    name: `Shotgun_${row.type}_Change`,
    row,
    attribute: field.name,
    project: projectOf(writing, row),
    meta: {
      type: 'attribute_change',
      attribute_name: field.name,
      entity_type: row.type,
      entity_id: row.id,
      field_data_type: field.dataType,
      ...details,
      ...(inCreate && { in_create: true }),
    },
  })
}

/**
 * The inverse side of a link: the list `list` of `target` changed because `change.field` of `change.row` did. The event
 * is the target's, but `meta` describes the other row.
 */
export function emitBackReference(
  writing: Writing,
  change: FieldChange,
  list: { readonly target: StoredRow; readonly field: string; readonly isAdded: boolean },
  originalId: number | undefined,
): void {
  if (!writing.world.switches.backReferenceEvents) return
  const { row, field, inCreate } = change
  const link = [{ type: row.type, id: row.id, name: displayName(row) }]
  emit(writing, {
    name: `Shotgun_${list.target.type}_Change`,
    row: list.target,
    attribute: list.field,
    project: projectOf(writing, list.target),
    meta: {
      type: 'attribute_change',
      attribute_name: list.field,
      actual_attribute_changed: `${row.type}.${field.name}`,
      ...(originalId !== undefined && { original_event_log_entry_id: originalId }),
      entity_type: row.type,
      entity_id: row.id,
      field_data_type: field.dataType,
      added: list.isAdded ? link : [],
      removed: list.isAdded ? [] : link,
      ...(inCreate && { in_create: true }),
    },
  })
}

export function emitNew(writing: Writing, row: StoredRow): void {
  const meta = { type: 'new_entity', entity_type: row.type, entity_id: row.id }
  emit(writing, { name: `Shotgun_${row.type}_New`, row, attribute: null, meta, project: projectOf(writing, row) })
}

/** A delete is two events: the retirement, and the change of a field that no schema shows. */
export function emitRetirement(writing: Writing, row: StoredRow): void {
  const at = eventDateTime(writing.now)
  const project = projectOf(writing, row)
  const about = { entity_type: row.type, entity_id: row.id }
  emit(writing, {
    name: `Shotgun_${row.type}_Retirement`,
    row,
    attribute: null,
    project,
    meta: {
      type: 'entity_retirement',
      id: row.id,
      ...about,
      class_name: row.type,
      display_name: displayName(row),
      retirement_date: at,
    },
  })
  emit(writing, {
    name: `Shotgun_${row.type}_Change`,
    row,
    attribute: 'retirement_date',
    project,
    meta: {
      type: 'attribute_change',
      attribute_name: 'retirement_date',
      ...about,
      field_data_type: 'date_time',
      old_value: null,
      new_value: at,
    },
  })
}

export function emitRevival(writing: Writing, row: StoredRow): void {
  const meta = { type: 'entity_revival', entity_type: row.type, entity_id: row.id }
  emit(writing, { name: `Shotgun_${row.type}_Revival`, row, attribute: null, meta, project: projectOf(writing, row) })
}

/** Somebody has read a note, or taken that back. `Reading` is no type of rows: the event's row is the note. */
export function emitReading(writing: Writing, note: StoredRow, value: unknown): void {
  const meta = { type: 'attribute_change', attribute_name: 'value', entity_type: 'Reading', new_value: value }
  const project = projectOf(writing, note)
  emit(writing, { name: 'Shotgun_Reading_Change', row: note, attribute: 'value', meta, project })
}

/** An event that is about no row: the schema, preferences, permissions. */
export function emitSiteEvent(writing: Writing, name: string, meta: Meta): void {
  emit(writing, { name, row: null, attribute: null, meta, project: null })
}

/** The project an event is tagged with: the row's own; a project's is itself; a reply's is its note's. */
export function projectOf(writing: Writing, row: StoredRow): Ref | null {
  if (row.type === 'Project') return { type: 'Project', id: row.id }
  if (row.type === 'Reply') {
    const note = liveRow(writing.tx.view, row.values.entity)
    return note ? projectOf(writing, note) : null
  }
  const { project } = row.values
  return isRef(project) ? { type: project.type, id: project.id } : null
}

function metaValue(writing: Writing, dataType: string, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (dataType === 'date_time') return eventDateTime(String(value))
  if (dataType === 'password') return '*******'
  return isRef(value) ? metaLink(writing, value) : value
}

function metaLink(writing: Writing, ref: Ref): Meta {
  const row = writing.tx.view.get(ref.type, ref.id)
  return {
    type: ref.type,
    id: ref.id,
    name: row ? displayName(row) : null,
    status: row?.values.sg_status_list ?? null,
    uuid: null,
    valid: row && !row.retired ? 'valid' : 'retired',
  }
}

function sentence(user: string, event: EventOf): string {
  const [, type, action] = /^[^_]+_(.+)_([^_]+)$/.exec(event.name) ?? []
  const row = event.row ? ` ${event.row.id}` : ''
  return `${user}: ${action ?? event.name} of ${type ?? 'site'}${row}${event.attribute ? `, ${event.attribute}` : ''}`
}
