/**
 * The truth over time: what the site would have answered to each question of a pool, at every moment of a history.
 *
 * After every commit each question is asked of the site directly. An answer that differs from the one before begins a
 * new span. So for an answer served later it can be said exactly when it stopped being true, and what made it untrue.
 */
import type { Commit } from '../../src/sandbox/journal.ts'

/** Why the truth moved, which decides how long a wrong answer may live. */
export type Cause = 'start' | 'event' | 'silent' | 'silent removal' | 'clock'

/** What leaves no event is found by its `updated_at`, unless the row is gone; consequences follow their cause. */
export function causeOf(commits: readonly Commit[]): Cause {
  const own = commits.flatMap((commit) => commit.changes).filter((change) => !change.consequence && change.silent)
  if (own.some((change) => change.kind !== 'update' && change.kind !== 'create')) return 'silent removal'
  return own.length > 0 ? 'silent' : 'event'
}

export interface Span {
  /** When the site began to answer so, ms. */
  readonly from: number
  readonly text: string
  /** What ended the span before it. */
  readonly cause: Cause
}

export interface Untrue {
  readonly sinceMs: number
  readonly cause: Cause
}

export class Timeline {
  readonly #ask: (question: number) => string
  readonly #spans: Span[][]

  constructor(questions: number, at: number, ask: (question: number) => string) {
    this.#ask = ask
    this.#spans = Array.from({ length: questions }, (_, question) => [
      { from: at, text: ask(question), cause: 'start' },
    ])
  }

  /** Asks every question again; tells how many answers moved. */
  refresh(at: number, cause: Cause): number {
    return this.#spans.filter((_, question) => this.refreshOne(question, at, cause)).length
  }

  /** For a question whose answer moves with the clock. */
  refreshOne(question: number, at: number, cause: Cause): boolean {
    const spans = this.#spans[question]!
    const text = this.#ask(question)
    if (text === spans.at(-1)!.text) return false
    spans.push({ from: at, text, cause })
    return true
  }

  truth(question: number): string {
    return this.#spans[question]!.at(-1)!.text
  }

  /**
   * Since when, and by what, an answer has been untrue: undefined if it is the truth now, `never` if it was never the
   * truth at all. An answer that was true several times counts from the last time.
   */
  untrue(question: number, text: string): Untrue | 'never' | undefined {
    const spans = this.#spans[question]!
    const last = spans.findLastIndex((span) => span.text === text)
    if (last === spans.length - 1) return undefined
    if (last < 0) return 'never'
    const next = spans[last + 1]!
    return { sinceMs: next.from, cause: next.cause }
  }
}
