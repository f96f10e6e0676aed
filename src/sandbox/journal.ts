/**
 * What has really been changed, for tests: also what leaves no event, and what the log tells late or misleadingly.
 */
import type { Ref } from './row.ts'

/**
 * - `create`, `update`, `retire`, `revive`: of one row, in one transaction; `fields` are those whose value changed.
 * - `schema`: fields of `type` were made, edited or removed. `perUser`: a value that only one caller sees.
 * - `access`: a role's rules were changed.
 */
export interface JournalChange {
  readonly kind: 'create' | 'update' | 'retire' | 'revive' | 'schema' | 'perUser' | 'access'
  readonly type: string
  readonly id: number
  readonly fields: readonly string[]
  /** No event tells of it. */
  readonly silent: boolean
  /** It followed from a change of another row: a cascade, a template, a reschedule, a connection. */
  readonly consequence: boolean
}

/** One committed transaction. */
export interface Commit {
  readonly atMs: number
  readonly by: Ref
  readonly changes: readonly JournalChange[]
  readonly eventIds: readonly number[]
}

export type CommitListener = (commit: Commit) => void

export class Journal {
  readonly #listeners = new Set<CommitListener>()

  /** Stops when the returned function is called. */
  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(commit: Commit): void {
    for (const listener of this.#listeners) listener(commit)
  }
}
