/** What a shared tier tells of itself, as log lines. Trouble is told when it begins and when it is over. */
import type { Logger } from 'pino'
import type { LogEvent } from '../backends/shared/log-event.ts'
import type { Clock } from '../clock.ts'
import { reasonOf } from '../errors.ts'
import { sparingly } from './sparingly.ts'

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

/** Tells of lost connections. */
export function connectionErrors(log: Logger, clock: Clock): (error: unknown) => void {
  const isNews = sparingly(clock)
  return (error) => {
    const reason = reasonOf(error)
    if (isNews(reason)) log.warn({ reason }, 'a connection of the tier failed; it is tried again')
  }
}
