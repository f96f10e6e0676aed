/** Which entity types all processes' entries depend on: a sorted set, by the wall time until which each is kept. */
import type { SharedTypes } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import type { Guard } from '../guard.ts'
import { type Command, guardOf, type RedisLink } from './link.ts'

export interface RedisTypesOptions {
  readonly link: RedisLink
  readonly clock: Clock
  readonly key: string
  readonly limitMs: number
}

export class RedisTypes implements SharedTypes {
  readonly #options: RedisTypesOptions
  readonly #guard: Guard

  constructor(options: RedisTypesOptions) {
    this.#options = options
    this.#guard = guardOf(options.link, options)
  }

  async note(types: readonly string[], keepMs: number): Promise<void> {
    const { clock, key } = this.#options
    const now = clock.now()
    await this.#send(['ZADD', key, 'GT', ...types.flatMap((type) => [String(Math.ceil(now + keepMs)), type])])
    await this.#send(['ZREMRANGEBYSCORE', key, '-inf', `(${now}`])
  }

  async all(): Promise<readonly string[]> {
    const { clock, key } = this.#options
    const types = await this.#send(['ZRANGE', key, String(clock.now()), '+inf', 'BYSCORE'])
    return types as string[] // as the command says
  }

  #send(command: Command): Promise<unknown> {
    const { link, key } = this.#options
    return this.#guard.run(() => link.send(key, command))
  }
}
