/**
 * The Redis tier: several processes share one store and one log, each with a near cache in front.
 *
 * Two connections: one for the log, whose small messages must not wait behind large replies, and one for entries.
 * Opening it waits for nothing: until Redis is there, reads go upstream.
 */
import { createChangeWindow } from '../../cache/change-window.ts'
import { NearCache, type NearCacheOptions } from '../../cache/near-cache.ts'
import type { Backend, FlightGate, SharedTypes, Store } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { createFrameStore } from '../frame-store.ts'
import type { LogEvent } from '../shared/log-event.ts'
import type { SharedSettings } from '../shared/settings.ts'
import { SharedLog } from '../shared/shared-log.ts'
import type { RedisConnection } from './connection-options.ts'
import { logKey } from './log-scripts.ts'
import { openEntriesLink, openLogLink } from './open-link.ts'
import { RedisFlights } from './redis-flights.ts'
import { RedisLog } from './redis-log.ts'
import { RedisStorage } from './redis-storage.ts'
import { RedisTypes } from './redis-types.ts'

export interface RedisBackendOptions {
  readonly tier: 'redis'
  readonly redis: RedisConnection
  readonly shared: SharedSettings
  readonly near: NearCacheOptions
  readonly clock: Clock
  /** A new random id, at least 64 bits. */
  readonly newId: () => string
  /** How many changes are held, here and in Redis. */
  readonly changeLimit: number
  readonly report: (event: LogEvent) => void
  /** Told of connections that fail or are lost. */
  readonly onConnectionError: (error: unknown) => void
}

export function openRedisBackend(options: RedisBackendOptions): Backend {
  const { redis, shared, clock, newId, changeLimit, report, onConnectionError } = options
  const near = new NearCache(options.near)
  const entries = openRedisStore(options)
  const quarantineMs = quarantineOf(redis, shared)
  const server = new RedisLog({
    link: openLogLink({ connection: redis, clock, onError: onConnectionError }, logKey(redis.prefix)),
    clock,
    prefix: redis.prefix,
    changeLimit,
    quarantineMs,
    deadlineMs: shared.deadlineMs,
    replicas: redis.replicas,
  })
  const window = createChangeWindow({ epoch: newId(), clock, limit: changeLimit })
  const log = new SharedLog({ server, window, clock, newId, member: newId(), settings: shared, quarantineMs, report })
  log.start()
  return {
    tier: 'redis',
    near,
    store: entries.store,
    log,
    cursors: log,
    lease: log,
    flights: entries.flights,
    types: entries.types,
    processes: () => log.members,
    async close() {
      await log.close()
      await entries.close()
      near.clear()
    },
  }
}

/** Rule 5: longer than any right lasts that may have been lost with the log, and than an old master goes on. */
function quarantineOf({ replicas, replicaLagMs }: RedisConnection, { leaseMs, slackMs }: SharedSettings): number {
  return leaseMs + slackMs + (replicas > 0 ? replicaLagMs : 0)
}

export interface RedisStoreOptions
  extends Pick<RedisBackendOptions, 'redis' | 'near' | 'clock' | 'newId' | 'onConnectionError'> {
  /** The longest that an entry stays; without it, as long as it is kept. */
  readonly maxTtlMs?: number
}

export interface RedisEntries {
  readonly store: Store
  readonly flights: FlightGate
  readonly types: SharedTypes
  close(): Promise<void>
}

/** Entries in Redis, over a connection of their own: all of this tier, and the first level of the one above. */
export function openRedisStore(options: RedisStoreOptions): RedisEntries {
  const { redis, near, clock, newId, onConnectionError, maxTtlMs } = options
  const link = openEntriesLink({ connection: redis, clock, onError: onConnectionError })
  const limitMs = redis.deadlineMs
  const storage = new RedisStorage({ link, prefix: `${redis.prefix}:e:`, limitMs, clock })
  const flights = new RedisFlights({
    link,
    clock,
    prefix: `${redis.prefix}:f:`,
    limitMs,
    newId,
    longestMs: longestFlightMs,
  })
  return {
    store: createFrameStore({
      storage,
      clock,
      maxEntryBytes: near.maxEntryBytes,
      ...(maxTtlMs !== undefined && { maxTtlMs }),
    }),
    flights,
    types: new RedisTypes({ link, clock, key: `${redis.prefix}:types`, limitMs }),
    close: () => link.close(),
  }
}

/** A read that takes longer is not waited for. */
const longestFlightMs = 30_000
