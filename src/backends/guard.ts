/**
 * What stands before every call to a server of entries: a deadline, and a circuit breaker, so that a server that is
 * stopped or cut off costs its deadline a few times and then nothing. Its failures are told, never swallowed: whoever
 * calls decides what they mean. Failures that come at once do not open it: there is nothing to spare anybody, and the
 * next call may be of another kind, or the server back.
 */
import { Breaker } from '../breaker.ts'
import { SgcacheError } from '../errors.ts'
import { Deadline, type DeadlineOptions } from './deadline.ts'

export interface GuardOptions extends DeadlineOptions {
  /** Whether a failure came at once: the server refused the call, or there is no connection. By default none does. */
  readonly isPrompt?: (error: unknown) => boolean
  /** What a failure is to those who called. By default it is what it is. */
  readonly meaningOf?: (error: unknown) => unknown
}

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
      if (this.#options.isPrompt?.(error)) this.#breaker.succeeded()
      else this.#breaker.failed()
      throw this.#options.meaningOf?.(error) ?? error
    }
  }
}
