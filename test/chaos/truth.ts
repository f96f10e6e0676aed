/**
 * What is true, at every moment of a run.
 *
 * After every commit each question is asked of the site itself; an answer that differs from the one before begins a new
 * *span*. A row with a mark has *versions*: its marks in the order they were committed. So of an answer it can be said
 * which state it shows, since when and by what it has been untrue, and which writes it does not know of.
 */
import type { Commit, JournalChange } from '../../src/sandbox/journal.ts'
import { callArgs } from '../../src/shotgrid/call.ts'
import { type Cause, causeOf } from '../histories/timeline.ts'
import { type Row, textOf } from './doors.ts'
import type { Question } from './questions.ts'
import { markFields, type Site, sgcache } from './site.ts'

/** A transaction of the site. */
export interface Moved {
  readonly at: number
  readonly cause: Cause
  readonly by: string
  readonly rows: readonly string[]
  /** Marks that it has put into rows, by row. */
  readonly marks: ReadonlyMap<string, string>
  /** Questions whose answer it moved, with the number of the span that began. */
  readonly spans: Map<number, number>
  /** When it was answered to its writer with the promise that every read from then on sees it. */
  promisedAt: number
}

export interface Span {
  readonly from: number
  readonly text: string
  readonly cause: Cause
  /** None for the first. */
  readonly moved: Moved | undefined
}

export class Truth {
  readonly #site: Site
  readonly #questions: readonly Question[]
  readonly #spans: Span[][]
  readonly #versions = new Map<string, string[]>()
  readonly #moves: Moved[] = []
  readonly #onMove: (moved: Moved) => void
  readonly #stop: () => void

  constructor(site: Site, questions: readonly Question[], onMove: (moved: Moved) => void) {
    this.#site = site
    this.#questions = questions
    this.#onMove = onMove
    this.#spans = questions.map((question) => [
      { from: performance.now(), text: this.#ask(question), cause: 'start', moved: undefined },
    ])
    // When it is told of, what the transaction has changed is not all in place yet.
    this.#stop = site.sandbox.onCommit((commit) => queueMicrotask(() => this.#move(commit)))
  }

  now(question: number): string {
    return this.#spans[question]!.at(-1)!.text
  }

  spans(question: number): readonly Span[] {
    return this.#spans[question]!
  }

  /** The number of the last span with this answer; undefined if it was never the truth. */
  last(question: number, text: string): number | undefined {
    const found = this.#spans[question]!.findLastIndex((span) => span.text === text)
    return found < 0 ? undefined : found
  }

  /** Marks of a row in the order of their commits. */
  versions(row: string): readonly string[] {
    return this.#versions.get(row) ?? []
  }

  /** The first transaction since `from` that `isIt`. */
  find(from: number, isIt: (moved: Moved) => boolean): Moved | undefined {
    const at = this.#moves.findLastIndex((moved) => moved.at < from)
    return this.#moves.slice(at + 1).find(isIt)
  }

  close(): void {
    this.#stop()
  }

  #move(commit: Commit): void {
    const moved: Moved = {
      at: performance.now(),
      cause: causeOf([commit]),
      by: nameOf(commit.by),
      rows: [...new Set(commit.changes.filter(({ consequence }) => !consequence).map(nameOf))],
      marks: new Map(commit.changes.flatMap((change) => this.#markOf(change))),
      spans: new Map(),
      promisedAt: Number.POSITIVE_INFINITY,
    }
    for (const [index, question] of this.#questions.entries()) {
      const text = this.#ask(question)
      if (text === this.now(index)) continue
      const count = this.#spans[index]!.push({ from: moved.at, text, cause: moved.cause, moved })
      moved.spans.set(index, count - 1)
    }
    for (const [row, mark] of moved.marks) this.#versions.set(row, [...this.versions(row), mark])
    this.#moves.push(moved)
    this.#onMove(moved)
  }

  /** What a row is marked with since it was written to in that field. */
  #markOf({ type, id, fields }: JournalChange): [row: string, mark: string][] {
    const field = markFields[type]
    if (field === undefined || !fields.includes(field)) return []
    const condition = { path: 'id', relation: 'is', values: [id] }
    const results = this.#site.call(sgcache, 'read', {
      type,
      return_fields: [field],
      filters: { logical_operator: 'and', conditions: [condition] },
      return_only: 'active',
      paging: { entities_per_page: 1, current_page: 1 },
    })
    const [row] = (results as { entities: Row[] }).entities
    return row ? [[nameOf(row), String(row[field])]] : []
  }

  #ask({ call, caller }: Question): string {
    return textOf(this.#site.sandbox.call({ method_name: call.operation, params: [caller.auth, callArgs(call)] }))
  }
}

/** `Shot 3` */
export function nameOf({ type, id }: { readonly type: string; readonly id: number }): string {
  return `${type} ${id}`
}
