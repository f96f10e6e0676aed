/**
 * Adds up what this process counts, and adds it to the tables at every interval: each count once, whatever happens to
 * the connection. A process that is killed loses what it has counted since the last interval.
 *
 * Counts are taken together and numbered. If it is not known whether they were written, they are sent again under their
 * number, and the table of instances tells whether they are there. Meanwhile new ones are counted on.
 */
import type { PostgresPool, Query } from '../backends/postgres/pool.ts'
import type { MissReason } from '../cache/answer.ts'
import type { CacheEvent } from '../cache/cache-event.ts'
import type { Change } from '../cache/change.ts'
import type { Entry } from '../cache/entry.ts'
import type { Clock } from '../clock.ts'
import { addEndpoints, addQueries, addTypes, beginFlush } from './counts-table.ts'
import { EndpointCounts, type EndpointTotals } from './endpoint-counts.ts'
import { readProgress } from './progress.ts'
import { QueryCounts, type QueryDelta } from './query-counts.ts'
import type { RecordedScopes } from './recorded-scopes.ts'
import type { Report } from './recorder-event.ts'
import { isRefusal } from './refusal.ts'
import type { Drops, TrailTable } from './trail-table.ts'
import { TypeCounts, type TypeDelta } from './type-counts.ts'

export interface CountRecorderOptions {
  readonly pool: PostgresPool
  readonly clock: Clock
  /** The name of this process: never used before. */
  readonly instance: string
  readonly scopes: RecordedScopes
  readonly trail: TrailTable
  readonly totals: () => readonly EndpointTotals[]
  readonly queryLimit: number
  readonly report: Report
}

/** What is written in one transaction. */
interface Batch {
  readonly flush: number
  /** Wall time, ms: of the day it counts for. */
  readonly at: number
  readonly queries: readonly QueryDelta[]
  readonly types: readonly TypeDelta[]
  readonly endpoints: readonly EndpointTotals[]
  readonly drops: readonly Drops[]
}

export class CountRecorder {
  readonly #options: CountRecorderOptions
  readonly #queries: QueryCounts
  readonly #types: TypeCounts
  readonly #endpoints: EndpointCounts
  /** By seq of the change. */
  readonly #drops = new Map<number, { readonly eventId: number | null; count: number }>()
  #letGo = 0
  #flushes = 0
  #pending: Batch | undefined

  constructor(options: CountRecorderOptions) {
    this.#options = options
    this.#queries = new QueryCounts(options.queryLimit)
    this.#types = new TypeCounts(options.scopes)
    this.#endpoints = new EndpointCounts(options.totals)
  }

  hit(entry: Entry): void {
    if (this.#queries.hit(entry)) return
    this.#letGo += 1
    this.#types.add(entry, 'hits')
  }

  cacheEvent(event: CacheEvent): void {
    if (event.kind === 'miss') this.#types.add(event.question, bypasses.has(event.reason) ? 'bypasses' : 'misses')
    else if (event.kind === 'stale-served') this.#types.add(event.question, 'stale')
    else if (event.kind === 'stored') this.#stored(event.entry)
    else if (event.kind === 'dropped') this.#dropped(event.entry, event.change)
  }

  async flush(): Promise<void> {
    if (this.#pending) await this.#write(this.#pending)
    const { pool } = this.#options
    const { seq } = await readProgress(pool.query.bind(pool), pool.schema)
    this.#tellLetGo()
    await this.#write(this.#take(seq))
  }

  #stored(entry: Entry): void {
    this.#queries.stored(entry)
    this.#types.add(entry, 'fetches')
    this.#types.add(entry, 'fetchedBytes', entry.body.length)
  }

  #dropped(entry: Entry, change: Change): void {
    this.#queries.dropped(entry, change, this.#options.clock.now())
    this.#types.add(entry, 'drops')
    const known = this.#drops.get(change.seq)
    if (known) known.count += 1
    else if (this.#drops.size < mostDrops) this.#drops.set(change.seq, { eventId: change.eventId ?? null, count: 1 })
    else this.#letGo += 1
  }

  /** `recorded`: the seq up to which the trail has lines. Drops by later changes are counted on. */
  #take(recorded: number): Batch {
    const queries = this.#queries.take(this.#options.scopes)
    for (const { scope, type, hits } of queries) if (hits > 0) this.#types.add({ scope, type }, 'hits', hits)
    const drops = [...this.#drops].filter(([seq]) => seq <= recorded).map(([seq, drop]) => ({ seq, ...drop }))
    for (const { seq } of drops) this.#drops.delete(seq)
    this.#flushes += 1
    const at = this.#options.clock.now()
    const counted = { queries, types: this.#types.take(), endpoints: this.#endpoints.take(), drops }
    return { flush: this.#flushes, at, ...counted }
  }

  async #write(batch: Batch): Promise<void> {
    this.#pending = batch
    if (!isEmpty(batch)) {
      try {
        await this.#options.pool.transaction((query) => this.#add(query, batch))
      } catch (error) {
        if (!isRefusal(error)) throw error
        const count = batch.queries.length
        this.#options.report({ kind: 'let go', part: 'counts', count, reason: String(error) })
      }
    }
    this.#pending = undefined
  }

  async #add(query: Query, { flush, at, queries, types, endpoints, drops }: Batch): Promise<void> {
    const { pool, instance, trail } = this.#options
    const day = new Date(at).toISOString().slice(0, 10)
    if (!(await beginFlush(query, pool.schema, instance, flush, at))) return
    await addQueries(query, pool.schema, queries, at)
    await addEndpoints(query, pool.schema, endpoints, day)
    await addTypes(query, pool.schema, types, day)
    await trail.addDrops(query, drops)
  }

  #tellLetGo(): void {
    if (this.#letGo === 0) return
    const reason = 'more questions at a time than are counted one by one'
    this.#options.report({ kind: 'let go', part: 'counts', count: this.#letGo, reason })
    this.#letGo = 0
  }
}

const mostDrops = 100_000

/** Reasons of whoever asks, or of this process; the others are the cache's. */
const bypasses: ReadonlySet<MissReason> = new Set(['blind', 'no-cache', 'max-age', 'min-seq'])

function isEmpty({ queries, types, endpoints, drops }: Batch): boolean {
  return queries.length + types.length + endpoints.length + drops.length === 0
}
