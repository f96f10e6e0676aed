/**
 * What the follower has seen, as `log_append_seen` takes it: one JSON line for each entry of ShotGrid's event log, with
 * the place of its first record among those that are appended with it.
 */
import type { ChangeRecord } from '../../cache/change.ts'
import type { SeenEvent } from '../../cache/ports.ts'
import { plainJson } from './plain.ts'

export function seenLines(records: readonly ChangeRecord[], seen: readonly SeenEvent[]): string {
  const told = new Map<number, { readonly place: number; changes: number }>()
  for (const [index, { eventId }] of records.entries()) {
    if (eventId === undefined) continue
    const known = told.get(eventId)
    if (known) known.changes += 1
    else told.set(eventId, { place: index + 1, changes: 1 })
  }
  const untold = { place: records.length, changes: 0 }
  return seen.map((event) => plainJson({ id: event.id, ...(told.get(event.id) ?? untold), event })).join('\n')
}
