/**
 * Redis as a storage adapter of Keyv: `@keyv/redis` does the storing, this is what it needs around it.
 *
 * Frames go in and come out as Buffers, so that a hit decodes no text. Every call has a deadline and a breaker. A write
 * that failed rejects: by itself the adapter says "done" of writes that Redis refused.
 */
import KeyvRedis, { type RedisClientConnectionType } from '@keyv/redis'
import type { Guard, GuardOptions } from '../guard.ts'
import { type EntriesLink, guardOf } from './link.ts'

export interface RedisStorageOptions extends Pick<GuardOptions, 'limitMs' | 'clock'> {
  readonly link: EntriesLink
  /** Before every key. */
  readonly prefix: string
}

interface Framed {
  readonly value: Buffer
}

const valuesAtOnce = 20

export class RedisStorage {
  readonly opts = { dialect: 'redis' }
  /** Keyv sets it. Keys have a prefix of their own. */
  namespace?: string
  readonly #link: EntriesLink
  readonly #prefix: string
  readonly #guard: Guard
  #adapter: { readonly client: unknown; readonly keyv: KeyvRedis<Buffer> } | undefined

  constructor({ link, prefix, limitMs, clock }: RedisStorageOptions) {
    this.#link = link
    this.#prefix = prefix
    this.#guard = guardOf(link, { limitMs, clock })
  }

  async get(key: string): Promise<Framed | undefined> {
    const found = await this.#guard.run(() => this.#keyv().get(this.#prefix + key))
    // Read as a Buffer, which the adapter's types do not know.
    return found === undefined ? undefined : { value: found as unknown as Buffer }
  }

  async set(key: string, { value }: Framed, ttlMs?: number): Promise<boolean> {
    // The client takes Buffers, which the adapter's types do not say.
    const text = value as unknown as string
    await this.#guard.run(() => this.#keyv().set(this.#prefix + key, text, ttlMs))
    return true
  }

  async delete(key: string): Promise<boolean> {
    return this.#guard.run(() => this.#keyv().delete(this.#prefix + key))
  }

  /** Every frame, a page at a time; some perhaps twice, as SCAN gives them. Rejects when a page takes too long. */
  async *frames(): AsyncIterable<Buffer> {
    for await (const keys of this.#pages()) {
      for (let i = 0; i < keys.length; i += valuesAtOnce) {
        const page = keys.slice(i, i + valuesAtOnce)
        // One by one, since of many at once the adapter gives text in a cluster.
        const values = await this.#guard.run(() => Promise.all(page.map((key) => this.#keyv().get<Buffer>(key))))
        for (const value of values) if (Buffer.isBuffer(value)) yield value
      }
    }
  }

  async clear(): Promise<void> {
    for await (const keys of this.#pages()) {
      await this.#guard.run(() => Promise.all(keys.map((key) => this.#keyv().delete(key))))
    }
  }

  /** Our keys, with the prefix. */
  async *#pages(): AsyncIterable<readonly string[]> {
    const pages = this.#link.keys(this.#prefix)[Symbol.asyncIterator]()
    const next = () => this.#guard.run(() => pages.next())
    for (let page = await next(); !page.done; page = await next()) yield page.value
  }

  /** The adapter over the connection of now. */
  #keyv(): KeyvRedis<Buffer> {
    const client = this.#link.forKeyv()
    if (!this.#adapter || this.#adapter.client !== client) {
      // Whatever kind of link it is, its client is one that the adapter takes.
      const keyv = new KeyvRedis<Buffer>(client as RedisClientConnectionType, {
        noNamespaceAffectsAll: false,
        throwOnErrors: true,
        throwOnConnectError: true,
      })
      keyv.on('error', () => {}) // every failure is thrown as well
      this.#adapter = { client, keyv }
    }
    return this.#adapter.keyv
  }
}
