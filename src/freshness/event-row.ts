/**
 * Which row and which field an event is about: `entity` and `meta` together, since each of them misleads at times.
 *
 * `entity` is null as soon as its row is retired, also on events from before. `meta` describes the other row on the
 * inverse side of a link, and may be missing.
 */
import type { RowRef } from '../cache/change.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'

type Meta = Readonly<Record<string, unknown>>

const noMeta: Meta = {}

export function metaOf(event: EventLogEntry): Meta {
  return event.meta ?? noMeta
}

/** Whether `meta` describes another row than the one whose field changed. */
export function isInverse(event: EventLogEntry, type: string): boolean {
  const meta = metaOf(event)
  if (meta.actual_attribute_changed !== undefined && meta.actual_attribute_changed !== null) return true
  return typeof meta.entity_type === 'string' && meta.entity_type !== type
}

/** The row that `meta` describes. */
export function otherRow(event: EventLogEntry): RowRef | undefined {
  const { entity_type: type, entity_id: id } = metaOf(event)
  return typeof type === 'string' && typeof id === 'number' ? { type, id } : undefined
}

/** The row of `type` concerned; both if `entity` and `meta` disagree, `any` if neither tells. */
export function eventRow(event: EventLogEntry, type: string): readonly number[] | 'any' {
  const ids = new Set<number>()
  if (event.entity?.type === type) ids.add(event.entity.id)
  const described = isInverse(event, type) ? undefined : otherRow(event)
  if (described) ids.add(described.id)
  return ids.size > 0 ? [...ids] : 'any'
}

/** The field that changed; `any` if it is not named, or named twice differently. */
export function eventField(event: EventLogEntry): string {
  const named = event.attribute_name
  const described = metaOf(event).attribute_name
  if (typeof described !== 'string') return named ?? 'any'
  return named === null || named === undefined || named === described ? described : 'any'
}
