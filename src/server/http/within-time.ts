/** Waits no longer than a bound. What was waited for goes on: others may be waiting for it as well. */
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'

/** Rejects with `REQUEST_TIMEOUT` when the time is up. */
export async function withinTime<Value>(work: Promise<Value>, limitMs: number, clock: Clock): Promise<Value> {
  const done = new AbortController()
  const timeUp = clock.sleep(limitMs, done.signal).then(() => {
    throw new SgcacheError('REQUEST_TIMEOUT', { limitMs })
  })
  timeUp.catch(() => {}) // when the work was quicker, nobody looks at it any more
  try {
    return await Promise.race([work, timeUp])
  } finally {
    done.abort()
  }
}

/** Waits for work to end, well or badly, but no longer than the bound. */
export async function settledWithin(work: Promise<unknown>, limitMs: number, clock: Clock): Promise<void> {
  const done = new AbortController()
  const ended = work.then(
    () => {},
    () => {},
  )
  await Promise.race([ended, clock.sleep(limitMs, done.signal)])
  done.abort()
}
