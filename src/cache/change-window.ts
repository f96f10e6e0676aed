/**
 * The part of the change log that this process holds in memory, indexed so that a freshness check looks only at
 * changes that could matter.
 */
import type { Change, Position } from './change.ts'
import type { Dependency } from './entry.ts'

export interface ChangeWindow {
  readonly epoch: string
  /** Seq of the last applied change; 0 if none. */
  readonly head: number
  /** Changes with a seq greater than this are all here. An entry stamped before it is not fresh (rule 7). */
  readonly coverage: number
  /** Applies the next change. A hole in `seq` empties the window and moves the coverage; an old seq is ignored. */
  apply(change: Change): void
  /** A new epoch: nothing stamped in the old one is fresh. */
  begin(position: Position): void
  /**
   * The changes after `after` that may concern these dependencies, each once. `undefined` when there are none, the
   * usual case, found by comparing a few integers.
   */
  candidates(dependencies: readonly Dependency[], after: number): readonly Change[] | undefined
  /** The head as it was `ms` ago by the monotonic clock (rule 11), never before this epoch. */
  headBefore(ms: number): number
  /** Changes after a seq, in order, for people and for tests. */
  since(seq: number): readonly Change[]
}
