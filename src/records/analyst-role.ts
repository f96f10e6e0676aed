/**
 * What people may read: a role that may read the tables and views made for them, and nothing else of the schema.
 *
 * It needs no rights on partitions, future ones included: those are read through their tables.
 */
import type { PostgresPool } from '../backends/postgres/pool.ts'

/** Tables and views for people. */
export const readable = [
  'entities',
  'entity_history',
  'entity_versions',
  'event_log',
  'query_cache',
  'cache_stats',
  'cache_latency',
  'cache_stats_by_type',
  'top_queries',
  'hit_ratio',
  'who_changed_what',
  'busiest_scripts',
  'what_was_dropped',
  'dropped_queries',
  'slowest_endpoints',
] as const

/** Gives the role these rights and no others. False if there is no such role. */
export async function grantToAnalysts(pool: PostgresPool, role: string): Promise<boolean> {
  const found = await pool.query('select from pg_roles where rolname = $1', [role])
  if (found.length === 0) return false
  const name = `"${role}"`
  await pool.transaction(async (query) => {
    await query(`revoke all on all tables in schema ${pool.schema} from ${name}`)
    await query(`grant usage on schema ${pool.schema} to ${name}`)
    await query(`grant select on ${readable.map((table) => `${pool.schema}.${table}`).join(', ')} to ${name}`)
  })
  return true
}
