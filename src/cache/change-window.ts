/**
 * The part of the change log that this process holds in memory, indexed so that a freshness check looks only at
 * changes that could matter.
 *
 * The window holds the last `limit` changes without a hole. What it no longer holds it has *forgotten*, and to forget
 * is to invalidate: `coverage` says how far back it knows, and an entry last checked before that is not fresh.
 *
 * Cost: applying a change is O(1), however many entries are cached and changes held; so is forgetting one.
 */
import type { Clock } from '../clock.ts'
import { type Change, concernsSchema, type Position } from './change.ts'
import { ChangeIndex } from './change-index.ts'
import type { Dependency } from './entry.ts'
import { HeadHistory } from './head-history.ts'

export interface ChangeWindow {
  readonly epoch: string
  /** Seq of the last applied change; 0 if none. */
  readonly head: number
  /** Changes with a seq greater than this are all here. An entry stamped before it is not fresh (rule 7). */
  readonly coverage: number
  /** No change after this seq concerns the schema: whoever has read it since then knows it as it is. */
  readonly schemaSeq: number
  /** Applies the next change. A hole in `seq` empties the window and moves the coverage; an old seq is ignored. */
  apply(change: Change): void
  /** A new epoch: nothing stamped in the old one is fresh. */
  begin(position: Position): void
  /**
   * The changes after `after` that may concern these dependencies, each once. `undefined` when there are none, the
   * usual case, found by comparing a few integers.
   */
  candidates(dependencies: readonly Dependency[], after: number): readonly Change[] | undefined
  /**
   * The head as it was `ms` ago by the monotonic clock (rule 11). Never of another epoch: when this one had not begun
   * here, a seq less than `coverage`, so that what is stamped with it is not fresh.
   */
  headBefore(ms: number): number
  /** Changes after a seq, in order, for people and for tests. */
  since(seq: number): readonly Change[]
}

export interface ChangeWindowOptions {
  readonly epoch: string
  readonly clock: Clock
  /** How many changes are held. Default 200,000: an hour at 50 a second. */
  readonly limit?: number
}

/** An empty window at the beginning of an epoch. */
export function createChangeWindow(options: ChangeWindowOptions): ChangeWindow {
  return new IndexedWindow(options)
}

class IndexedWindow implements ChangeWindow {
  readonly #index: ChangeIndex
  readonly #history: HeadHistory
  #epoch: string
  #head = 0
  #schemaSeq = 0

  constructor({ epoch, clock, limit = 200_000 }: ChangeWindowOptions) {
    this.#index = new ChangeIndex(limit)
    this.#history = new HeadHistory(clock)
    this.#epoch = epoch
    this.#history.restart(0)
  }

  get epoch(): string {
    return this.#epoch
  }

  get head(): number {
    return this.#head
  }

  get schemaSeq(): number {
    return this.#schemaSeq
  }

  get coverage(): number {
    return this.#index.coverage
  }

  apply(change: Change): void {
    // Whoever feeds the window begins the new epoch first. Ignoring the change instead would lose it.
    if (change.epoch !== this.#epoch) throw new Error(`a change of epoch ${change.epoch} in epoch ${this.#epoch}`)
    if (change.seq <= this.#head) return
    const isHole = change.seq > this.#head + 1
    if (isHole) this.#index.restart(change.seq - 1)
    if (isHole || concernsSchema(change)) this.#schemaSeq = change.seq
    this.#index.add(change)
    this.#head = change.seq
    this.#history.record(change.seq)
  }

  begin(position: Position): void {
    this.#epoch = position.epoch
    this.#head = position.seq
    this.#schemaSeq = position.seq
    this.#index.restart(position.seq)
    this.#history.restart(position.seq)
  }

  candidates(dependencies: readonly Dependency[], after: number): readonly Change[] | undefined {
    return this.#index.candidates(dependencies, after)
  }

  headBefore(ms: number): number {
    return this.#history.before(ms)
  }

  since(seq: number): readonly Change[] {
    return this.#index.since(seq)
  }
}
