/**
 * The entries of the Postgres tier: Redis, if there is one, before a read replica, if there is one, before the primary.
 *
 * A replica that lags behind has old copies or none. Neither does harm: stamps decide, and the primary is asked next.
 */
import type { NearCacheOptions } from '../../cache/near-cache.ts'
import type { Store } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { createFrameStore } from '../frame-store.ts'
import { createLayeredStore, type Level } from '../layered-store.ts'
import type { PostgresConnection } from './connection-options.ts'
import { FrameStorage } from './frame-storage.ts'
import { PostgresPool } from './pool.ts'
import { keepPurging } from './purge.ts'

export interface EntriesOptions {
  readonly postgres: PostgresConnection
  /** How many connections to the primary, and to each replica. */
  readonly connections: number
  readonly near: NearCacheOptions
  readonly clock: Clock
  /** Before Postgres. */
  readonly first?: Store
  readonly onConnectionError: (error: unknown) => void
}

export interface PostgresEntries {
  readonly store: Store
  close(): Promise<void>
}

/** Connects to nothing yet. */
export function openEntries(options: EntriesOptions): PostgresEntries {
  const { postgres, clock, first, onConnectionError } = options
  const primary = poolTo(options, postgres)
  const replicas = postgres.replicas.map((server) => poolTo(options, { ...postgres, ...server }))
  const levels: Level[] = []
  if (first) levels.push({ store: first })
  if (replicas.length > 0)
    levels.push({ store: byTurns(replicas.map((pool) => storeOn(options, pool))), isReadOnly: true })
  const closing = new AbortController()
  const purging = keepPurging({ pool: primary, clock, onError: onConnectionError }, closing.signal)
  return {
    store: createLayeredStore({
      levels: [...levels, { store: storeOn(options, primary) }],
      onError: onConnectionError,
    }),
    async close() {
      closing.abort()
      await purging
      await Promise.all([primary, ...replicas].map((pool) => pool.close()))
    },
  }
}

function poolTo({ clock, connections }: EntriesOptions, connection: PostgresConnection): PostgresPool {
  const { deadlineMs } = connection
  return new PostgresPool({ connection, clock, connections, deadlineMs, applicationName: 'sgcache entries' })
}

function storeOn({ clock, near, postgres }: EntriesOptions, pool: PostgresPool): Store {
  const storage = new FrameStorage({ pool, clock, limitMs: postgres.deadlineMs })
  return createFrameStore({ storage, clock, maxEntryBytes: near.maxEntryBytes })
}

/** The reads spread over several. */
function byTurns(stores: readonly Store[]): Store {
  let turn = 0
  return { ...stores[0]!, get: (key) => stores[turn++ % stores.length]!.get(key) }
}
