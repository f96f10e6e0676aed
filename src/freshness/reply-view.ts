/**
 * What a reply shows: its rows by id, and every link in it, wherever it stands.
 *
 * Replies are parsed only when a change may concern one of their rows, and the last ones are kept for a while, since
 * several changes are judged against one reply in a row.
 */
import { LRUCache } from 'lru-cache'
import type { Entry } from '../cache/entry.ts'
import { isRow } from './truth.ts'

export type ShownRow = Readonly<Record<string, unknown>> & { readonly type: string; readonly id: number }

/** A row that links in the reply lead to. */
export interface LinkedRow {
  /** The names the links show; `undefined` for a link without one. */
  readonly names: ReadonlySet<unknown>
  /** A link shows more of the row than its name. */
  readonly showsMore: boolean
}

export class ReplyView {
  readonly rows: readonly ShownRow[]
  readonly #results: unknown
  readonly #byId: ReadonlyMap<number, ShownRow>
  #linked: Map<string, Map<number, LinkedRow>> | undefined

  constructor(body: Buffer) {
    const reply = JSON.parse(body.toString('utf8')) as { readonly results?: unknown } | null
    this.#results = reply?.results ?? reply
    const { entities } = (this.#results ?? {}) as { readonly entities?: unknown }
    this.rows = Array.isArray(entities) ? entities.filter(isRow) : []
    this.#byId = new Map(this.rows.map((row) => [row.id, row]))
  }

  row(id: number): ShownRow | undefined {
    return this.#byId.get(id)
  }

  /** By type and id, the rows that links lead to. */
  get linked(): ReadonlyMap<string, ReadonlyMap<number, LinkedRow>> {
    if (!this.#linked) {
      this.#linked = new Map()
      if (this.rows.length > 0) for (const row of this.rows) this.#addMembers(row)
      else this.#add(this.#results)
    }
    return this.#linked
  }

  #add(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    if (isRow(value)) this.#addLink(value)
    this.#addMembers(value)
  }

  #addMembers(value: object): void {
    for (const member of Object.values(value)) this.#add(member)
  }

  #addLink(link: { readonly type: string; readonly id: number }): void {
    const rows = this.#linked!.get(link.type) ?? new Map<number, LinkedRow>()
    this.#linked!.set(link.type, rows)
    const known = rows.get(link.id)
    const names = new Set(known?.names).add('name' in link ? link.name : undefined)
    rows.set(link.id, { names, showsMore: known?.showsMore === true || Object.keys(link).some(isMore) })
  }
}

function isMore(key: string): boolean {
  return key !== 'type' && key !== 'id' && key !== 'name' && key !== 'valid'
}

/** The views of the replies judged last. */
export class ReplyViews {
  readonly #views = new LRUCache<Buffer, ReplyView>({
    maxSize: 8_000_000,
    sizeCalculation: (_, body) => body.length + 1,
  })

  of(entry: Entry): ReplyView {
    const known = this.#views.get(entry.body)
    if (known) return known
    const view = new ReplyView(entry.body)
    this.#views.set(entry.body, view)
    return view
  }
}
