/**
 * Waits no longer than a bound for a server of the tier. What was asked goes on there; its outcome is no longer looked
 * at. Every call to Redis and Postgres goes through this: their clients may wait for ever for a server that is stopped.
 */
import type { Clock } from '../clock.ts'
import { SgcacheError } from '../errors.ts'

/** Rejects with BACKEND_TIMEOUT. `what`: for people, such as `Redis at cache:6379`. */
export async function withDeadline<Value>(
  work: Promise<Value>,
  { what, limitMs, clock }: { readonly what: string; readonly limitMs: number; readonly clock: Clock },
): Promise<Value> {
  const done = new AbortController()
  const timeUp = clock.sleep(limitMs, done.signal).then(() => {
    throw new SgcacheError('BACKEND_TIMEOUT', { what, limitMs })
  })
  timeUp.catch(() => {}) // when the work was quicker, nobody looks at it any more
  try {
    return await Promise.race([work, timeUp])
  } finally {
    done.abort()
  }
}
