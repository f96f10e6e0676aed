/**
 * The site's event log as the follower reads it: forward from an id, by ids, and its newest id.
 */
import type { EventLogEntry, FilterNode, Row, SortKey } from '../shotgrid/wire.ts'

export interface EventSource {
  /** The newest id; 0 if the log is empty. */
  newest(signal?: AbortSignal): Promise<number>
  /** At most `limit` entries with a greater id, by ascending id. */
  eventsAfter(id: number, limit: number, signal?: AbortSignal): Promise<readonly EventLogEntry[]>
  /** Those of the ids that can be seen now, by ascending id. */
  eventsById(ids: readonly number[], signal?: AbortSignal): Promise<readonly EventLogEntry[]>
}

/** Reads rows of a type; `ShotGridClient` does. */
export interface RowSource {
  find(
    type: string,
    conditions: readonly FilterNode[],
    fields: readonly string[],
    options?: {
      readonly sorts?: readonly SortKey[]
      readonly limit?: number
      readonly retired?: boolean
      readonly signal?: AbortSignal
    },
  ): Promise<readonly Row[]>
}

export const eventFields = [
  'event_type',
  'attribute_name',
  'meta',
  'entity',
  'project',
  'user',
  'session_uuid',
  'created_at',
] as const

export const byId = (direction: 'asc' | 'desc'): readonly SortKey[] => [{ field_name: 'id', direction }]

export function eventSource(rows: RowSource): EventSource {
  const read = async (condition: FilterNode, limit: number, signal?: AbortSignal) => {
    const options = { sorts: byId('asc'), limit, ...(signal && { signal }) }
    const found = await rows.find('EventLogEntry', [condition], eventFields, options)
    // The site's word: the fields asked for are on every row of the event log.
    return found as unknown as readonly EventLogEntry[]
  }
  return {
    async newest(signal) {
      const options = { sorts: byId('desc'), limit: 1, ...(signal && { signal }) }
      const [newest] = await rows.find('EventLogEntry', [], ['id'], options)
      return newest?.id ?? 0
    },
    eventsAfter: (id, limit, signal) => read({ path: 'id', relation: 'greater_than', values: [id] }, limit, signal),
    eventsById: (ids, signal) => read({ path: 'id', relation: 'in', values: ids }, ids.length, signal),
  }
}
