/**
 * Lets go of what is older than the tables are to reach back: partitions of old months, and rows of small tables in
 * batches. Once in an hour, by whichever process comes first.
 */
import type { PostgresPool } from '../backends/postgres/pool.ts'
import type { Clock } from '../clock.ts'
import { dropPartitions } from './partitions.ts'
import type { Report } from './recorder-event.ts'

export interface UpkeepOptions {
  readonly pool: PostgresPool
  readonly clock: Clock
  readonly retentionMs: number
  readonly statsRetentionMs: number
  /** Nothing is let go while our clock and the server's differ by more: one of them would let go of too much. */
  readonly skewMs: number
  readonly report: Report
}

export async function keepTables(options: UpkeepOptions): Promise<void> {
  const { pool, clock, retentionMs, statsRetentionMs, skewMs, report } = options
  if (!(await claim(pool, clock.now()))) return
  await compareClocks(pool, clock.now(), skewMs)
  const before = clock.now() - retentionMs
  for (const table of ['event_log', 'entity_history'] as const) {
    const names = await dropPartitions(pool, table, before)
    if (names.length > 0) report({ kind: 'partitions dropped', names })
  }
  await deleteRows(pool, 'query_cache', 'key', 'coalesce(last_accessed, created_at) < $1', before)
  await deleteRows(pool, 'record_instance', 'instance', 'flushed_at < $1', before)
  const day = new Date(clock.now() - statsRetentionMs).toISOString().slice(0, 10)
  for (const table of ['cache_stats', 'cache_latency', 'cache_stats_by_type']) {
    await pool.query(`delete from ${pool.schema}.${table} where day < $1::date`, [day])
  }
}

/** True for one process in an hour. */
async function claim(pool: PostgresPool, now: number): Promise<boolean> {
  const claimed = await pool.query(
    `update ${pool.schema}.record_progress set kept_at = to_timestamp($1 / 1000.0)
     where kept_at is null or kept_at < to_timestamp(($1 - $2::bigint) / 1000.0) or kept_at > to_timestamp($1 / 1000.0)
     returning kept_at`,
    [now, intervalMs],
  )
  return claimed.length > 0
}

const intervalMs = 3_600_000

async function compareClocks(pool: PostgresPool, now: number, skewMs: number): Promise<void> {
  const [server] = await pool.query<{ now: number }>('select (extract(epoch from now()) * 1000)::float8 as now')
  const skew = Math.abs(server!.now - now)
  if (skew > skewMs)
    throw new Error(`the clocks of this machine and of Postgres differ by ${Math.round(skew / 1000)} s`)
}

async function deleteRows(pool: PostgresPool, table: string, key: string, condition: string, before: number) {
  const at = new Date(before).toISOString()
  let deleted: readonly unknown[]
  do {
    deleted = await pool.query(
      `delete from ${pool.schema}.${table} where ${key} in
         (select ${key} from ${pool.schema}.${table} where ${condition} limit ${batch})
       returning ${key}`,
      [at],
    )
  } while (deleted.length === batch)
}

const batch = 5000
