/**
 * The table of frames as a storage adapter of Keyv: `@keyv/postgres` does the storing, this is what it needs around it.
 *
 * Frames go in as bytes, and come out as text that is made bytes again: what is not UTF-8 is refused by the server.
 * Every call has a deadline and a breaker. Reading and writing have one each, so that a disk that is full leaves
 * reading alone. Frames that are asked for at the same time are read together, as many as are small enough.
 */
import type KeyvPostgres from '@keyv/postgres'
import type { Clock } from '../../clock.ts'
import { Deadline } from '../deadline.ts'
import { Guard } from '../guard.ts'
import { BatchedReads } from './batched-reads.ts'
import { keyvOnPool } from './keyv-on-pool.ts'
import type { PostgresPool } from './pool.ts'

export interface FrameStorageOptions {
  readonly pool: PostgresPool
  readonly clock: Clock
  readonly limitMs: number
}

interface Framed {
  readonly value: Buffer
}

const pageOfKeys = 1000
/** A frame may have megabytes. */
const pageOfValues = 50
/** Reads that go together: how many at a time, and how many frames and bytes of them, about. */
const reads = { width: 3, frames: 32, bytes: 1_000_000 }

export class FrameStorage {
  readonly opts = { dialect: 'postgres' }
  /** Keyv sets it. Keys are used as they are. */
  namespace?: string
  /** Of the frames read lately. */
  #meanLength = 50_000
  readonly #pool: PostgresPool
  readonly #keyv: KeyvPostgres
  readonly #deadline: Deadline
  readonly #batches: BatchedReads<unknown>
  readonly #reading: Guard
  readonly #writing: Guard

  constructor({ pool, clock, limitMs }: FrameStorageOptions) {
    this.#pool = pool
    this.#keyv = keyvOnPool(pool, 'frame')
    this.#deadline = new Deadline({ what: pool.name, limitMs, clock })
    this.#reading = new Guard({ what: pool.name, limitMs, clock })
    this.#writing = new Guard({ what: pool.name, limitMs, clock })
    this.#batches = new BatchedReads({
      one: (key) => this.#reading.run(() => this.#keyv.get(key)),
      many: (keys) => this.#reading.run(() => this.#keyv.getMany(keys)),
      width: reads.width,
      limit: () => Math.max(1, Math.min(reads.frames, Math.floor(reads.bytes / this.#meanLength))),
    })
  }

  async get(key: string): Promise<Framed | undefined> {
    const found = await this.#deadline.within(this.#batches.get(key))
    if (typeof found !== 'string') return undefined
    this.#meanLength += (found.length - this.#meanLength) / 16
    return { value: Buffer.from(found) }
  }

  async set(key: string, { value }: Framed): Promise<boolean> {
    await this.#writing.run(() => this.#keyv.set(key, value))
    return true
  }

  async delete(key: string): Promise<boolean> {
    return this.#writing.run(() => this.#keyv.delete(key))
  }

  /** Every frame, in the order of keys, without holding many at a time. */
  async *frames(): AsyncIterable<Buffer> {
    for (let after = '', isLast = false; !isLast; ) {
      const keys = await this.#keysAfter(after)
      for (let i = 0; i < keys.length; i += pageOfValues) {
        const page = keys.slice(i, i + pageOfValues)
        const values: unknown[] = await this.#reading.run(() => this.#keyv.getMany(page))
        for (const value of values) if (typeof value === 'string') yield Buffer.from(value)
      }
      isLast = keys.length < pageOfKeys
      after = keys.at(-1) ?? after
    }
  }

  async clear(): Promise<void> {
    await this.#writing.run(() => this.#keyv.clear())
  }

  async #keysAfter(after: string): Promise<string[]> {
    const text = `select key from ${this.#pool.schema}.frame where key > $1 order by key limit ${pageOfKeys}`
    const rows = await this.#reading.run(() => this.#pool.query<{ key: string }>(text, [after]))
    return rows.map(({ key }) => key)
  }
}
