/**
 * The near cache as a Keyv storage adapter: entries as they are, not serialised, bounded in bytes instead of counted.
 *
 * Keyv hands over `{value, expires}`; `expires` is by the machine's clock and is left out, as the store has its own.
 */
import type { Entry } from '../cache/entry.ts'
import type { NearCache } from '../cache/near-cache.ts'

interface KeyvRecord {
  readonly value: Entry
}

export class NearStorage {
  readonly opts = { dialect: 'near' }
  /** Keyv sets it. Keys are used as they are. */
  namespace?: string
  readonly #near: NearCache

  constructor(near: NearCache) {
    this.#near = near
  }

  get(key: string): KeyvRecord | undefined {
    const entry = this.#near.get(key)
    return entry && { value: entry }
  }

  /** False if the entry is too large. */
  set(_key: string, record: KeyvRecord): boolean {
    return this.#near.set(record.value)
  }

  delete(key: string): boolean {
    const isKnown = this.#near.get(key) !== undefined
    this.#near.delete(key)
    return isKnown
  }

  clear(): void {
    this.#near.clear()
  }
}
