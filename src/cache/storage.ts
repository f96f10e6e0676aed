/**
 * The near cache and the store behind it, seen as one place that cannot fail.
 *
 * Trouble of the store is reported and means "not there" or "not stored" (law 5). A fill is in the near cache at once;
 * the store follows in the background, and `flush` waits for it.
 */
import type { CacheEvent } from './cache-event.ts'
import { type Entry, restamped } from './entry.ts'
import type { NearCache } from './near-cache.ts'
import type { Store } from './ports.ts'

export class Storage {
  readonly #near: NearCache
  readonly #store: Store
  readonly #report: (event: CacheEvent) => void
  /** Under way, by key. */
  readonly #writes = new Map<Promise<unknown>, string>()

  constructor(near: NearCache, store: Store, report: (event: CacheEvent) => void) {
    this.#near = near
    this.#store = store
    this.#report = report
  }

  near(key: string): Entry | undefined {
    return this.#near.get(key)
  }

  /** See `Store.get` for `suits`. */
  async stored(key: string, suits: (entry: Entry) => boolean): Promise<Entry | undefined> {
    try {
      return await this.#store.get(key, suits)
    } catch (error) {
      this.#report({ kind: 'store-failed', operation: 'get', key, error })
      return undefined
    }
  }

  /** Takes an entry found in the store into the near cache. */
  approach(entry: Entry): void {
    this.#near.set(entry)
  }

  /** False if neither took it. */
  async keep(entry: Entry): Promise<boolean> {
    const isNear = this.#near.set(entry)
    const isStored = await this.#write(entry)
    if (isStored) this.#report({ kind: 'stored', entry })
    return isNear || isStored
  }

  keepSoon(entry: Entry): void {
    this.#inBackground(entry.key, this.keep(entry))
  }

  /**
   * Stores an entry again with the stamp it was checked to, so that its stored copy stays within the log's reach. Only
   * over the same fill: another one in its place is younger (rule 12).
   */
  restampSoon(entry: Entry): void {
    const copy = restamped(entry)
    this.#inBackground(
      entry.key,
      // None suits: the youngest is wanted.
      this.stored(entry.key, () => false).then((known) => {
        const isSameFill = known?.call === entry.call && known.fetchedAt === entry.fetchedAt
        return isSameFill && this.#write(copy)
      }),
    )
  }

  /** Resolves when what was kept so far, of `key` or of all keys, is in the store or has failed to be. */
  async flush(key?: string): Promise<void> {
    const underWay = () => [...this.#writes].filter(([, of]) => key === undefined || of === key)
    for (let writes = underWay(); writes.length > 0; writes = underWay()) {
      await Promise.all(writes.map(([write]) => write))
    }
  }

  async #write(entry: Entry): Promise<boolean> {
    try {
      const isStored = await this.#store.set(entry)
      if (!isStored) this.#report({ kind: 'refused', question: entry, reason: 'too large' })
      return isStored
    } catch (error) {
      this.#report({ kind: 'store-failed', operation: 'set', key: entry.key, error })
      return false
    }
  }

  #inBackground(key: string, write: Promise<unknown>): void {
    const done: Promise<unknown> = write.finally(() => this.#writes.delete(done))
    this.#writes.set(done, key)
  }
}
