/**
 * Reads the change log where it is durable, in the transaction of whoever asks.
 *
 * Seqs are dense within an epoch and grow from one to the next, so a step larger than one is a new epoch, or changes
 * that were trimmed before they were recorded.
 */

import type { Query } from '../backends/postgres/pool.ts'
import type { Change, ChangeRecord } from '../cache/change.ts'

export interface LogHead {
  readonly epoch: string
  readonly head: number
  /** Changes up to this seq may be gone. */
  readonly coverage: number
}

/** Undefined before the first process has entered the log. */
export async function readLogHead(query: Query, schema: string): Promise<LogHead | undefined> {
  const [head] = await query<{ epoch: string; head: number; coverage: number }>(
    `select epoch, head, coverage from ${schema}.log_head`,
  )
  return head
}

/** Changes with `after < seq <= upTo`, in order, `limit` at most. The epoch they bear is the one given. */
export async function readChanges(
  query: Query,
  schema: string,
  range: { readonly epoch: string; readonly after: number; readonly upTo?: number; readonly limit: number },
): Promise<readonly Change[]> {
  const { epoch, after, upTo = Number.MAX_SAFE_INTEGER, limit } = range
  const rows = await query<{ seq: number; at: number; change: string }>(
    `select seq, at, change from ${schema}.log_change where seq > $1 and seq <= $2 order by seq limit $3`,
    [after, upTo, limit],
  )
  // Written by the log as a change record; what a later version has put into it is carried along unread.
  return rows.map(({ seq, at, change }) => ({ ...(JSON.parse(change) as ChangeRecord), epoch, seq, at }))
}
