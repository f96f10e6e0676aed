/**
 * Where the head of the change log was some time ago, by the monotonic clock.
 *
 * Fills are stamped with it, so its error has a direction: it may name an earlier head than there was, which costs one
 * more read, never a later one. Changes within a few milliseconds of each other are remembered as one, at the time of
 * the last. What is further back than it remembers, or than this process has been in the epoch, is *before the epoch*: a
 * seq that no window covers, so that what is stamped with it is never fresh. For a read just after a beginning may still
 * miss a change that only the log before it, or nobody, could tell of.
 *
 * Cost: O(1) to record, O(log n) to ask, at most 12,000 samples, which reach back a minute or more.
 */
import type { Clock } from '../clock.ts'

const resolutionMs = 10
const keptSamples = 6_000

interface Sample {
  readonly startedAt: number
  /** From `time` on, the head was at least `seq`. */
  time: number
  seq: number
}

export class HeadHistory {
  readonly #clock: Clock
  #samples: Sample[] = []
  #beforeEpoch = -1

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A new epoch, in which all after `seq` will be known. */
  restart(seq: number): void {
    this.#samples = []
    this.#beforeEpoch = seq - 1
    this.record(seq)
  }

  record(seq: number): void {
    const now = this.#clock.monotonic()
    const last = this.#samples.at(-1)
    if (last && now - last.startedAt < resolutionMs) {
      last.time = now
      last.seq = seq
      return
    }
    this.#samples.push({ startedAt: now, time: now, seq })
    if (this.#samples.length > 2 * keptSamples) this.#samples.splice(0, keptSamples)
  }

  before(ms: number): number {
    const time = this.#clock.monotonic() - ms
    let low = 0
    let high = this.#samples.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#samples[middle]!.time <= time) low = middle + 1
      else high = middle
    }
    return low === 0 ? this.#beforeEpoch : this.#samples[low - 1]!.seq
  }
}
