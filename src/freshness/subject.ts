/**
 * The entry under judgement: its call taken apart, and its reply, parsed when somebody looks at it.
 */
import type { Entry } from '../cache/entry.ts'
import { type CompiledCall, isRead } from './compiled-call.ts'
import type { Effect } from './effects.ts'
import type { ReplyView, ReplyViews, ShownRow } from './reply-view.ts'
import { allHoldAfter } from './said.ts'
import type { Step } from './steps.ts'
import { isRow, sameRow } from './truth.ts'

/**
 * How much of the result a reply shows. *Complete*: all of it. *Head*: a full first page that says nothing of the
 * others. *Part*: any other page, a page that tells whether there are more, a summary.
 */
export type Extent = 'complete' | 'head' | 'part'

export class Subject {
  readonly call: CompiledCall
  readonly #entry: Entry
  readonly #views: ReplyViews

  constructor(call: CompiledCall, entry: Entry, views: ReplyViews) {
    this.call = call
    this.#entry = entry
    this.#views = views
  }

  get view(): ReplyView {
    return this.#views.of(this.#entry)
  }

  get extent(): Extent {
    const { call } = this.call
    if (!isRead(call) || call.page !== 1) return 'part'
    if (this.view.rows.length < call.perPage) return 'complete'
    return call.paging === 'none' ? 'head' : 'part'
  }

  /** Whether the reply may show a row or a link to it: told by the entry's dependencies, without parsing. */
  mayHold(type: string, id: number): boolean {
    return this.#entry.dependencies.some(
      (item) => item.type === type && (item.rows === 'any' || item.rows.includes(id)),
    )
  }

  dependsOn(type: string): boolean {
    return this.#entry.dependencies.some((item) => item.type === type)
  }

  /** The row asked for with this id, if the reply shows it. */
  shownRow(id: number): ShownRow | undefined {
    return this.mayHold(this.call.call.type, id) ? this.view.row(id) : undefined
  }

  /**
   * The rows of the reply for which an effect on the step's field may show. Rows at the far end of links are known
   * only where the reply shows the links; else it may be any.
   */
  rowsReached(step: Step, { type, ids }: Effect): readonly ShownRow[] {
    if (ids === 'any') return this.view.rows
    if (step.depth === 0) return ids.flatMap((id) => this.shownRow(id) ?? [])
    if (!this.call.shownPaths.has(step.prefix)) return this.view.rows
    const reached = ids.filter((id) => this.mayHold(type, id))
    if (reached.length === 0) return []
    return this.view.rows.filter((row) => reached.some((id) => linksTo(row[step.prefix], { type, id })))
  }

  /**
   * Of those, the rows that show the link which is lost. Good for what is shown only: the site may choose and order
   * rows by a link that is gone when it reads their values.
   */
  rowsShowing(step: Step, effect: Effect): readonly ShownRow[] {
    const rows = this.rowsReached(step, effect)
    const { holders, field } = effect
    const path = step.depth === 0 ? field : `${step.prefix}.${step.type}.${field}`
    if (!holders || !this.call.shownPaths.has(path)) return rows
    return rows.filter((row) => holders.some((holder) => linksTo(row[path], holder)))
  }

  /**
   * No row of the result can link to the rows concerned, since the filter demands another value of the link that the
   * path begins with. A row that is linked otherwise later has a change of its own.
   */
  isBarred(step: Step, { type, ids }: Effect): boolean {
    const link = step.depth === 1 ? this.call.own.get(step.prefix) : undefined
    if (!link || link.top.length === 0 || ids === 'any') return false
    return ids.every((id) => allHoldAfter(link.top, { new: { type, id } }) === false)
  }
}

/** Whether a value is, or has, a link to the row. What is neither a link nor empty may be one. */
function linksTo(value: unknown, wanted: { readonly type: string; readonly id: number }): boolean {
  if (value === null) return false
  const links: readonly unknown[] = Array.isArray(value) ? value : [value]
  return links.some((link) => !isRow(link) || sameRow(link, wanted) === true)
}
