/**
 * All committed rows, and the state of a moment ago for reads that lag.
 *
 * History is kept only while it is wanted (`keepHistory`): each put then notes what it replaced.
 */
import { Overlay } from './overlay.ts'
import type { Ref, StoredRow, View } from './row.ts'
import type { SiteSchema } from './site-schema.ts'
import { Table } from './table.ts'

interface Replaced {
  readonly atMs: number
  readonly type: string
  readonly id: number
  readonly before: StoredRow | undefined
}

/** How far back a lagging read may look. */
const historyMs = 600_000

export class Store implements View {
  readonly #tables = new Map<string, Table>()
  readonly #replaced: Replaced[] = []

  constructor(schema: SiteSchema) {
    for (const type of schema.types) {
      const indexed = [...schema.fields(type).values()].filter(
        ({ source }) => source.kind === 'stored' && source.indexed,
      )
      const names = indexed.map((field) => field.name)
      this.#tables.set(type, new Table(type, names))
    }
  }

  table(type: string): Table {
    return this.#tables.get(type)!
  }

  get(type: string, id: number): StoredRow | undefined {
    return this.#tables.get(type)?.get(id)
  }

  ids(type: string): readonly number[] {
    return this.#tables.get(type)?.ids ?? []
  }

  referrers(type: string, field: string, target: Ref): readonly StoredRow[] {
    const rows = this.table(type).referrers(field, target)
    if (!rows) throw new Error(`${type}.${field} is not indexed.`)
    return rows
  }

  put(row: StoredRow, history?: { readonly atMs: number }): void {
    if (history) this.#note(row, history.atMs)
    this.table(row.type).put(row)
  }

  /** The rows as they were at `atMs`, as far as history was kept. */
  asOf(atMs: number): View {
    const past = new Overlay(this)
    for (let i = this.#replaced.length - 1; i >= 0 && this.#replaced[i]!.atMs > atMs; i -= 1) {
      const { type, id, before } = this.#replaced[i]!
      past.put(type, id, before)
    }
    return past
  }

  #note(row: StoredRow, atMs: number): void {
    this.#replaced.push({ atMs, type: row.type, id: row.id, before: this.get(row.type, row.id) })
    let old = 0
    while (this.#replaced[old] && this.#replaced[old]!.atMs < atMs - historyMs) old += 1
    if (old > 1000) this.#replaced.splice(0, old)
  }
}
