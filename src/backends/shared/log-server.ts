/**
 * What a server that holds the change log of several processes can do. Redis and Postgres implement it; the algorithm
 * above it (`SharedLog`) is one.
 *
 * Every method is one atomic step at the server. All but `enter` name the epoch they are meant for, and reject with
 * `EpochEnded` when the log is in another one, or when the server is no longer the one that the epoch is bound to
 * (rule 4): a Redis that was restarted or promoted, a Postgres of another timeline. All reject when the server cannot
 * be reached within its deadline; what was asked for may have happened all the same.
 *
 * Of one server everything lives and is lost together: epoch, head, cursor, lease and members (rule 6).
 */
import type { ChangeRecord } from '../../cache/change.ts'
import type { Change, Cursor, CursorMove } from '../../cache/ports.ts'

/** Where the log is. Durations by the server's own clock. */
export interface LogState {
  readonly epoch: string
  readonly head: number
  /** Changes after this seq can still be read. */
  readonly coverage: number
  /** Until then nobody answers from cache, stores, or counts a change as settled (rule 5); 0 when the epoch is open. */
  readonly opensInMs: number
}

export interface Renewal {
  readonly head: number
  readonly opensInMs: number
  /**
   * This process was not a member: its right begins when it has applied `head` (rule 8). Said again until it has applied
   * the head of when it became one, as whoever was told first may not have heard it.
   */
  readonly joined: boolean
  /** Processes that hold a right, this one included. */
  readonly members: number
}

export interface LogServer {
  /**
   * The epoch of the log. If there is none, or it is bound to another server, `newEpoch` begins: with a head greater
   * than that of any epoch before, no members, no lease, and closed for `quarantineMs`. The cursor stays if it is there.
   * `known`: a position that was seen here; if the log is in that epoch but its head is lower, changes were lost, and a
   * new epoch begins as well.
   */
  enter(newEpoch: string, known?: { readonly epoch: string; readonly seq: number }): Promise<LogState>
  /** Gives the seq of the last record; without records, the head. Rejects with FENCED if the move's fence is outdated. */
  append(epoch: string, records: readonly ChangeRecord[], at: number, move?: CursorMove): Promise<number>
  /** Changes after `after`, in order, `limit` at most. A log that was trimmed begins later than `after + 1`. */
  read(epoch: string, after: number, limit: number): Promise<readonly Change[]>
  /**
   * Resolves when there may be changes after `after`, and now and then without any; also when `signal` aborts. Rejects
   * when the server cannot be reached. May know nothing of the epoch.
   */
  news(epoch: string, after: number, signal: AbortSignal): Promise<void>
  /** Says that this member has applied `applied`, and asks for the right to answer; it is forgotten after `forgetMs`. */
  renew(epoch: string, member: string, applied: number, forgetMs: number): Promise<Renewal>
  /** Members that have not applied `seq` yet; 1 at least while the epoch is closed. */
  behind(epoch: string, seq: number): Promise<number>
  /** Gives up membership. */
  leave(epoch: string, member: string): Promise<void>
  cursor(epoch: string): Promise<Cursor | undefined>
  /** The fence if `member` holds the lease now; a new holder gets a greater one. */
  acquireLease(epoch: string, member: string, holdMs: number): Promise<number | undefined>
  releaseLease(epoch: string, member: string): Promise<void>
  close(): Promise<void>
}

/** The log is in another epoch than the caller believed. */
export class EpochEnded extends Error {
  readonly epoch: string

  constructor(epoch: string) {
    super(`the epoch ${epoch} of the change log has ended`)
    this.epoch = epoch
    this.name = 'EpochEnded'
  }
}
