/**
 * Three questions about a running server, answered from what is known in the background; nobody waits for a check.
 *
 * - live: the process answers at all.
 * - ready: it can answer reads truthfully in some way. An outage of ShotGrid does not end that, since the cached
 *   answers are true or labelled, and every other instance would be out as well. Only stopping does.
 * - healthy: everything works as it should; if not, which part does not.
 */
import type { FollowerStatus } from '../follow/progress.ts'

export interface HealthFacts {
  readonly tier: string
  readonly isStopping: boolean
  /** The last call to ShotGrid got no usable answer, or calls fail at once. */
  readonly upstreamIsDown: boolean
  readonly schemaIsKnown: boolean
  /** `undefined`: this process does not follow. */
  readonly follower: FollowerStatus | undefined
  readonly entries: number
  readonly bytes: number
  readonly limitBytes: number
  readonly log: LogFacts
}

export interface LogFacts {
  readonly head: number
  /** Of a tier that processes share. */
  readonly shared?: {
    /** Whether this process may answer from cache now. */
    readonly mayAnswer: boolean
    /** Until the epoch opens, 0 when it is open; `undefined` before the log was reached. */
    readonly opensInMs: number | undefined
    readonly processes: number
  }
}

export interface Health {
  readonly status: 'ok' | 'unhealthy'
  readonly tier: string
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly [fact: string]: unknown }>>
}

export function healthOf(facts: HealthFacts): Health {
  const { follower } = facts
  const checks = {
    server: { ok: !facts.isStopping, stopping: facts.isStopping },
    shotgrid: { ok: !facts.upstreamIsDown, schema_known: facts.schemaIsKnown },
    ...(follower && { events: { ok: !follower.isBlind, ...eventFacts(follower) } }),
    cache: { ok: true, entries: facts.entries, bytes: facts.bytes, limit_bytes: facts.limitBytes },
    log: { ok: facts.log.shared?.mayAnswer ?? true, ...logFacts(facts.log) },
  }
  const isOk = Object.values(checks).every(({ ok }) => ok)
  return { status: isOk ? 'ok' : 'unhealthy', tier: facts.tier, checks }
}

function logFacts({ head, shared }: LogFacts) {
  if (!shared) return { head }
  const { mayAnswer, opensInMs, processes } = shared
  // When it opens is reckoned from when this process was told; it may answer only in an open one.
  return { head, may_answer: mayAnswer, epoch_open: mayAnswer || opensInMs === 0, processes }
}

function eventFacts(follower: FollowerStatus) {
  return {
    role: follower.role,
    last_id: follower.lastEventId,
    lag_s: follower.lagMs / 1000,
    gaps: follower.gaps,
    looked_s_ago: follower.lookedMsAgo === undefined ? null : Math.floor(follower.lookedMsAgo / 1000),
  }
}
