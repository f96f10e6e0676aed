/**
 * The memory tier: one process, nothing outside it. The near cache is the store, the window is the log, and all of it
 * lives and ends together.
 */
import { Keyv } from 'keyv'
import { createChangeWindow } from '../cache/change-window.ts'
import type { Entry } from '../cache/entry.ts'
import { NearCache, type NearCacheOptions } from '../cache/near-cache.ts'
import type { Backend } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'
import { type Codec, createKeyvStore } from './keyv-store.ts'
import { MemoryLog } from './memory-log.ts'
import { NearStorage } from './near-storage.ts'

export interface MemoryBackendOptions {
  readonly tier: 'memory'
  readonly near: NearCacheOptions
  readonly clock: Clock
  /** A new random id, at least 64 bits: the name of this process's epoch. */
  readonly newId: () => string
  /** How many changes are held; see the change window for the default. */
  readonly changeLimit?: number
}

export function openMemoryBackend({ near: nearOptions, clock, newId, changeLimit }: MemoryBackendOptions): Backend {
  const near = new NearCache(nearOptions)
  const keyv = new Keyv({
    store: new NearStorage(near),
    serialize: undefined,
    deserialize: undefined,
    useKeyPrefix: false,
    throwOnErrors: true,
  })
  const log = new MemoryLog(createChangeWindow({ epoch: newId(), clock, limit: changeLimit }), clock)
  return {
    tier: 'memory',
    near,
    // A copy of the list: it may change while the caller waits between two entries.
    store: createKeyvStore({ keyv, clock, codec: asTheyAre, all: () => [...near.values()] }),
    log,
    cursors: log,
    // Nobody else can hold it.
    lease: { acquire: async () => 1, release: async () => {} },
    processes: () => 1,
    async close() {
      await log.close()
      near.clear()
    },
  }
}

const asTheyAre: Codec<Entry> = { encode: (entry) => entry, decode: (entry) => entry }
