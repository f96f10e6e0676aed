/**
 * Judges answers: whether each is as new as it has to be for whoever asked it when he did.
 *
 * - *Read your writes* (law 3): it shows every write through sgcache that had been answered, with a promise, before the
 *   read was sent. By rows: each row's mark is that of the write or a later one. By whole answers: it is not one from
 *   before such a write moved the answer. The latter is certain only if nothing but such writes lies between; where
 *   somebody wrote past sgcache in between, an answer may show the write and not yet the other.
 * - *Not older than its bound* (law 1): nothing that made it untrue happened longer before the read was sent than the
 *   bound for it. What is labelled stale may be as old as it says.
 */
import type { Cause } from '../histories/timeline.ts'
import type { Answer, Row } from './doors.ts'
import type { Question } from './questions.ts'
import { boundMs } from './settings.ts'
import { markFields } from './site.ts'
import { nameOf, type Span, type Truth } from './truth.ts'

export interface Verdict {
  readonly fault?: 'unseen write' | 'too old' | 'never true'
  /** In words. */
  readonly why: string
  /** How long it had been untrue when it was asked for, ms, and the cause; absent when it was true. */
  readonly age?: { readonly ms: number; readonly cause: Cause }
}

export interface JudgeOptions {
  readonly truth: Truth
  readonly questions: readonly Question[]
  /** How long the test itself stood still between two moments. */
  readonly stalledMs: (from: number, to: number) => number
  /** When anybody was last in trouble before a moment. */
  readonly lastTrouble: (before: number) => number
  readonly moment: (at: number) => string
}

export class Judge {
  readonly #options: JudgeOptions
  /** By row: what had been promised when, in the order of promises; positions among the row's versions only grow. */
  readonly #promises = new Map<string, { readonly at: number; readonly version: number }[]>()

  constructor(options: JudgeOptions) {
    this.#options = options
  }

  /** A write was answered at `at`: every read from then on sees this mark of the row. */
  promise(row: string, mark: string, at: number): void {
    const version = this.#options.truth.versions(row).indexOf(mark)
    const promises = this.#promises.get(row) ?? []
    if (version <= (promises.at(-1)?.version ?? -1)) return
    promises.push({ at, version })
    this.#promises.set(row, promises)
  }

  of(question: number, { text, rows, outcome }: Answer, sentAt: number): Verdict {
    const { truth } = this.#options
    const last = truth.last(question, text)
    if (last === undefined) return { fault: 'never true', why: `now it would be ${truth.now(question)}` }
    const unseen = this.#unseenMark(rows, sentAt) ?? this.#unseenMove(truth.spans(question), last, sentAt)
    if (unseen) return { fault: 'unseen write', why: unseen }
    return outcome === 'stale' ? { why: 'labelled stale' } : this.#age(truth.spans(question), last, sentAt)
  }

  #unseenMark(rows: readonly Row[], sentAt: number): string | undefined {
    for (const row of rows) {
      const mark = row[markFields[row.type] ?? '']
      const promised = this.#promises.get(nameOf(row))?.findLast(({ at }) => at <= sentAt)
      if (mark === undefined || !promised) continue
      const versions = this.#options.truth.versions(nameOf(row))
      if (versions.indexOf(String(mark)) >= promised.version) continue
      return `${nameOf(row)} shows ${mark}; ${versions[promised.version]} was promised at ${this.#options.moment(promised.at)}`
    }
    return undefined
  }

  #unseenMove(spans: readonly Span[], last: number, sentAt: number): string | undefined {
    const next = spans[last + 1]
    const promisedAt = next?.moved?.promisedAt ?? Number.POSITIVE_INFINITY
    if (promisedAt > sentAt) return undefined
    return `the answer moved at ${this.#options.moment(next!.from)} by a write that was promised at ${this.#options.moment(promisedAt)}`
  }

  #age(spans: readonly Span[], last: number, sentAt: number): Verdict {
    const { stalledMs, lastTrouble, moment } = this.#options
    const later = spans.slice(last + 1).filter(({ from }) => from <= sentAt)
    const first = later[0]
    if (!first) return { why: 'true when it was asked for' }
    const age = { ms: sentAt - first.from, cause: first.cause }
    let bound = 0
    for (const { from, cause } of later) {
      // A change that is hidden by an earlier one is found when that is.
      bound = Math.max(bound, boundMs(cause))
      const since = cause === 'event' ? from : Math.max(from, lastTrouble(sentAt))
      const limit = bound + stalledMs(since, sentAt)
      if (sentAt - since <= limit) continue
      const why = `untrue since ${moment(from)} (${cause}), asked at ${moment(sentAt)}: ${Math.round(sentAt - since)} ms of ${Math.round(limit)}`
      return { fault: 'too old', why, age }
    }
    return { why: 'within its bound', age }
  }
}
