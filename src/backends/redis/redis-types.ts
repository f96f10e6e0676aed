/** Which entity types all processes' entries depend on: a sorted set, by the wall time until which each is kept. */
import type { SharedTypes } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { Guard } from '../guard.ts'
import type { RedisLink } from './link.ts'

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
    const { link, limitMs, clock } = options
    this.#guard = new Guard({ what: link.name, limitMs, clock })
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

  #send(command: readonly string[]): Promise<unknown> {
    const { link, key } = this.#options
    return this.#guard.run(() => link.send(key, [...command]))
  }
}
