/**
 * A view that differs from another in some rows: what a transaction has written so far, or what was there before the
 * writes of the last moments. Costs grow with the rows that differ.
 */
import { type Ref, refKey, refsIn, type StoredRow, type View } from './row.ts'
import { mergeIds } from './sorted-ids.ts'

export class Overlay implements View {
  readonly #below: View
  readonly #rows = new Map<string, Map<number, StoredRow | undefined>>()

  constructor(below: View) {
    this.#below = below
  }

  /** `undefined` takes the row out of sight. */
  put(type: string, id: number, row: StoredRow | undefined): void {
    const rows = this.#rows.get(type)
    if (rows) rows.set(id, row)
    else this.#rows.set(type, new Map([[id, row]]))
  }

  get(type: string, id: number): StoredRow | undefined {
    const rows = this.#rows.get(type)
    return rows?.has(id) ? rows.get(id) : this.#below.get(type, id)
  }

  ids(type: string): readonly number[] {
    const rows = this.#rows.get(type)
    const below = this.#below.ids(type)
    if (!rows) return below
    const gone = new Set([...rows].filter(([, row]) => !row).map(([id]) => id))
    const added = [...rows.keys()].filter((id) => !gone.has(id) && !this.#below.get(type, id))
    const kept = gone.size > 0 ? below.filter((id) => !gone.has(id)) : below
    return mergeIds(kept, added)
  }

  referrers(type: string, field: string, target: Ref): readonly StoredRow[] {
    const rows = this.#rows.get(type)
    const below = this.#below.referrers(type, field, target)
    if (!rows) return below
    const key = refKey(target)
    const kept = below.filter((row) => !rows.has(row.id))
    const here = [...rows.values()].filter(
      (row): row is StoredRow => row !== undefined && refsIn(row.values[field]).some((ref) => refKey(ref) === key),
    )
    return here.length === 0 ? kept : [...kept, ...here].sort((a, b) => a.id - b.id)
  }

  /** The rows that differ, in the order they were first put. */
  *rows(): Iterable<StoredRow> {
    for (const rows of this.#rows.values()) for (const row of rows.values()) if (row) yield row
  }
}
