/**
 * Waits no longer than a bound for a server of the tier. What was asked goes on there; its outcome is no longer looked
 * at. Every call to Redis and Postgres goes through this: their clients may wait for ever for a server that is stopped.
 *
 * A process that was itself too busy finds the answer and the end of the bound in one turn of its event loop, the bound
 * first. So the answer gets one more turn before it is given up.
 *
 * Cost: no timer for each call. Since all calls have the same bound they run out in the order they were made, so one
 * sleeper watches the oldest.
 */
import type { Clock } from '../clock.ts'
import { SgcacheError } from '../errors.ts'

export interface DeadlineOptions {
  /** For people, such as `Redis at cache:6379`. */
  readonly what: string
  readonly limitMs: number
  readonly clock: Clock
}

interface Wait {
  readonly end: number
  /** Undefined when the work has ended. */
  giveUp: (() => void) | undefined
}

export class Deadline {
  readonly #options: DeadlineOptions
  /** Oldest first. */
  #waits: Wait[] = []
  #isWatching = false
  readonly #closing = new AbortController()

  constructor(options: DeadlineOptions) {
    this.#options = options
  }

  /** Rejects with BACKEND_TIMEOUT when the bound has passed. */
  within<Value>(work: Promise<Value>): Promise<Value> {
    const { clock, limitMs, what } = this.#options
    const wait: Wait = { end: clock.monotonic() + limitMs, giveUp: undefined }
    this.#waits.push(wait)
    if (!this.#isWatching) void this.#watch()
    return new Promise((resolve, reject) => {
      wait.giveUp = () => reject(new SgcacheError('BACKEND_TIMEOUT', { what, limitMs }))
      work.then(resolve, reject).finally(() => {
        wait.giveUp = undefined
      })
    })
  }

  /** Nothing is watched any more, so that nothing keeps the program from ending. What is under way has no bound. */
  close(): void {
    this.#closing.abort()
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#closing
    this.#isWatching = true
    while (this.#waits.length > 0 && !signal.aborted) {
      await clock.sleep(this.#waits[0]!.end - clock.monotonic(), signal)
      await clock.sleep(1, signal)
      const now = clock.monotonic()
      const isOver = ({ end, giveUp }: Wait) => end <= now || giveUp === undefined
      const firstLeft = this.#waits.findIndex((wait) => !isOver(wait))
      const over = firstLeft < 0 ? this.#waits : this.#waits.slice(0, firstLeft)
      this.#waits = firstLeft < 0 ? [] : this.#waits.slice(firstLeft)
      for (const { giveUp } of over) giveUp?.()
    }
    this.#isWatching = false
  }
}
