/**
 * Tells whether an entry is still true: no change after its stamp affects it.
 *
 * A check that passed is remembered in the entry (`validatedSeq`), so the next one looks only at what came later. The
 * memo belongs to that entry alone, never to another with the same body, call or digest (rule 12): their dependencies
 * and scopes differ.
 *
 * Cost: comparing two integers when nothing was appended since the last check; else see `ChangeWindow.candidates`.
 */
import type { CacheEvent } from './cache-event.ts'
import type { Change } from './change.ts'
import type { ChangeWindow } from './change-window.ts'
import type { Entry } from './entry.ts'

export type Affects = (change: Change, entry: Entry) => boolean

/** `forgotten`: the log does not reach back to where the entry was last checked, or is another one. */
export type Verdict = 'true' | 'changed' | 'forgotten'

export class Truth {
  readonly #window: ChangeWindow
  readonly #affects: Affects
  readonly #report: (event: CacheEvent) => void
  /** Entries found untrue. They stay so, and are told of once. */
  readonly #dropped = new WeakSet<Entry>()
  /** How many changes were looked at one by one since the start: what the index could not rule out. */
  examined = 0

  constructor(window: ChangeWindow, affects: Affects, report: (event: CacheEvent) => void) {
    this.#window = window
    this.#affects = affects
    this.#report = report
  }

  of(entry: Entry): Verdict {
    const window = this.#window
    if (entry.stamp.epoch !== window.epoch) return 'forgotten'
    const { head } = window
    if (entry.validatedSeq === head) return 'true'
    if (this.#dropped.has(entry)) return 'changed'
    if (entry.validatedSeq < window.coverage) return 'forgotten'
    const candidates = window.candidates(entry.dependencies, entry.validatedSeq)
    const change = candidates?.find((candidate) => this.#concerns(candidate, entry))
    if (change) {
      this.#dropped.add(entry)
      this.#report({ kind: 'dropped', entry, change })
      return 'changed'
    }
    entry.validatedSeq = head
    return 'true'
  }

  /**
   * Whether a write that passed through us may have made the entry untrue (rule 24). What the log has forgotten may
   * have been such a write.
   */
  mayBreakOwnWrite(entry: Entry): boolean {
    const window = this.#window
    if (entry.stamp.epoch !== window.epoch || entry.validatedSeq < window.coverage) return true
    const candidates = window.candidates(entry.dependencies, entry.validatedSeq) ?? []
    return candidates.some((change) => change.source === 'write' && this.#concerns(change, entry))
  }

  #concerns(change: Change, entry: Entry): boolean {
    if (change.scope !== undefined && change.scope !== entry.scope) return false
    this.examined += 1
    try {
      return this.#affects(change, entry)
    } catch (error) {
      this.#report({ kind: 'affects-failed', entry, change, error })
      return true
    }
  }
}
