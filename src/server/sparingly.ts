/**
 * For what may be told thousands of times a second: each new reason at once, the same again after half a minute.
 */
import type { Clock } from '../clock.ts'

const againMs = 30_000
const mostReasons = 100

/** Whether a reason is to be told now. */
export function sparingly(clock: Clock): (reason: string) => boolean {
  const toldAt = new Map<string, number>()
  return (reason) => {
    const now = clock.monotonic()
    if (now - (toldAt.get(reason) ?? Number.NEGATIVE_INFINITY) < againMs) return false
    if (toldAt.size > mostReasons) toldAt.clear()
    toldAt.set(reason, now)
    return true
  }
}
