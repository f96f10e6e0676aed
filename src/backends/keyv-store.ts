/**
 * The store of entries on Keyv.
 *
 * Keyv keeps and expires by the wall clock of the machine; what is *kept* here goes by `keepUntil` and the injected
 * clock, so an entry past it is not returned even where the storage still has it.
 */
import type Keyv from 'keyv'
import { type Entry, entryBytes } from '../cache/entry.ts'
import type { Store } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'

export interface KeyvStoreOptions<Stored> {
  /** Set to throw on errors, so that a failed write is known. */
  readonly keyv: Keyv<Stored>
  readonly clock: Clock
  readonly codec: Codec<Stored>
  /** The longest that an entry stays here, if it is not to stay for as long as it is kept. */
  readonly maxTtlMs?: number
  /** Larger entries are refused. */
  readonly maxEntryBytes?: number
  /** All that is stored, expired or not. */
  readonly all: () => Iterable<Stored> | AsyncIterable<Stored>
}

/** How entries lie in the storage. What cannot be read for certain is no entry. */
export interface Codec<Stored> {
  encode(entry: Entry): Stored
  decode(stored: Stored): Entry | undefined
}

export function createKeyvStore<Stored>(options: KeyvStoreOptions<Stored>): Store {
  const { keyv, clock, codec, all } = options
  const { maxTtlMs = Number.POSITIVE_INFINITY, maxEntryBytes = Number.POSITIVE_INFINITY } = options
  const kept = (stored: Stored | undefined) => {
    const entry = stored === undefined ? undefined : codec.decode(stored)
    return entry && clock.now() < entry.keepUntil ? entry : undefined
  }
  return {
    async get(key) {
      const entry = kept(await keyv.get(key))
      return entry?.key === key ? entry : undefined
    },
    async set(entry) {
      if (entryBytes(entry) > maxEntryBytes) return false
      const ttlMs = Math.min(Math.ceil(entry.keepUntil - clock.now()), maxTtlMs)
      // To Keyv, a TTL of 0 means for ever.
      if (ttlMs <= 0) return true
      return keyv.set(entry.key, codec.encode(entry), ttlMs)
    },
    async delete(key) {
      await keyv.delete(key)
    },
    async *entries() {
      for await (const stored of all()) {
        const entry = kept(stored)
        if (entry) yield entry
      }
    },
  }
}
