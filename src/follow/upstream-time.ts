/**
 * What time it is at the site, at least: the newest event's time there, plus how long ago that was first seen here.
 *
 * A lower bound by upstream's own clock: the local clock's date plays no part, only durations do. `updated_at` of rows
 * would not do, since scripts may author it.
 */
import type { Clock } from '../clock.ts'

export class UpstreamTime {
  readonly #clock: Clock
  #newest: { readonly at: number; readonly seen: number } | undefined
  #startedAt: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The times of events that have been seen; the first call is what `startedAt` goes by. */
  observe(times: readonly number[]): void {
    const at = times.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    if (at === Number.NEGATIVE_INFINITY) return
    this.#startedAt ??= at
    if (at > (this.atLeast() ?? at - 1)) this.#newest = { at, seen: this.#clock.monotonic() }
  }

  /** Milliseconds since 1970 by upstream's clock; `undefined` while no event has been seen. */
  atLeast(): number | undefined {
    return this.#newest && this.#newest.at + (this.#clock.monotonic() - this.#newest.seen)
  }

  /** What time it was at least when the first events were seen. */
  get startedAt(): number | undefined {
    return this.#startedAt
  }
}
