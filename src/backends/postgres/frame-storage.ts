/**
 * The table of frames as a storage adapter of Keyv: `@keyv/postgres` does the storing, this is what it needs around it.
 *
 * Frames go in as bytes, and come out as text that is made bytes again: what is not UTF-8 is refused by the server.
 * Every call has a deadline and a breaker. Reading and writing have one each, so that a disk that is full leaves
 * reading alone.
 */
import type KeyvPostgres from '@keyv/postgres'
import type { Clock } from '../../clock.ts'
import { Guard } from '../guard.ts'
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

export class FrameStorage {
  readonly opts = { dialect: 'postgres' }
  /** Keyv sets it. Keys are used as they are. */
  namespace?: string
  readonly #pool: PostgresPool
  readonly #keyv: KeyvPostgres
  readonly #reading: Guard
  readonly #writing: Guard

  constructor({ pool, clock, limitMs }: FrameStorageOptions) {
    this.#pool = pool
    this.#keyv = keyvOnPool(pool, 'frame')
    this.#reading = new Guard({ what: pool.name, limitMs, clock })
    this.#writing = new Guard({ what: pool.name, limitMs, clock })
  }

  async get(key: string): Promise<Framed | undefined> {
    const found: unknown = await this.#reading.run(() => this.#keyv.get(key))
    return typeof found === 'string' ? { value: Buffer.from(found) } : undefined
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
