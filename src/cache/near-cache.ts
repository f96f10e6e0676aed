/**
 * The near cache: entries in this process, bounded in bytes, least recently used out first.
 *
 * Synchronous, so that a hot hit costs no turn of the event loop. It holds whatever was put there; whether an entry is
 * still true is the cache's question, asked on every hit.
 */
import { LRUCache } from 'lru-cache'
import { type Entry, entryBytes } from './entry.ts'

export interface NearCacheOptions {
  readonly limitBytes: number
  /** Larger entries are refused. */
  readonly maxEntryBytes: number
  /** Told of every entry that leaves to make room. */
  readonly onEvict?: (entry: Entry) => void
}

export class NearCache {
  readonly #entries: LRUCache<string, Entry>
  readonly #maxEntryBytes: number

  constructor(options: NearCacheOptions) {
    this.#maxEntryBytes = options.maxEntryBytes
    this.#entries = new LRUCache<string, Entry>({
      maxSize: options.limitBytes,
      sizeCalculation: entryBytes,
      dispose: (entry, _key, reason) => {
        if (reason === 'evict') options.onEvict?.(entry)
      },
    })
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** False if the entry is over the size limit of one entry. */
  set(entry: Entry): boolean {
    if (entryBytes(entry) > this.#maxEntryBytes) return false
    this.#entries.set(entry.key, entry)
    return true
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  values(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  get count(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.calculatedSize
  }
}
