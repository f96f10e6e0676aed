/**
 * The committed rows of one type, found by id and by the links declared `indexed`.
 *
 * Costs: a row by id is one map look-up; putting a row costs one look-up for each of its indexed links that changed.
 */
import { type Ref, refKey, refsIn, type StoredRow } from './row.ts'
import { insertId, removeId } from './sorted-ids.ts'

export class Table {
  readonly type: string
  readonly #rows = new Map<number, StoredRow>()
  readonly #ids: number[] = []
  /** field -> target -> ids of the rows that link there */
  readonly #links: ReadonlyMap<string, Map<string, number[]>>
  #lastId = 0

  constructor(type: string, indexed: readonly string[]) {
    this.type = type
    this.#links = new Map(indexed.map((field) => [field, new Map()]))
  }

  get ids(): readonly number[] {
    return this.#ids
  }

  /** Takes an id for good: whoever rolls back leaves a gap. */
  takeId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  get(id: number): StoredRow | undefined {
    return this.#rows.get(id)
  }

  put(row: StoredRow): void {
    const before = this.#rows.get(row.id)
    this.#rows.set(row.id, row)
    if (!before) insertId(this.#ids, row.id)
    this.#lastId = Math.max(this.#lastId, row.id)
    for (const [field, targets] of this.#links) reindex(targets, row.id, before?.values[field], row.values[field])
  }

  /** Forgets all rows but the newest. Only for a type without indexed fields. */
  dropOldest(keep: number): void {
    for (const id of this.#ids.splice(0, Math.max(0, this.#ids.length - keep))) this.#rows.delete(id)
  }

  /** `undefined` if the field is not indexed. */
  referrers(field: string, target: Ref): readonly StoredRow[] | undefined {
    const targets = this.#links.get(field)
    if (!targets) return undefined
    return (targets.get(refKey(target)) ?? []).map((id) => this.#rows.get(id)!)
  }
}

function reindex(targets: Map<string, number[]>, id: number, before: unknown, after: unknown): void {
  if (before === after) return
  for (const ref of refsIn(before)) {
    const ids = targets.get(refKey(ref))
    if (ids) removeId(ids, id)
  }
  for (const ref of refsIn(after)) {
    const key = refKey(ref)
    const ids = targets.get(key)
    if (ids) insertId(ids, id)
    else targets.set(key, [id])
  }
}
