/**
 * What stands before every call to a server of entries: a deadline, and a circuit breaker, so that a server that is
 * stopped or cut off costs its deadline a few times and then nothing. Its failures are told, never swallowed: whoever
 * calls decides what they mean.
 */
import { Breaker } from '../breaker.ts'
import { SgcacheError } from '../errors.ts'
import { Deadline, type DeadlineOptions } from './deadline.ts'

export type GuardOptions = DeadlineOptions

/** Calls in a row that must fail before it opens, and how long it stays open. */
const failures = 5
const openMs = 1000

export class Guard {
  readonly #options: GuardOptions
  readonly #breaker: Breaker
  readonly #deadline: Deadline

  constructor(options: GuardOptions) {
    this.#options = options
    this.#deadline = new Deadline(options)
    this.#breaker = new Breaker({ clock: options.clock, failures, openMs })
  }

  async run<Value>(call: () => Promise<Value>): Promise<Value> {
    if (!this.#breaker.admits()) {
      throw new SgcacheError('BACKEND_UNREACHABLE', { what: this.#options.what, reason: 'its last calls failed' })
    }
    try {
      const value = await this.#deadline.within(call())
      this.#breaker.succeeded()
      return value
    } catch (error) {
      this.#breaker.failed()
      throw error
    }
  }
}
