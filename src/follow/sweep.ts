/**
 * Finds rows that changed without an event.
 *
 * Scripts may have event generation switched off, but every edit moves `updated_at`. So each cached type is read from
 * time to time for what was updated since the last sweep less the longest transaction, by upstream's time, active
 * and retired. A row that no event in the log explains becomes a change: any of its fields may have changed.
 *
 * Rows are remembered while they stand in the swept span, so each move is told once; twice, if its second may not have
 * been over when it was first seen. Types without `updated_at` cannot be swept, and are named in the status.
 *
 * Cost per type: two calls of 500 rows when little happened. Beyond `maxRows` in one span the type is flushed instead.
 */
import type { ChangeLog } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'
import { plainFields } from '../reads/entity.ts'
import type { Schema } from '../shotgrid/schema.ts'
import type { FilterNode } from '../shotgrid/wire.ts'
import type { RowSource } from './event-source.ts'
import type { Explanations } from './explanations.ts'
import type { Report } from './follow-event.ts'
import type { Follower } from './follower.ts'
import { type Paged, readPaged } from './paged.ts'
import { flushOf } from './records.ts'
import { type Reading, type Sighting, sightings, sweepRecords, ToldMoves } from './sightings.ts'

export interface SweepOptions {
  readonly rows: RowSource
  readonly log: ChangeLog
  readonly follower: Pick<Follower, 'upstreamTime' | 'sweptAt' | 'noteSwept'>
  readonly explanations: Explanations
  readonly types: () => Iterable<string> | Promise<Iterable<string>>
  readonly schema: () => Promise<Schema>
  /** Resolves when the events of everything that could be read when it was called are in the log. */
  readonly eventsSettled: (signal?: AbortSignal) => Promise<void>
  readonly clock: Clock
  readonly longestTransactionMs: number
  /** Reaches back further by this, for clocks of the site's servers that differ. */
  readonly overlapMs: number
  readonly maxRows: number
  readonly report: Report
}

export interface SweepStatus {
  /** Wall time of the last complete round, ms. */
  readonly sweptAt: number | undefined
  /** Rows found changed without an event, since the start. */
  readonly found: number
  /** Cached types that cannot be swept. */
  readonly unswept: readonly string[]
}

/** Everything plain of a row is read, so that its change can tell what the row is now. */
function sweptFields(schema: Schema, type: string): readonly string[] {
  return [...new Set(['created_at', 'updated_at', 'updated_by', ...plainFields(schema, type)])]
}

/** What was read of one type, and since when. */
interface Span {
  readonly type: string
  readonly since: number | undefined
  readonly active: Paged
  readonly retired: Paged
}

/** Stands for "any type" among the times swept: a round that left none out. */
const EVERY_TYPE = '*'

export class Sweep {
  readonly #options: SweepOptions
  readonly #told = new Map<string, ToldMoves>()
  #reachBackMs = 0
  #status: SweepStatus = { sweptAt: undefined, found: 0, unswept: [] }

  constructor(options: SweepOptions) {
    this.#options = options
  }

  /** The next round reaches back so far at least, for what a missing event may hide. */
  reachBack(ageMs: number): void {
    this.#reachBackMs = Math.max(this.#reachBackMs, ageMs)
  }

  status(): SweepStatus {
    return this.#status
  }

  /** One round over all cached types. A type that cannot be read is reported and left for the next round. */
  async run(signal?: AbortSignal): Promise<void> {
    const { follower, clock } = this.#options
    const schema = await this.#options.schema()
    const began = clock.monotonic()
    const upTo = follower.upstreamTime.atLeast()
    const types = [...(await this.#options.types())].filter((type) => schema.has(type))
    const sweepable = types.filter((type) => schema.field(type, 'updated_at'))
    const reachBackMs = this.#reachBackMs
    const spans = await this.#readAll(sweepable, schema, reachBackMs, signal)
    const reading = { upTo, began, ended: clock.monotonic() }
    await this.#options.eventsSettled(signal)
    for (const span of spans) await this.#tell(span, reading)
    if (spans.length === sweepable.length) this.#completed(upTo, reachBackMs)
    const unswept = types.filter((type) => !sweepable.includes(type))
    this.#status = { ...this.#status, sweptAt: clock.now(), unswept }
  }

  #completed(upTo: number | undefined, reachBackMs: number): void {
    if (upTo !== undefined) this.#options.follower.noteSwept(EVERY_TYPE, upTo)
    if (this.#reachBackMs === reachBackMs) this.#reachBackMs = 0
  }

  async #readAll(
    types: readonly string[],
    schema: Schema,
    reachBackMs: number,
    signal?: AbortSignal,
  ): Promise<readonly Span[]> {
    const spans: Span[] = []
    for (const type of types) {
      try {
        spans.push(await this.#read(type, sweptFields(schema, type), this.#since(type, reachBackMs), signal))
      } catch (error) {
        signal?.throwIfAborted()
        this.#options.report({ event: 'not swept', type, error })
      }
    }
    return spans
  }

  /**
   * What could not be seen when the type was last swept was updated no longer before than the longest transaction. A
   * type not swept before may have been cached since the round before, or since the start.
   */
  #since(type: string, reachBackMs: number): number | undefined {
    const { follower, longestTransactionMs, overlapMs } = this.#options
    const last = follower.sweptAt(type) ?? follower.sweptAt(EVERY_TYPE) ?? follower.upstreamTime.startedAt
    return last === undefined ? undefined : last - longestTransactionMs - overlapMs - reachBackMs
  }

  async #read(type: string, fields: readonly string[], since: number | undefined, signal?: AbortSignal): Promise<Span> {
    const { rows, maxRows } = this.#options
    const after = since === undefined ? undefined : new Date(since - 1000).toISOString()
    const conditions: FilterNode[] =
      after === undefined ? [] : [{ path: 'updated_at', relation: 'greater_than', values: [`${after.slice(0, 19)}Z`] }]
    const ask = { type, conditions, fields, maxRows, ...(signal && { signal }) }
    const active = await readPaged(rows, ask)
    const retired = await readPaged(rows, { ...ask, retired: true })
    return { type, since, active, retired }
  }

  /** Appends what no event explains, then takes note of how far the type has been swept: log first. */
  async #tell(span: Span, reading: Reading): Promise<void> {
    const { type } = span
    const { log, follower, report } = this.#options
    const told = this.#toldOf(type)
    const seen = sightings(span.active, span.retired)
    const isCut = span.active.isCut || span.retired.isCut
    const moved = isCut ? [] : seen.filter((row) => !this.#isExplained(type, row) && told.isNews(row))
    const records = isCut
      ? [flushOf('sweep', type, 'more rows were updated than a sweep reads')]
      : sweepRecords(type, moved, span.since)
    if (records.length > 0) await log.append(records)
    told.remember(seen, moved, reading)
    if (reading.upTo !== undefined) follower.noteSwept(type, reading.upTo)
    this.#status = { ...this.#status, found: this.#status.found + moved.length }
    report({ event: 'swept', type, rows: seen.length, changed: moved.length })
  }

  #isExplained(type: string, seen: Sighting): boolean {
    return this.#options.explanations.explains(type, seen.row.id, seen.updatedAt, seen.row.updated_by)
  }

  #toldOf(type: string): ToldMoves {
    const told = this.#told.get(type) ?? new ToldMoves()
    this.#told.set(type, told)
    return told
  }
}
