/** What following reports, as log lines: what went wrong and what was found. Steady work is counted only. */
import type { Logger } from 'pino'
import type { CacheEvent } from '../cache/cache.ts'
import type { Clock } from '../clock.ts'
import { reasonOf } from '../errors.ts'
import type { FollowEvent } from '../follow/follow-event.ts'
import { sparingly } from './sparingly.ts'

export function logFollowing(log: Logger, event: FollowEvent): void {
  if (event.event === 'failed') {
    log.warn(
      { part: event.part, reason: reasonOf(event.error), retryInMs: Math.round(event.retryInMs) },
      'background work failed',
    )
  } else if (event.event === 'audited' && event.verdict === 'stale') {
    log.error({ key: event.key }, 'a wrong answer was served; it has been repaired')
  } else if (event.event === 'not swept' || event.event === 'ids not compared') {
    log.warn({ type: event.type, reason: reasonOf(event.error) }, event.event)
  } else if (event.event === 'old gaps' || event.event === 'last event unseen') log.warn(event, event.event)
  else if (event.event === 'started at head' || event.event === 'recovered') log.info(event, event.event)
  else if (event.event === 'warmed') log.info(event, event.event)
  else if (event.event !== 'audited') log.debug(event, event.event)
}

/** Failures of the store, which every request may meet, are told sparingly; the metrics count them. */
export function cacheLog(log: Logger, clock: Clock): (event: CacheEvent) => void {
  const isNews = sparingly(clock)
  return (event) => {
    if (event.kind === 'store-failed') {
      const { operation } = event
      const reason = reasonOf(event.error)
      if (isNews(`${operation} ${reason}`))
        log.warn({ operation, reason }, 'the store failed; ShotGrid is asked instead')
    } else if (event.kind === 'affects-failed') {
      log.error({ key: event.entry.key, err: event.error }, 'a change could not be judged; the entry was dropped')
    }
  }
}
