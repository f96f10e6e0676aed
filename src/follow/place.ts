/** Where the follower is after having seen some events: the arithmetic of cursor and gaps. Pure. */
import type { Cursor } from '../cache/ports.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'
import { type Gap, missingIds } from './gaps.ts'
import type { Head } from './head.ts'

/**
 * After a batch that ascends from the cursor. `letGo`: there are more gaps than can be remembered and the oldest were
 * given up, so everything cached must go with them.
 */
export function afterBatch(
  cursor: Cursor,
  events: readonly EventLogEntry[],
  now: number,
  gapLimit: number,
): { readonly cursor: Cursor; readonly letGo: boolean } {
  const lastId = events.at(-1)!.id // only called with events
  // Ids may jump by more than can be remembered; those too far below are never listed.
  const from = Math.max(cursor.lastId, lastId - events.length - gapLimit)
  const ids = events.map((event) => event.id).filter((id) => id > from)
  const gaps = [...cursor.gaps, ...gapsOf(missingIds(from, ids), now)]
  const letGo = gaps.length > gapLimit || from > cursor.lastId
  return { cursor: { ...cursor, lastId, gaps: gaps.slice(-gapLimit) }, letGo }
}

/** After missing events have appeared. */
export function afterLate(cursor: Cursor, events: readonly EventLogEntry[]): Cursor {
  const found = new Set(events.map((event) => event.id))
  return { ...cursor, gaps: cursor.gaps.filter((gap) => !found.has(gap.id)) }
}

/**
 * At the head of the event log, after the entries of the window below it. Gaps of before are kept: a culled log does
 * not make a transaction commit any sooner.
 */
export function afterHead(before: Cursor | undefined, head: Head, now: number, gapLimit: number): Cursor {
  const { lastId, above, events } = head
  const ids = events.map((event) => event.id)
  // The window ends with the newest entry, unless that was culled meanwhile.
  const missing = missingIds(above, ids.at(-1) === lastId ? ids : [...ids, lastId])
  const older = (before?.gaps ?? []).filter((gap) => gap.id <= above)
  const gaps = [...older, ...gapsOf(missing, now)].slice(-gapLimit)
  return { lastId, gaps, sweptAt: before?.sweptAt ?? {} }
}

function gapsOf(ids: readonly number[], since: number): Gap[] {
  return ids.map((id) => ({ id, since }))
}
