/**
 * Time under a test's control: it stands still until the test moves it, and then runs what was due in order.
 *
 * `advance` moves from sleeper to sleeper and lets everything that follows from one waking finish before the next, so
 * a test sees the same interleaving on every run. Between two sleepers only promises are drained (and one turn of the
 * event loop, for code that defers with `setImmediate`): real I/O is not waited for.
 */
import type { Clock } from '../../src/clock.ts'

interface Sleeper {
  readonly dueAt: number
  readonly order: number
  readonly wake: () => void
}

export interface VirtualClockOptions {
  /** Wall time at the start, ms. Default: 2026-01-01 UTC. */
  readonly startsAt?: number
  /** `run` gives up when this much virtual time has passed. Default: 1 day. */
  readonly patienceMs?: number
}

export class VirtualClock implements Clock {
  #elapsed = 0
  #wallOffset: number
  #order = 0
  readonly #patienceMs: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(options: VirtualClockOptions = {}) {
    this.#wallOffset = options.startsAt ?? Date.UTC(2026, 0, 1)
    this.#patienceMs = options.patienceMs ?? 86_400_000
  }

  now(): number {
    return this.#wallOffset + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper: Sleeper = { dueAt: this.#elapsed + Math.max(0, ms), order: this.#order++, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  /** How many are asleep now. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  /** The wall clock is set, as by an administrator; monotonic time does not notice. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms
  }

  /** Moves `ms` ahead, waking whoever is due on the way, in order of time. */
  async advance(ms: number): Promise<void> {
    const target = this.#elapsed + ms
    await settle()
    for (let next = this.#nextSleeper(); next && next.dueAt <= target; next = this.#nextSleeper()) {
      await this.#wake(next)
    }
    this.#elapsed = target
    await settle()
  }

  /** Moves ahead until `promise` has settled and gives its result. Fails if nobody is left to wake. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const mark = () => {
      settled = true
    }
    promise.then(mark, mark)
    const limit = this.#elapsed + this.#patienceMs
    await settle()
    while (!settled) {
      const next = this.#nextSleeper()
      if (!next) {
        // Somebody may still be busy with a deferred callback or real I/O of its own: give it a few turns.
        for (let turn = 0; turn < 50 && !settled && this.#sleepers.size === 0; turn++) await settle()
        if (!settled && this.#sleepers.size === 0) throw new Error('The promise waits, and nobody is asleep to wake.')
        continue
      }
      if (next.dueAt > limit) throw new Error(`The promise has not settled in ${this.#patienceMs} ms of virtual time.`)
      await this.#wake(next)
    }
    return promise
  }

  async #wake(sleeper: Sleeper): Promise<void> {
    this.#elapsed = Math.max(this.#elapsed, sleeper.dueAt)
    sleeper.wake()
    await settle()
  }

  #nextSleeper(): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of this.#sleepers) {
      if (!first || sleeper.dueAt < first.dueAt || (sleeper.dueAt === first.dueAt && sleeper.order < first.order)) {
        first = sleeper
      }
    }
    return first
  }
}

/** Lets every promise that can settle without time passing do so: microtasks drain before an immediate runs. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
