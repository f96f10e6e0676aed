/**
 * What the cache tells the outside as it works. Metrics, logs, the status screen and the tests listen; the cache has
 * no logger and no counters of its own. A hit that `peek` finds is not told: whoever peeks knows.
 */
import type { MissReason, Question } from './answer.ts'
import type { Change } from './change.ts'
import type { Entry } from './entry.ts'

export type CacheEvent =
  | { readonly kind: 'hit'; readonly question: Question; readonly entry: Entry }
  | { readonly kind: 'miss'; readonly question: Question; readonly reason: MissReason }
  /** An entry past its TTL was a hit once more, and its question is read anew in the background. */
  | { readonly kind: 'revalidating'; readonly question: Question }
  /** Answered by the upstream read of another request. Comes after its own `miss`. */
  | { readonly kind: 'joined'; readonly question: Question }
  | { readonly kind: 'stored'; readonly entry: Entry }
  /** A reply that was not stored. */
  | { readonly kind: 'refused'; readonly question: Question; readonly reason: string }
  /** The first time a change was seen to make an entry not fresh. */
  | { readonly kind: 'dropped'; readonly entry: Entry; readonly change: Change }
  | { readonly kind: 'stale-served'; readonly question: Question; readonly entry: Entry; readonly error: unknown }
  | { readonly kind: 'store-failed'; readonly operation: 'get' | 'set'; readonly key: string; readonly error: unknown }
  /** `affects` threw: the entry was taken as affected. */
  | { readonly kind: 'affects-failed'; readonly entry: Entry; readonly change: Change; readonly error: unknown }
