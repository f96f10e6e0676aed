/** What a cache is made of, and what of its behaviour is chosen. */
import type { Clock } from '../clock.ts'
import type { CacheEvent } from './cache-event.ts'
import type { Entry } from './entry.ts'
import type { NearCache } from './near-cache.ts'
import type { ChangeLog, FlightGate, Store } from './ports.ts'
import type { Affects } from './truth.ts'

export interface CacheOptions {
  readonly near: NearCache
  readonly store: Store
  readonly log: ChangeLog
  /** Where processes share the store: lets one of them read at a time. */
  readonly flights?: FlightGate
  readonly clock: Clock
  /** May err towards yes, never towards no. */
  readonly affects: Affects
  /** Why a reply is not to be stored now although no change in the log speaks against it, if there is a reason. */
  readonly distrust?: (entry: Entry) => string | undefined
  /** The log's own right, and the follower is not blind. Asked on every hit. */
  readonly mayAnswer: () => boolean
  /** How far upstream's reads may lag behind its events (rule 11). */
  readonly settleMs: number
  /** How long after its TTL an entry is kept for when upstream is down. */
  readonly graceMs: number
  /** How long after its TTL an entry that the log finds true may be given while it is read anew. Default 0: never. */
  readonly revalidateMs?: number
  /** 0..1: up to this share of the TTL is taken off at random, so that entries filled together do not expire together. */
  readonly ttlJitter: number
  readonly random: () => number
  readonly report: (event: CacheEvent) => void
  /** Whether a failure means that upstream could not be asked, as opposed to its refusing. Default: UPSTREAM_UNREACHABLE. */
  readonly isOutage?: (error: unknown) => boolean
  /** A stored entry that passed a check over more changes than this is stored again with a new stamp. Default 10,000. */
  readonly restampAfter?: number
}
