/**
 * Adds counts to `query_cache`, `cache_stats`, `cache_latency` and `cache_stats_by_type`. Sums of all instances stand in
 * one row; each instance adds to it what it has counted since the last time.
 *
 * Rows are written in the order of their keys, so that instances which write at the same time wait in line.
 */
import { plainJson } from '../backends/postgres/plain.ts'
import type { Query } from '../backends/postgres/pool.ts'
import type { EndpointTotals } from './endpoint-counts.ts'
import type { QueryDelta } from './query-counts.ts'
import type { TypeDelta } from './type-counts.ts'

/** False if the counts of this flush are there already: the answer that said so was lost. */
export async function beginFlush(
  query: Query,
  schema: string,
  instance: string,
  flush: number,
  at: number,
): Promise<boolean> {
  const begun = await query(
    `insert into ${schema}.record_instance as known (instance, flush, flushed_at)
     values ($1, $2, to_timestamp($3 / 1000.0))
     on conflict (instance) do update set flush = excluded.flush, flushed_at = excluded.flushed_at
       where known.flush < excluded.flush
     returning flush`,
    [instance, flush, at],
  )
  return begun.length > 0
}

export async function addQueries(
  query: Query,
  schema: string,
  deltas: readonly QueryDelta[],
  at: number,
): Promise<void> {
  if (deltas.length === 0) return
  await query(
    `insert into ${schema}.query_cache as known (key, scope, entity_type, operation, filters, fields, options,
       created_at, fetched_at, expires_at, last_accessed, hit_count, fetch_count, drop_count, bytes, dropped_at,
       dropped_reason)
     select key, scope, type, operation, filters, fields, options, ${time('$2::bigint')}, ${time('"fetchedAt"')},
       ${time('"freshUntil"')}, case when hits + fetches > 0 then ${time('$2::bigint')} end, hits, fetches, drops, bytes,
       ${time('"droppedAt"')}, "droppedReason"
     from json_to_recordset($1) as given (key text, scope text, type text, operation text, filters jsonb, fields jsonb,
       options jsonb, hits bigint, fetches bigint, drops bigint, bytes bigint, "fetchedAt" bigint, "freshUntil" bigint,
       "droppedAt" bigint, "droppedReason" text)
     order by key
     on conflict (key) do update set
       hit_count = known.hit_count + excluded.hit_count,
       fetch_count = known.fetch_count + excluded.fetch_count,
       drop_count = known.drop_count + excluded.drop_count,
       last_accessed = greatest(known.last_accessed, excluded.last_accessed),
       bytes = case when excluded.fetched_at >= known.fetched_at or known.fetched_at is null
         then excluded.bytes else known.bytes end,
       expires_at = case when excluded.fetched_at >= known.fetched_at or known.fetched_at is null
         then excluded.expires_at else known.expires_at end,
       fetched_at = greatest(known.fetched_at, excluded.fetched_at),
       dropped_reason = case when excluded.dropped_at >= known.dropped_at or known.dropped_at is null
         then excluded.dropped_reason else known.dropped_reason end,
       dropped_at = greatest(known.dropped_at, excluded.dropped_at)`,
    [plainJson(deltas), at],
  )
}

/** `day`: `2026-11-28`. */
export async function addEndpoints(
  query: Query,
  schema: string,
  deltas: readonly EndpointTotals[],
  day: string,
): Promise<void> {
  if (deltas.length === 0) return
  await query(
    `insert into ${schema}.cache_stats as known (day, endpoint, request_count, hit_count, miss_count, stale_count,
       error_count, bytes, seconds)
     select $2::date, endpoint, requests, hits, misses, stale, errors, bytes, seconds
     from json_to_recordset($1) as given (endpoint text, requests bigint, hits bigint, misses bigint, stale bigint,
       errors bigint, bytes bigint, seconds double precision)
     order by endpoint
     on conflict (day, endpoint) do update set
       request_count = known.request_count + excluded.request_count,
       hit_count = known.hit_count + excluded.hit_count,
       miss_count = known.miss_count + excluded.miss_count,
       stale_count = known.stale_count + excluded.stale_count,
       error_count = known.error_count + excluded.error_count,
       bytes = known.bytes + excluded.bytes,
       seconds = known.seconds + excluded.seconds`,
    [JSON.stringify(deltas), day],
  )
  const buckets = deltas.flatMap(({ endpoint, buckets }) =>
    // Empty ones as well: a bucket begins where the one before it ends. JSON has no word for infinity; Postgres reads
    // this one.
    buckets.map(({ upperSeconds, count }) => ({ endpoint, upper: String(upperSeconds), count })),
  )
  await query(
    `insert into ${schema}.cache_latency as known (day, endpoint, upper_seconds, request_count)
     select $2::date, endpoint, upper::double precision, count
     from json_to_recordset($1) as given (endpoint text, upper text, count bigint)
     order by endpoint, upper::double precision
     on conflict (day, endpoint, upper_seconds) do update set
       request_count = known.request_count + excluded.request_count`,
    [JSON.stringify(buckets), day],
  )
}

export async function addTypes(query: Query, schema: string, deltas: readonly TypeDelta[], day: string): Promise<void> {
  if (deltas.length === 0) return
  await query(
    `insert into ${schema}.cache_stats_by_type as known (day, scope, entity_type, hit_count, miss_count, bypass_count,
       stale_count, fetch_count, fetched_bytes, drop_count)
     select $2::date, scope, type, hits, misses, bypasses, stale, fetches, "fetchedBytes", drops
     from json_to_recordset($1) as given (scope text, type text, hits bigint, misses bigint, bypasses bigint,
       stale bigint, fetches bigint, "fetchedBytes" bigint, drops bigint)
     order by scope, type
     on conflict (day, scope, entity_type) do update set
       hit_count = known.hit_count + excluded.hit_count,
       miss_count = known.miss_count + excluded.miss_count,
       bypass_count = known.bypass_count + excluded.bypass_count,
       stale_count = known.stale_count + excluded.stale_count,
       fetch_count = known.fetch_count + excluded.fetch_count,
       fetched_bytes = known.fetched_bytes + excluded.fetched_bytes,
       drop_count = known.drop_count + excluded.drop_count`,
    [JSON.stringify(deltas), day],
  )
}

function time(millis: string): string {
  return `to_timestamp(${millis} / 1000.0)`
}
