/**
 * The near cache: entries in this process, bounded in bytes, least recently used out first.
 *
 * Synchronous, so that a hot hit costs no turn of the event loop. It holds whatever was put there; whether an entry is
 * still true is the cache's question, asked on every hit.
 */
import { LRUCache } from 'lru-cache'
import { type Entry, entryBytes, isYounger } from './entry.ts'

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

  /** False if the entry is over the size limit of one entry. A younger fill that is there already stays (rule 12). */
  set(entry: Entry): boolean {
    if (entryBytes(entry) > this.#maxEntryBytes) return false
    const known = this.#entries.peek(entry.key)
    if (known && isYounger(known, entry)) return true
    this.#entries.set(entry.key, entry)
    return true
  }

  /** Counts an entry's bytes again, after something was attached to it. Nothing happens if it is no longer here. */
  weigh(entry: Entry): void {
    if (this.#entries.peek(entry.key) !== entry) return
    // Setting the same value again would keep the old count.
    this.#entries.delete(entry.key)
    this.#entries.set(entry.key, entry)
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
