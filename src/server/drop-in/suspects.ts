/**
 * Types of which it is not known whether a write is still going to change them.
 *
 * The outcome of a write whose connection broke is open until the longest transaction of the site has passed: it may
 * be applied a minute after we gave up on it. Until then no reply that depends on its types is stored, and what other
 * processes store is dropped again and again, and once more at the end.
 */
import type { ChangeRecord } from '../../cache/change.ts'
import type { Dependency } from '../../cache/entry.ts'
import type { Clock } from '../../clock.ts'
import { flushOf } from '../../freshness/side-effects-of-writes.ts'

export interface SuspectsOptions {
  readonly clock: Clock
  readonly longestTransactionMs: number
  /** How often the types are dropped meanwhile. */
  readonly repeatMs: number
  readonly append: (records: readonly ChangeRecord[]) => Promise<unknown>
  readonly signal: AbortSignal
}

export class Suspects {
  readonly #options: SuspectsOptions
  /** Type -> monotonic time until which it is suspect. */
  readonly #until = new Map<string, number>()

  constructor(options: SuspectsOptions) {
    this.#options = options
  }

  /** Returns at once; the types are watched in the background. */
  watch(doubts: readonly ChangeRecord[]): void {
    const { clock, longestTransactionMs } = this.#options
    const end = clock.monotonic() + longestTransactionMs
    const types = [...new Set(doubts.map((record) => record.type))]
    for (const type of types) this.#until.set(type, end)
    void this.#repeat(types, end)
  }

  /** Why a reply with these dependencies is not to be stored now. */
  reasonAgainst(dependencies: readonly Dependency[]): string | undefined {
    if (this.#until.size === 0) return undefined
    if (this.#until.has('*')) return 'a write of unknown outcome'
    const suspect = dependencies.find(({ type }) => this.#until.has(type))
    return suspect && `a write of unknown outcome to ${suspect.type}`
  }

  async #repeat(types: readonly string[], end: number): Promise<void> {
    const { clock, repeatMs, append, signal } = this.#options
    const flushes = types.map((type) => flushOf(type, 'a write of unknown outcome may have been applied by now'))
    while (!signal.aborted) {
      const leftMs = end - clock.monotonic()
      if (leftMs <= 0) break
      await clock.sleep(Math.min(repeatMs, leftMs), signal)
      await append(flushes).catch(() => {}) // the next time round will do
    }
    for (const type of types) if ((this.#until.get(type) ?? 0) <= end) this.#until.delete(type)
  }
}
