/**
 * Partitions by month (UTC) of the tables that grow: made before the first line of a month is written, let go when the
 * month is older than all is kept.
 *
 * Neither waits for somebody who reads, nor makes them wait: a table is attached and detached beside what goes on. Many
 * processes may do it at once: making is done under the lock of the progress, letting go by who has claimed it.
 */
import type { PostgresPool, Query } from '../backends/postgres/pool.ts'

export type Partitioned = 'event_log' | 'entity_history'

/** Makes the partitions that lines of these times (ms) go into. `known`: those that are there, to be asked for once. */
export async function ensurePartitions(
  query: Query,
  schema: string,
  table: Partitioned,
  times: Iterable<number>,
  known: Set<string>,
): Promise<void> {
  for (const month of new Set([...times].map(monthOf))) {
    const name = `${table}_${nameOf(month)}`
    if (known.has(name)) continue
    if (!(await isAttached(query, schema, name))) await attach(query, schema, table, name, month)
    known.add(name)
  }
}

/** Removes the partitions of months that ended before a time (ms). Gives their names. */
export async function dropPartitions(pool: PostgresPool, table: Partitioned, before: number): Promise<string[]> {
  const dropped: string[] = []
  for (const { name, isPending, isDetached } of await partitionsOf(pool, table)) {
    const month = monthIn(name)
    if (month === undefined || nextMonth(month) > before) continue
    const how = isPending ? 'finalize' : 'concurrently'
    if (!isDetached)
      await pool.query(`alter table ${pool.schema}.${table} detach partition ${pool.schema}.${name} ${how}`)
    await pool.query(`drop table if exists ${pool.schema}.${name}`)
    dropped.push(name)
  }
  return dropped
}

async function isAttached(query: Query, schema: string, name: string): Promise<boolean> {
  const found = await query(`select from pg_inherits where inhrelid = to_regclass($1)`, [`${schema}.${name}`])
  return found.length > 0
}

/** Creating it as a partition at once would lock out everybody who reads. */
async function attach(query: Query, schema: string, table: Partitioned, name: string, month: number): Promise<void> {
  const [from, to] = [month, nextMonth(month)].map((time) => new Date(time).toISOString())
  await query(`create table if not exists ${schema}.${name} (like ${schema}.${table} including defaults)`)
  await query(
    `alter table ${schema}.${table} attach partition ${schema}.${name} for values from ('${from}') to ('${to}')`,
  )
}

/** Those that are attached, those whose detaching was interrupted, and those that were detached and not yet dropped. */
function partitionsOf(pool: PostgresPool, table: Partitioned) {
  return pool.query<{ name: string; isPending: boolean; isDetached: boolean }>(
    `select relname as name, coalesce(inhdetachpending, false) as "isPending", inhrelid is null as "isDetached"
     from pg_class left join pg_inherits on inhrelid = oid
     where relnamespace = $1::regnamespace and relkind = 'r' and relname ~ $2 order by relname`,
    [pool.schema, `^${table}_\\d{4}_\\d\\d$`],
  )
}

/** The first moment (ms) of the month of a time. */
function monthOf(time: number): number {
  const date = new Date(time)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

function nextMonth(month: number): number {
  const date = new Date(month)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

function nameOf(month: number): string {
  return new Date(month).toISOString().slice(0, 7).replace('-', '_')
}

function monthIn(name: string): number | undefined {
  const parts = /_(\d{4})_(\d\d)$/.exec(name)
  return parts ? Date.UTC(Number(parts[1]), Number(parts[2]) - 1) : undefined
}
