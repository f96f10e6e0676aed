/**
 * The Postgres tier: several processes share one store and one log, both durable, each with a near cache in front.
 *
 * The log is in Postgres alone, so losing Redis, which is before Postgres for entries if it is used at all, costs time
 * and nothing else (rule 1). Opening it waits for no server: until Postgres is there, reads go upstream; the schema is
 * made or upgraded when it is.
 *
 * Law 3 is strict across a failover if the standby that takes over is a synchronous one: an old primary that was cut off
 * then confirms nothing any more, so no process keeps its right by it.
 */
import { createChangeWindow } from '../../cache/change-window.ts'
import { NearCache, type NearCacheOptions } from '../../cache/near-cache.ts'
import type { Backend } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'
import type { RedisConnection } from '../redis/connection-options.ts'
import type { RedisEntries } from '../redis/redis.ts'
import type { LogEvent } from '../shared/log-event.ts'
import type { SharedSettings } from '../shared/settings.ts'
import { SharedLog } from '../shared/shared-log.ts'
import type { PostgresConnection } from './connection-options.ts'
import { openEntries } from './entries.ts'
import { migrate, missingIn } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { PostgresPool } from './pool.ts'
import { PostgresLog } from './postgres-log.ts'
import { PostgresTypes } from './postgres-types.ts'
import { claimSchema } from './site.ts'

export interface PostgresBackendOptions {
  readonly tier: 'postgres'
  readonly postgres: PostgresConnection
  /** A schema is of one site, as ids mean nothing at another. */
  readonly site: string
  readonly shared: SharedSettings
  /** Before Postgres for entries; without it, Postgres alone. */
  readonly redis?: RedisConnection
  /** The longest that an entry stays in Redis. */
  readonly l1TtlMs: number
  readonly near: NearCacheOptions
  readonly clock: Clock
  /** A new random id, at least 64 bits. */
  readonly newId: () => string
  /** How many changes are held, here and in Postgres. */
  readonly changeLimit: number
  /** Whether the tables that people query are kept, for which one connection is left. See `PostgresLogOptions`. */
  readonly isRecorded?: boolean
  readonly report: (event: LogEvent) => void
  /** Told of connections that fail or are lost, and of trouble of one level of the store that another made up for. */
  readonly onConnectionError: (error: unknown) => void
}

/** Rejects with BACKEND_UNFIT if the server is there and can never be used. */
export async function openPostgresBackend(options: PostgresBackendOptions): Promise<Backend> {
  const { postgres, site, shared, clock, newId, changeLimit, isRecorded = false, report } = options
  const share = shareOf(postgres.connections, isRecorded)
  const pool = new PostgresPool({
    connection: postgres,
    clock,
    connections: share.log,
    deadlineMs: shared.deadlineMs,
    applicationName: 'sgcache log',
  })
  await refuseUnfit(pool, site)
  const quarantineMs = shared.leaseMs + shared.slackMs
  const prepare = async () => {
    await migrate(pool, migrations)
    await claimSchema(pool, site)
  }
  const server = new PostgresLog({ pool, clock, prepare, changeLimit, quarantineMs, isRecorded })
  const window = createChangeWindow({ epoch: newId(), clock, limit: changeLimit })
  const log = new SharedLog({ server, window, clock, newId, member: newId(), settings: shared, quarantineMs, report })
  const near = new NearCache(options.near)
  const redis = await openRedis(options)
  const entries = openEntries({ ...options, connections: share.entries, ...(redis && { first: redis.store }) })
  log.start()
  return {
    tier: 'postgres',
    near,
    store: entries.store,
    log,
    cursors: log,
    lease: log,
    ...(redis && { flights: redis.flights }),
    types: new PostgresTypes(pool),
    processes: () => log.members,
    async close() {
      await log.close()
      await entries.close()
      await redis?.close()
      near.clear()
    },
  }
}

/** One connection is for news, and one for records. */
function shareOf(connections: number, isRecorded: boolean): { readonly log: number; readonly entries: number } {
  const log = Math.max(1, Math.floor(connections / 3))
  return { log, entries: Math.max(1, connections - log - (isRecorded ? 2 : 1)) }
}

/** Other trouble may pass, and is told when the log is entered. */
async function refuseUnfit(pool: PostgresPool, site: string): Promise<void> {
  try {
    const missing = await missingIn(pool, migrations)
    if (missing.length === 0) await claimSchema(pool, site)
  } catch (error) {
    if (!(error instanceof SgcacheError) || error.code !== 'BACKEND_UNFIT') return
    await pool.close()
    throw error
  }
}

async function openRedis(options: PostgresBackendOptions): Promise<RedisEntries | undefined> {
  const { redis, l1TtlMs } = options
  if (!redis) return undefined
  const { openRedisStore } = await import('../redis/redis.ts')
  return openRedisStore({ ...options, redis, maxTtlMs: l1TtlMs })
}
