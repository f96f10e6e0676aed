/**
 * Writes of which it is not known whether they are still going to be applied.
 *
 * The outcome of a write whose connection broke is open until the longest transaction of the site has passed: it may be
 * applied a minute after we gave up on it. Until then no reply is stored that it could make untrue, and its possible
 * changes are logged again and again, for what other processes store, and once more at the end. No event ends the doubt
 * sooner: see `docs/decisions.md`.
 *
 * What a write could make untrue is judged as for a change that has happened, so the replies of the same type that it
 * cannot touch are stored and answered as ever.
 */
import type { ChangeRecord } from '../../cache/change.ts'
import type { Entry } from '../../cache/entry.ts'
import type { Clock } from '../../clock.ts'
import type { Affects } from '../../freshness/affects.ts'

export interface SuspectsOptions {
  readonly clock: Clock
  readonly affects: Affects
  readonly longestTransactionMs: number
  /** How often the possible changes are logged meanwhile. */
  readonly repeatMs: number
  readonly append: (records: readonly ChangeRecord[]) => Promise<unknown>
  readonly signal: AbortSignal
}

/** One write of unknown outcome. */
interface Doubt {
  readonly changes: readonly ChangeRecord[]
  /** Monotonic time until which it may still be applied. */
  readonly end: number
}

export class Suspects {
  readonly #options: SuspectsOptions
  readonly #doubts = new Set<Doubt>()
  #isRunning = false

  constructor(options: SuspectsOptions) {
    this.#options = options
  }

  /** Returns at once; what may change is watched in the background. */
  watch(changes: readonly ChangeRecord[]): void {
    const { clock, longestTransactionMs } = this.#options
    this.#doubts.add({ changes, end: clock.monotonic() + longestTransactionMs })
    if (!this.#isRunning) void this.#run()
  }

  /** Why a reply is not to be stored now, if it is not. */
  reasonAgainst(entry: Entry): string | undefined {
    for (const { changes } of this.#doubts) {
      const suspect = changes.find((change) => this.#mayAffect(change, entry))
      if (suspect) return `a write of unknown outcome${suspect.type === '*' ? '' : ` to ${suspect.type}`}`
    }
    return undefined
  }

  #mayAffect(record: ChangeRecord, entry: Entry): boolean {
    if (record.type !== '*' && !entry.dependencies.some(({ type }) => type === record.type)) return false
    try {
      return this.#options.affects({ ...record, ...nowhere }, entry)
    } catch {
      return true // as for a change that has happened
    }
  }

  async #run(): Promise<void> {
    const { clock, repeatMs, signal } = this.#options
    this.#isRunning = true
    while (this.#doubts.size > 0 && !signal.aborted) {
      const left = Math.min(...[...this.#doubts].map((doubt) => doubt.end)) - clock.monotonic()
      await clock.sleep(left > 0 ? Math.min(repeatMs, left) : repeatMs, signal)
      await this.#repeat()
    }
    this.#isRunning = false
  }

  /** A doubt ends when its changes stand in the log once more, and not before. */
  async #repeat(): Promise<void> {
    const doubts = [...this.#doubts]
    const now = this.#options.clock.monotonic()
    try {
      await this.#options.append(doubts.flatMap((doubt) => doubt.changes))
    } catch {
      return // the next time round will do
    }
    for (const doubt of doubts) if (now >= doubt.end) this.#doubts.delete(doubt)
  }
}

/** The changes are not in the log: where they would stand there plays no part. */
const nowhere = { epoch: '', seq: 0, at: 0 }
