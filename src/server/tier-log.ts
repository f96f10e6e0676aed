/** What a shared tier tells of itself, as log lines. Trouble is told when it begins and when it is over. */
import type { Logger } from 'pino'
import type { LogEvent } from '../backends/shared/log-event.ts'
import type { Clock } from '../clock.ts'
import { reasonOf } from './follow-log.ts'

export function logTier(log: Logger, event: LogEvent): void {
  if (event.kind === 'entered') {
    const { epoch, head, opensInMs } = event
    log.info({ epoch, head, opensInMs }, opensInMs > 0 ? 'a new change log begins' : 'joined the change log')
  } else if (event.kind === 'hole') {
    const { after, head } = event
    log.warn({ after, head }, 'changes were missed; what was kept from before them is read again')
  } else if (event.kind === 'trouble') {
    const { during, error } = event
    log.warn({ during, reason: reasonOf(error) }, 'the change log cannot be reached; ShotGrid is asked instead')
  } else {
    log.info('the change log is back')
  }
}

/** Tells of lost connections: each new reason at once, the same again after half a minute. */
export function connectionErrors(log: Logger, clock: Clock): (error: unknown) => void {
  const toldAt = new Map<string, number>()
  return (error) => {
    const reason = reasonOf(error)
    const now = clock.monotonic()
    if (now - (toldAt.get(reason) ?? Number.NEGATIVE_INFINITY) < againMs) return
    if (toldAt.size > mostReasons) toldAt.clear()
    toldAt.set(reason, now)
    log.warn({ reason }, 'a connection of the tier failed; it is tried again')
  }
}

const againMs = 30_000
const mostReasons = 100
