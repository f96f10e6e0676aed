/**
 * The tail of an event log that is older than the sandbox: ids begin well above 1, and the newest rows have the events
 * of their making.
 */

import { isoSeconds } from './dates.ts'
import { isRef } from './row.ts'
import type { Store } from './store.ts'

const firstId = 1_000
const newestVersions = 20

export function seedEvents(store: Store, nowMs: number): void {
  const log = store.table('EventLogEntry')
  while (log.takeId() < firstId - 1);
  for (const id of store.ids('Version').slice(-newestVersions)) {
    const row = store.get('Version', id)!
    store.put({
      type: 'EventLogEntry',
      id: log.takeId(),
      retired: false,
      values: {
        event_type: 'Shotgun_Version_New',
        attribute_name: null,
        meta: { type: 'new_entity', entity_type: 'Version', entity_id: id },
        entity: { type: 'Version', id },
        project: isRef(row.values.project) ? row.values.project : null,
        user: row.values.created_by,
        session_uuid: null,
        created_at: isoSeconds(nowMs - 3_600_000),
        description: `New of Version ${id}`,
      },
    })
  }
}
