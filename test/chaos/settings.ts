/**
 * How sgcache is set in these runs: as by default, but faster, so that a short run sees everything, and what follows from
 * it: how old an answer may be.
 */
import type { Cause } from '../histories/timeline.ts'

export const timing = {
  pollMs: 300,
  blindAfterMs: 4000,
  sweepMs: 3000,
  idSetMs: 5000,
  leaseMs: 1000,
  slackMs: 250,
  followerLeaseMs: 2000,
  settleMs: 100,
  /** What the site's events may lag behind their data. */
  eventLagMs: 150,
}

/** Beyond a bound: for the way of messages, and turns that processes get late on a machine with little to give. */
export const marginMs = 1500

/** Before a sweep tells of a row, it waits for the row's event; this is what it waits beyond a poll. */
const sweepWaitsMs = 2000

/**
 * How old an answer may be, by what made it untrue.
 *
 * Of what has an event: nobody answers unchecked who has not heard from the follower for `blind_after`; whoever stands
 * by hears of its looks a poll later. Of the rest: two rounds, since one may just have begun. That holds while nobody is
 * in trouble.
 */
export function boundMs(cause: Cause): number {
  const round = (everyMs: number) => 2 * (everyMs + sweepWaitsMs + timing.pollMs) + 1000
  if (cause === 'silent') return round(timing.sweepMs) + marginMs
  if (cause === 'silent removal') return round(timing.idSetMs) + marginMs
  return timing.eventLagMs + timing.blindAfterMs + 2 * timing.pollMs + marginMs
}

/** Those of whom nobody else is in trouble have seen an event by then. */
export const promptMs = timing.eventLagMs + timing.pollMs + marginMs

export function environment(scripts: readonly string[]): Record<string, string> {
  const ms = (value: number) => `${value}ms`
  return {
    SGCACHE_LOG_FORMAT: 'json',
    SGCACHE_EVENTS_POLL: ms(timing.pollMs),
    SGCACHE_EVENTS_BLIND_AFTER: ms(timing.blindAfterMs),
    SGCACHE_EVENTS_SWEEP: ms(timing.sweepMs),
    SGCACHE_EVENTS_SWEEP_OVERLAP: '1s',
    SGCACHE_EVENTS_ID_SET: ms(timing.idSetMs),
    SGCACHE_EVENTS_LONGEST_TRANSACTION: '6s',
    SGCACHE_EVENTS_GAP_WINDOW: '200',
    SGCACHE_SHARED_LEASE: ms(timing.leaseMs),
    SGCACHE_SHARED_SLACK: ms(timing.slackMs),
    SGCACHE_SHARED_FOLLOWER_LEASE: ms(timing.followerLeaseMs),
    SGCACHE_SHARED_DEADLINE: '500ms',
    SGCACHE_POSTGRES_DEADLINE: '400ms',
    SGCACHE_POSTGRES_L1_TTL: '20s',
    SGCACHE_CACHE_SETTLE: ms(timing.settleMs),
    SGCACHE_CACHE_MEMORY: '64MB',
    SGCACHE_WARM_TYPES: 'Shot',
    SGCACHE_WARM_REFRESH_DELAY: '200ms',
    SGCACHE_AUDIT_SHARE: '0.02',
    SGCACHE_AUDIT_PER_MINUTE: '60',
    SGCACHE_DROP_IN_PROOF_INTERVAL: '3s',
    SGCACHE_SHOTGRID_SCRIPTS: scripts.join(','),
    SGCACHE_SHOTGRID_TIMEOUT: '5s',
    SGCACHE_SHOTGRID_BREAKER_PAUSE: '500ms',
  }
}
