/**
 * A circuit breaker: after several failures in a row, calls fail at once for a while instead of each waiting for its
 * own time-out; then one call is let through to see whether the other side is back.
 */
import type { Clock } from './clock.ts'

export interface BreakerOptions {
  readonly clock: Clock
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long it stays open before one call may try. */
  readonly openMs: number
}

export class Breaker {
  readonly #options: BreakerOptions
  #failuresInARow = 0
  #retryAt = 0

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** Whether a call may go out now. When it is open and the time has come, the one who asks is the trial. */
  admits(): boolean {
    if (this.#failuresInARow < this.#options.failures) return true
    const now = this.#options.clock.monotonic()
    if (now < this.#retryAt) return false
    this.#retryAt = now + this.#options.openMs
    return true
  }

  get isOpen(): boolean {
    return this.#failuresInARow >= this.#options.failures
  }

  succeeded(): void {
    this.#failuresInARow = 0
  }

  failed(): void {
    this.#failuresInARow += 1
    if (this.isOpen) this.#retryAt = this.#options.clock.monotonic() + this.#options.openMs
  }
}
