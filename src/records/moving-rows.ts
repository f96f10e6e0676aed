/**
 * Rows as they move through replies and changes, one after the other, with how they looked in between. Nothing of the
 * database: who loads them and saves them is `EntitiesTable`.
 */
import type { Change, RowRef } from '../cache/change.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { type MovedRow, type PastRow, rowKey } from './entities-table.ts'
import { isMarked, type Mark, marksOf } from './marks.ts'
import { afterChange, afterReply, looksOther, type RowState, withMarks } from './row-state.ts'
import { isKept, type SeenRow } from './seen-rows.ts'
import type { Touches } from './touched.ts'

export class MovingRows {
  readonly #before: ReadonlyMap<string, RowState>
  readonly #now: Map<string, RowState>
  readonly #past = new Map<string, PastRow[]>()

  constructor(known: ReadonlyMap<string, RowState>) {
    this.#before = known
    this.#now = new Map(known)
  }

  see(seen: SeenRow, touches: Touches): void {
    const key = rowKey(seen)
    this.#move(key, afterReply(this.#now.get(key), seen, touches.of(seen)))
  }

  /** Gives the marks for rows that are not among these. */
  change(change: Change, schema: Schema): readonly Mark[] {
    if (change.ids !== 'any') {
      for (const id of change.ids) {
        const key = rowKey({ type: change.type, id })
        const keeps = (field: string) => isKept(schema, change.type, field)
        this.#move(key, afterChange(this.#now.get(key), change, id, keeps))
      }
    }
    const marks = marksOf(change, schema)
    for (const mark of marks) this.#mark(mark)
    return marks
  }

  moved(): readonly MovedRow[] {
    return [...this.#now].map(([key, after]) => ({
      before: this.#before.get(key),
      after,
      past: this.#past.get(key) ?? [],
    }))
  }

  #mark(mark: Mark): void {
    for (const [key, state] of this.#now) {
      if (isMarked(state, mark)) this.#now.set(key, { ...state, unsure: withMarks(state, mark.fields) })
    }
  }

  #move(key: string, after: RowState | undefined): void {
    const before = this.#now.get(key)
    if (!after) return
    this.#now.set(key, after)
    if (!before || !looksOther(before, after) || after.since <= before.since) return
    const past = this.#past.get(key)
    if (past) past.push({ state: before, until: after.since })
    else this.#past.set(key, [{ state: before, until: after.since }])
  }
}

/** The rows that changes name. */
export function namedRows(changes: readonly Change[]): readonly RowRef[] {
  const refs = changes.flatMap(({ type, ids }) => (ids === 'any' ? [] : ids.map((id) => ({ type, id }))))
  return [...new Map(refs.map((ref) => [rowKey(ref), ref])).values()]
}
