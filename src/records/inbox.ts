/**
 * The entries of ShotGrid's event log that were appended and are not in the trail yet. They come in with the append of
 * their changes, and go out in the transaction that writes their lines: none is lost between, and one that comes in
 * again is not written again.
 */
import type { Query } from '../backends/postgres/pool.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'
import type { Appended } from './trail-line.ts'

export interface InboxEvent {
  readonly event: EventLogEntry
  readonly appended: Appended
}

/** Takes those whose first change is not after `upTo`, oldest first, `limit` at most. */
export async function takeEvents(
  query: Query,
  schema: string,
  upTo: number,
  limit: number,
): Promise<readonly InboxEvent[]> {
  const rows = await query<{ event: string; seq: number; changes: number; at: number }>(
    `with oldest as (select id from ${schema}.event_inbox where seq <= $1 order by seq, id limit $2),
       taken as (delete from ${schema}.event_inbox where id in (select id from oldest)
         returning id, event, seq, changes, appended_at as at)
     select event, seq, changes, at from taken order by id`,
    [upTo, limit],
  )
  // Written from what the follower read.
  return rows.map(({ event, ...appended }) => ({ event: JSON.parse(event) as EventLogEntry, appended }))
}
