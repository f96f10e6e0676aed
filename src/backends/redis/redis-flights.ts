/**
 * One upstream read at a time for each question, of all processes that share a Redis.
 *
 * Who reads puts down a mark and renews it for as long as the read goes on; others look every few milliseconds whether
 * it is gone. A mark that is not renewed, since its process has ended or is stopped, vanishes within two seconds. Marks
 * are taken off by whoever put them down, and by nobody else.
 */

import type { Claim, FlightGate } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import type { Guard } from '../guard.ts'
import { guardOf, type RedisLink } from './link.ts'
import { Scripts } from './scripts.ts'

export interface RedisFlightsOptions {
  readonly link: RedisLink
  readonly clock: Clock
  readonly prefix: string
  readonly limitMs: number
  /** New for every mark. */
  readonly newId: () => string
  /** A read that takes longer is neither marked nor waited for any more. */
  readonly longestMs: number
}

const markMs = 2000
const renewMs = 500
const looksMs = { first: 5, longest: 100 }

const scripts = {
  renew: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`,
  done: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,
} as const

export class RedisFlights implements FlightGate {
  readonly #options: RedisFlightsOptions
  readonly #guard: Guard
  readonly #scripts = new Scripts(scripts)

  constructor(options: RedisFlightsOptions) {
    this.#options = options
    this.#guard = guardOf(options.link, options)
  }

  async claim(question: string): Promise<Claim> {
    const { link, prefix, newId } = this.#options
    const key = prefix + question
    const id = newId()
    const set = await this.#guard.run(() => link.send(key, ['SET', key, id, 'NX', 'PX', String(markMs)]))
    if (set === null) return { mine: false, ended: this.#ended(key) }
    const reading = new AbortController()
    void this.#keepMark(key, id, reading.signal)
    return {
      mine: true,
      done: async () => {
        reading.abort()
        // If it cannot be taken off, it ends by itself.
        await this.#run('done', key, [id]).catch(() => {})
      },
    }
  }

  async #keepMark(key: string, id: string, signal: AbortSignal): Promise<void> {
    const { clock, longestMs } = this.#options
    const end = clock.monotonic() + longestMs
    let isThere: unknown = 1
    while (isThere === 1 && clock.monotonic() < end) {
      await clock.sleep(renewMs, signal)
      if (signal.aborted) return
      // One that could not be renewed may still be there.
      isThere = await this.#run('renew', key, [id, String(markMs)]).catch(() => 1)
    }
  }

  /** Resolves when the mark is gone, cannot be looked at, or has been there for too long. */
  async #ended(key: string): Promise<void> {
    const { link, clock, longestMs } = this.#options
    const end = clock.monotonic() + longestMs
    for (let pauseMs = looksMs.first; clock.monotonic() < end; pauseMs = Math.min(pauseMs * 2, looksMs.longest)) {
      await clock.sleep(pauseMs)
      const isThere = await this.#guard.run(() => link.send(key, ['EXISTS', key])).catch(() => 0)
      if (isThere !== 1) return
    }
  }

  #run(script: keyof typeof scripts, key: string, args: readonly string[]): Promise<unknown> {
    const call = { keys: [key], args } as const
    return this.#guard.run(() => this.#scripts.run(script, call, (command) => this.#options.link.send(key, command)))
  }
}
