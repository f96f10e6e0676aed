/**
 * Keeps `entities` up with what replies show: entries of the one scope that sees everything, as they are stored.
 *
 * A reply is as old as its stamp, and the table may be ahead of it: what changes after the stamp have touched is left
 * as they left it. The rest is newer than what is there.
 *
 * Until they are written, entries wait in memory, bounded in bytes; beyond that the oldest are let go and counted.
 */
import { setImmediate } from 'node:timers/promises'
import type { PostgresPool, Query } from '../backends/postgres/pool.ts'
import type { Entry } from '../cache/entry.ts'
import type { Clock } from '../clock.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { type EntitiesTable, rowKey } from './entities-table.ts'
import { readChanges, readLogHead } from './log-reader.ts'
import { MovingRows } from './moving-rows.ts'
import { holdProgress } from './progress.ts'
import type { Report } from './recorder-event.ts'
import { isRefusal } from './refusal.ts'
import { type SeenRow, seenRows } from './seen-rows.ts'
import { Touches } from './touched.ts'

export interface ReplyRecorderOptions {
  readonly pool: PostgresPool
  readonly clock: Clock
  readonly siteSchema: () => Schema | undefined
  readonly entities: EntitiesTable
  readonly limitBytes: number
  readonly deadlineMs: number
  readonly report: Report
}

export class ReplyRecorder {
  readonly #options: ReplyRecorderOptions
  /** The oldest first. */
  readonly #waiting = new Set<Entry>()
  #bytes = 0
  #letGo = 0

  constructor(options: ReplyRecorderOptions) {
    this.#options = options
  }

  stored(entry: Entry): void {
    this.#waiting.add(entry)
    this.#bytes += entry.body.length
    for (const oldest of this.#waiting) {
      if (this.#bytes <= this.#options.limitBytes) break
      this.#remove(oldest)
      this.#letGo += 1
    }
  }

  /** Whether it is time to write, whatever the interval. */
  get isHalfFull(): boolean {
    return this.#bytes > this.#options.limitBytes / 2
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Writes what waits now. What cannot be written goes on waiting. */
  async flush(): Promise<void> {
    this.#tellLetGo()
    const schema = this.#options.siteSchema()
    if (!schema) return
    const all = [...this.#waiting]
    for (let from = 0; from < all.length; ) {
      const { entries, rows } = await this.#chunk(all, from, schema)
      for (let at = 0; at < rows.length; at += chunkRows) await this.#write(rows.slice(at, at + chunkRows), schema)
      for (const entry of entries) this.#remove(entry)
      from += entries.length
    }
  }

  /** The next entries with about so many rows. Replies are parsed here, with a turn of the event loop after each. */
  async #chunk(all: readonly Entry[], from: number, schema: Schema) {
    const entries: Entry[] = []
    const rows: (SeenRow & { readonly epoch: string })[] = []
    for (let at = from; at < all.length && rows.length < chunkRows; at += 1) {
      const entry = all[at]!
      entries.push(entry)
      rows.push(...this.#rowsIn(entry, schema))
      await setImmediate()
    }
    return { entries, rows }
  }

  #rowsIn(entry: Entry, schema: Schema) {
    try {
      return seenRows(entry, schema).map((row) => ({ ...row, epoch: entry.stamp.epoch }))
    } catch (error) {
      this.#options.report({ kind: 'let go', part: 'replies', count: 1, reason: String(error) })
      return []
    }
  }

  async #write(rows: readonly (SeenRow & { readonly epoch: string })[], schema: Schema): Promise<void> {
    if (rows.length === 0) return
    const { pool, deadlineMs, report } = this.#options
    try {
      const kept = await pool.transaction((query) => this.#merge(query, rows, schema), deadlineMs)
      report({ kind: 'rows kept', rows: kept })
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.#options.entities.forgetPartitions()
      report({ kind: 'let go', part: 'replies', count: rows.length, reason: String(error) })
    }
  }

  async #merge(query: Query, rows: readonly (SeenRow & { readonly epoch: string })[], schema: Schema): Promise<number> {
    const { pool, entities, clock } = this.#options
    const { seq } = await holdProgress(query, pool.schema)
    const head = await readLogHead(query, pool.schema)
    // What was read in another epoch, or before what the log still knows, may be older than what is here.
    const comparable = rows.filter(
      ({ epoch, stamp }) => epoch === head?.epoch && (stamp >= seq || stamp >= head.coverage),
    )
    if (!head || comparable.length === 0) return 0
    const after = Math.min(...comparable.map(({ stamp }) => stamp))
    const range = { epoch: head.epoch, after, upTo: seq, limit: mostChanges }
    const changes = after < seq ? await readChanges(query, pool.schema, range) : []
    const usable = changes.length < mostChanges ? comparable : comparable.filter(({ stamp }) => stamp >= seq)
    const known = await entities.load(query, refsOf(usable))
    const moving = new MovingRows(known)
    const touches = new Touches(changes, schema)
    for (const row of [...usable].sort((one, other) => one.at - other.at)) moving.see(row, touches)
    await entities.save(query, moving.moved(), clock.now())
    return usable.length
  }

  #remove(entry: Entry): void {
    if (this.#waiting.delete(entry)) this.#bytes -= entry.body.length
  }

  #tellLetGo(): void {
    if (this.#letGo === 0) return
    const reason = 'replies came faster than Postgres took their rows'
    this.#options.report({ kind: 'let go', part: 'replies', count: this.#letGo, reason })
    this.#letGo = 0
  }
}

/** Few enough that the event loop, which answers readers, is not held up for long. */
const chunkRows = 250
/** More changes than this between a stamp and the table are not looked at. */
const mostChanges = 20_000

function refsOf(rows: readonly SeenRow[]) {
  return [...new Map(rows.map((row) => [rowKey(row), { type: row.type, id: row.id }])).values()]
}
