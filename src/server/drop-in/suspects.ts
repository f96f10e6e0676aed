/**
 * Types of which it is not known whether a write is still going to change them.
 *
 * The outcome of a write whose connection broke is open until the longest transaction of the site has passed: it may
 * be applied a minute after we gave up on it. Until then no reply that depends on its types is stored, and its possible
 * changes are logged again and again, for what other processes store, and once more at the end.
 */
import type { ChangeRecord } from '../../cache/change.ts'
import type { Dependency } from '../../cache/entry.ts'
import type { Clock } from '../../clock.ts'

export interface SuspectsOptions {
  readonly clock: Clock
  readonly longestTransactionMs: number
  /** How often the possible changes are logged meanwhile. */
  readonly repeatMs: number
  readonly append: (records: readonly ChangeRecord[]) => Promise<unknown>
  readonly signal: AbortSignal
}

/** One write of unknown outcome. */
interface Doubt {
  readonly changes: readonly ChangeRecord[]
  readonly types: ReadonlySet<string>
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
    const types = new Set(changes.map((record) => record.type))
    this.#doubts.add({ changes, types, end: clock.monotonic() + longestTransactionMs })
    if (!this.#isRunning) void this.#run()
  }

  /** Why a reply with these dependencies is not to be stored now. */
  reasonAgainst(dependencies: readonly Dependency[]): string | undefined {
    for (const { types } of this.#doubts) {
      if (types.has('*')) return 'a write of unknown outcome'
      const suspect = dependencies.find(({ type }) => types.has(type))
      if (suspect) return `a write of unknown outcome to ${suspect.type}`
    }
    return undefined
  }

  async #run(): Promise<void> {
    const { clock, repeatMs, append, signal } = this.#options
    this.#isRunning = true
    while (this.#doubts.size > 0 && !signal.aborted) {
      const nextEnd = Math.min(...[...this.#doubts].map((doubt) => doubt.end))
      await clock.sleep(Math.min(repeatMs, Math.max(0, nextEnd - clock.monotonic())), signal)
      const doubts = [...this.#doubts]
      const now = clock.monotonic()
      await append(doubts.flatMap((doubt) => doubt.changes)).catch(() => {}) // the next time round will do
      for (const doubt of doubts) if (now >= doubt.end) this.#doubts.delete(doubt)
    }
    this.#isRunning = false
  }
}
