/** What the cache is asked, what upstream gives it, and what it answers. */
import type { Dependency, Entry } from './entry.ts'

/** A read, in the two forms the cache needs: a key to find it by, and the call itself to be sure. */
export interface Question {
  readonly key: string
  readonly scope: string
  readonly type: string
  /** The canonical call, JSON. */
  readonly call: string
}

/** Under which reads of one question are one. With the call, so that two questions of one digest are not. */
export function flightKeyOf({ key, call }: Question): string {
  return `${key}\n${call}`
}

/** A reply that upstream has given. */
export interface Loaded {
  readonly body: Buffer
  readonly dependencies: readonly Dependency[]
  readonly ttlMs: number
  /** Wall time, ms, from which it is not fresh whatever its TTL. */
  readonly endsAt?: number
  /** true, or the reason why this reply is not to be stored. */
  readonly store: true | string
}

/** Reads upstream; rejects when upstream fails. The signal aborts when the cache is closed. */
export type Load = (signal: AbortSignal) => Promise<Loaded>

export interface ReadHints {
  /** Read upstream, whatever is cached. What it gives is stored. A failure is not covered by an earlier answer. */
  readonly noCache?: boolean
  /** An entry filled longer ago than this is read again. */
  readonly maxAgeMs?: number
  /** Do not read upstream: reject with NOT_CACHED unless there is a fresh entry. */
  readonly onlyIfCached?: boolean
  /** Do not answer with less than the log says at this seq, such as the one a write was answered with. */
  readonly minSeq?: number
}

/**
 * `hit`: from cache, and true. `miss`: read upstream. `bypass`: read upstream because the cache may not answer this.
 * `stale`: upstream is down, and this is the last answer known.
 */
export type Outcome = 'hit' | 'miss' | 'stale' | 'bypass'

export interface Answer {
  /** In no store if the reply was not to be stored. */
  readonly entry: Entry
  readonly outcome: Outcome
  /**
   * For `Cache-Status`: `fresh`, `uri-miss`, `stale`, `no-cache`, `max-age`, `min-seq`, `blind`, `uncacheable: …`, or
   * `revalidating` for a hit past its TTL, which is read anew meanwhile.
   */
  readonly detail: string
  /** The seq of the log that the answer is true as of. */
  readonly seq: number
  readonly ageMs: number
  /** Read upstream for another request that asked the same at the same time. */
  readonly collapsed?: boolean
}

/** What a reply from upstream is called, by why it was read. */
export const forwarded: Readonly<Record<MissReason, readonly [Outcome, string]>> = {
  unknown: ['miss', 'uri-miss'],
  collision: ['miss', 'uri-miss'],
  expired: ['miss', 'stale'],
  changed: ['miss', 'stale'],
  forgotten: ['miss', 'stale'],
  blind: ['bypass', 'blind'],
  'no-cache': ['bypass', 'no-cache'],
  'max-age': ['bypass', 'max-age'],
  'min-seq': ['bypass', 'min-seq'],
}

/**
 * Why a read goes upstream. `unknown`: no entry. `expired`: past its TTL. `changed`: a change affects it. `forgotten`:
 * the log does not reach back to it. `collision`: the entry under the key answers another question. `blind`: this
 * process may not answer from cache now. The others are the reader's own wish.
 */
export type MissReason =
  | 'unknown'
  | 'expired'
  | 'changed'
  | 'forgotten'
  | 'collision'
  | 'blind'
  | 'no-cache'
  | 'max-age'
  | 'min-seq'
