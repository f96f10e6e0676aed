/**
 * What the cache needs of the outside, and every tier provides: a store of entries, an ordered log of changes, a place
 * for the follower's position, a lease for the one follower. `src/backends` implements them; one contract suite tests
 * all implementations.
 *
 * All methods may reject when the tier is in trouble. Only the cache decides what that means (law 5: the cache may
 * fail, the read may not).
 */
import type { Change, ChangeRecord, Position } from './change.ts'
import type { ChangeWindow } from './change-window.ts'
import type { Entry } from './entry.ts'
import type { NearCache } from './near-cache.ts'

/** Entries by key. Expiry is `keepUntil`; an entry past it is not returned. */
export interface Store {
  /**
   * A store may hold several copies, some older. The first that `suits` is given, else the youngest; without `suits`, any.
   */
  get(key: string, suits?: (entry: Entry) => boolean): Promise<Entry | undefined>
  /** False if the entry was refused (too large); a failed write rejects. */
  set(entry: Entry): Promise<boolean>
  delete(key: string): Promise<void>
  /** Every entry, in no order, without holding them all in memory at once. For `inspect` and `migrate`. */
  entries(): AsyncIterable<Entry>
}

/**
 * The ordered log of changes. Each process applies it, in order and without holes, to its `window`, where freshness is
 * decided without a round trip.
 */
export interface ChangeLog {
  readonly window: ChangeWindow
  /**
   * Appends in one step, in the order given. Resolves with the position of the last one when it is durable in the
   * tier and applied to this process's own window. With `cursor`, the follower's position moves in the same step.
   */
  append(records: readonly ChangeRecord[], cursor?: CursorMove): Promise<Position>
  /** Resolves when no process can answer any more with what the changes up to `position` affect (law 3). */
  settled(position: Position): Promise<void>
  /**
   * Whether this process may answer from cache now (rules 8, 9): it is joined to the log and up to date. In one
   * process always true. Asked on every hit, so it must be cheap.
   */
  mayAnswer(): boolean
  /** How long `settled` may take at the most while the log can be reached; 0 in one process. */
  readonly settlesWithinMs: number
  close(): Promise<void>
}

/** Where the follower is in upstream's event log: what it has seen, and the ids below it that it has not. */
export interface Cursor {
  /** The highest event id seen. */
  readonly lastId: number
  /** Missing ids below `lastId`, with the wall time, ms, each was first missed. */
  readonly gaps: readonly { readonly id: number; readonly since: number }[]
  /** Wall time, ms, up to which event-less changes have been swept, by type. */
  readonly sweptAt: Readonly<Record<string, number>>
  /** Wall time, ms, of the follower's last look that was saved; absent if the writer does not tell. */
  readonly tickedAt?: number
}

/** A cursor written by the holder of a lease; refused when `fence` is older than the last one seen. */
export interface CursorMove {
  readonly cursor: Cursor
  readonly fence: number
  /** What upstream's event log was seen to hold on the way, for a tier that keeps a trail of it. */
  readonly seen?: readonly SeenEvent[]
}

/** An entry of upstream's event log, as it came. */
export interface SeenEvent {
  readonly id: number
}

export interface CursorStore {
  load(): Promise<Cursor | undefined>
}

/** One holder at a time, with a number that grows with every holder. */
export interface Lease {
  /** The fence if this process holds it now, else undefined. Renews a lease that is held. */
  acquire(): Promise<number | undefined>
  release(): Promise<void>
}

/**
 * Lets one process at a time read a question upstream, of all that share a store. A courtesy, not a lock: trouble or a
 * holder that takes too long means that others read as well, which costs a read and nothing else.
 */
export interface FlightGate {
  /** `mine`: this process reads now, and calls `done` after. Else the flight of another, and when it has ended. */
  claim(key: string): Promise<Claim>
}

export type Claim =
  | { readonly mine: true; readonly done: () => Promise<void> }
  | { readonly mine: false; readonly ended: Promise<void> }

/**
 * Which entity types the entries of all processes depend on: whoever follows looks for silent changes of all of them,
 * whoever cached them. A type that is lost from here and comes back is swept back to when it was last swept.
 */
export interface SharedTypes {
  /** Adds types, each to be kept for `keepMs` at least. */
  note(types: readonly string[], keepMs: number): Promise<void>
  all(): Promise<readonly string[]>
}

/** A tier, opened. Whoever opens it closes it. */
export interface Backend {
  readonly tier: 'memory' | 'redis' | 'postgres'
  readonly near: NearCache
  /** The store behind the near cache. In the memory tier it is the near cache itself, seen through Keyv. */
  readonly store: Store
  readonly log: ChangeLog
  readonly cursors: CursorStore
  readonly lease: Lease
  /** Absent where there is one process only. */
  readonly flights?: FlightGate
  /** Absent where there is one process only. */
  readonly types?: SharedTypes
  /** How many processes share the tier now, this one included. */
  processes(): number
  close(): Promise<void>
}

export type { Change, ChangeRecord, Position }
