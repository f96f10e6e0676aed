/**
 * The store of entries on Keyv.
 *
 * Keyv keeps and expires by the wall clock of the machine; what is *kept* here goes by `keepUntil` and the injected
 * clock, so an entry past it is not returned even where the storage still has it.
 */
import type Keyv from 'keyv'
import type { Entry } from '../cache/entry.ts'
import type { Store } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'

export interface KeyvStoreOptions {
  /** Set to throw on errors, so that a failed write is known. */
  readonly keyv: Keyv<Entry>
  readonly clock: Clock
  /** All that is stored, expired or not. */
  readonly all: () => Iterable<Entry> | AsyncIterable<Entry>
}

export function createKeyvStore({ keyv, clock, all }: KeyvStoreOptions): Store {
  const isKept = (entry: Entry) => clock.now() < entry.keepUntil
  return {
    async get(key) {
      const entry = await keyv.get(key)
      return entry && isKept(entry) ? entry : undefined
    },
    async set(entry) {
      const ttlMs = Math.ceil(entry.keepUntil - clock.now())
      // To Keyv, a TTL of 0 means for ever.
      if (ttlMs <= 0) return true
      return keyv.set(entry.key, entry, ttlMs)
    },
    async delete(key) {
      await keyv.delete(key)
    },
    async *entries() {
      for await (const entry of all()) if (isKept(entry)) yield entry
    },
  }
}
