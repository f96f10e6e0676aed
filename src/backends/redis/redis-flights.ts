/**
 * One upstream read at a time for each question, of all processes that share a Redis.
 *
 * Who reads puts down a mark that lasts no longer than a read may take; others look every few milliseconds whether it
 * is gone. Marks are taken off by whoever put them down, and by nobody else.
 */

import type { Claim, FlightGate } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { Guard } from '../guard.ts'
import type { RedisLink } from './link.ts'
import { Scripts } from './scripts.ts'

export interface RedisFlightsOptions {
  readonly link: RedisLink
  readonly clock: Clock
  readonly prefix: string
  readonly limitMs: number
  /** New for every mark. */
  readonly newId: () => string
  /** A mark that is older is not waited for. */
  readonly longestMs: number
}

const pausesMs = { first: 5, longest: 100 }

const scripts = {
  done: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,
} as const

export class RedisFlights implements FlightGate {
  readonly #options: RedisFlightsOptions
  readonly #guard: Guard
  readonly #scripts: Scripts<'done'>

  constructor(options: RedisFlightsOptions) {
    this.#options = options
    const { link, limitMs, clock } = options
    this.#guard = new Guard({ what: link.name, limitMs, clock })
    this.#scripts = new Scripts(link, scripts)
  }

  async claim(question: string): Promise<Claim> {
    const { link, prefix, newId, longestMs } = this.#options
    const key = prefix + question
    const id = newId()
    const set = await this.#guard.run(() => link.send(key, ['SET', key, id, 'NX', 'PX', String(longestMs)]))
    if (set === null) return { mine: false, ended: this.#ended(key) }
    return {
      mine: true,
      done: async () => {
        // If it cannot be taken off, it ends by itself.
        await this.#guard.run(() => this.#scripts.run('done', { keys: [key], args: [id] })).catch(() => {})
      },
    }
  }

  /** Resolves when the mark is gone, cannot be looked at, or has been there for too long. */
  async #ended(key: string): Promise<void> {
    const { link, clock, longestMs } = this.#options
    const end = clock.monotonic() + longestMs
    for (let pauseMs = pausesMs.first; clock.monotonic() < end; pauseMs = Math.min(pauseMs * 2, pausesMs.longest)) {
      await clock.sleep(pauseMs)
      const isThere = await this.#guard.run(() => link.send(key, ['EXISTS', key])).catch(() => 0)
      if (isThere !== 1) return
    }
  }
}
