/**
 * Keeps the tables that people query up with the cache, within seconds and away from every reader: what happens is
 * noted in memory, and written at an interval.
 *
 * Always true: nothing that is noted waits, fails or writes; a hit costs one look-up and one addition. Trouble of
 * Postgres is reported and what was noted is kept for the next interval, within bounds; beyond them it is let go and
 * counted. Events are not noted but read from the change log and its inbox, so none is lost by that.
 *
 * Every process that serves has one. What they count adds up; the log is recorded by one at a time.
 */
import type { PostgresPool } from '../backends/postgres/pool.ts'
import { stateOf } from '../backends/postgres/trouble.ts'
import type { CacheEvent } from '../cache/cache-event.ts'
import type { Entry } from '../cache/entry.ts'
import type { Clock } from '../clock.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { grantToAnalysts } from './analyst-role.ts'
import { ChangeRecorder } from './change-recorder.ts'
import { CountRecorder } from './count-recorder.ts'
import type { EndpointTotals } from './endpoint-counts.ts'
import { EntitiesTable } from './entities-table.ts'
import type { RecordedScopes } from './recorded-scopes.ts'
import type { RecorderEvent, RecorderPart } from './recorder-event.ts'
import { ReplyRecorder } from './reply-recorder.ts'
import { TrailTable } from './trail-table.ts'
import { keepTables } from './upkeep.ts'

export interface RecorderSettings {
  readonly intervalMs: number
  /** How far back events, history and queries reach. */
  readonly retentionMs: number
  /** How far back figures by day reach. */
  readonly statsRetentionMs: number
  /** The role of people who read, if there is one. */
  readonly analystRole: string | undefined
  /** Replies that wait to be written. Default 64 MB. */
  readonly waitingBytes?: number
  /** Questions counted one by one in an interval. Default 50,000. */
  readonly queryLimit?: number
  /** For one transaction of the log or of replies, which may have to wait for another process. Default 5 minutes. */
  readonly deadlineMs?: number
  /** How far the clocks of this machine and of Postgres may differ before nothing old is let go. Default 1 day. */
  readonly skewMs?: number
}

export interface RecorderOptions {
  /** Whose schema has been migrated. Whoever opened it closes it. */
  readonly pool: PostgresPool
  readonly clock: Clock
  /** The name of this process: never used before. */
  readonly instance: string
  readonly scopes: RecordedScopes
  /** The site's schema as last known. */
  readonly siteSchema: () => Schema | undefined
  /** Requests by endpoint since the start. */
  readonly totals: () => readonly EndpointTotals[]
  readonly settings: RecorderSettings
  readonly report: (event: RecorderEvent) => void
}

export class Recorder {
  readonly #options: RecorderOptions
  readonly #changes: ChangeRecorder
  readonly #replies: ReplyRecorder
  readonly #counts: CountRecorder
  readonly #troubled = new Set<RecorderPart>()
  readonly #closing = new AbortController()
  #wake = new AbortController()
  #hasGranted = false
  #missesRole = false
  #running: Promise<void> = Promise.resolve()
  #flushing: Promise<void> = Promise.resolve()

  /** Writes nothing before `start` or `flush`. */
  constructor(options: RecorderOptions) {
    this.#options = options
    const { pool, scopes, settings } = options
    const { deadlineMs = 300_000, waitingBytes = 64 * 1024 * 1024, queryLimit = 50_000, retentionMs } = settings
    const entities = new EntitiesTable(pool.schema)
    const trail = new TrailTable(pool.schema)
    const keepsRows = scopes.shown !== undefined
    this.#changes = new ChangeRecorder({ ...options, entities, trail, keepsRows, retentionMs, deadlineMs })
    this.#replies = new ReplyRecorder({ ...options, entities, limitBytes: waitingBytes, deadlineMs })
    this.#counts = new CountRecorder({ ...options, trail, queryLimit })
  }

  /** An answer from cache. */
  hit(entry: Entry): void {
    this.#counts.hit(entry)
  }

  /** What the cache reports. Its hits are not counted: whoever answers with one calls `hit`. */
  cacheEvent(event: CacheEvent): void {
    this.#counts.cacheEvent(event)
    if (event.kind !== 'stored' || event.entry.scope !== this.#options.scopes.shown) return
    this.#replies.stored(event.entry)
    if (this.#replies.isHalfFull && !this.#troubled.has('replies')) this.#wake.abort()
  }

  /** Begins to write at the interval. Once. */
  start(): void {
    this.#running = this.#run()
  }

  /** Writes all there is. Never rejects: trouble is reported. One at a time. */
  flush(): Promise<void> {
    const flushing = this.#flushing.then(() => this.#flush())
    this.#flushing = flushing
    return flushing
  }

  /** Ends the writing at the interval, and writes what is left, once. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake.abort()
    await this.#running
    await this.flush()
  }

  async #run(): Promise<void> {
    const { clock, settings } = this.#options
    while (!this.#closing.signal.aborted) {
      await clock.sleep(settings.intervalMs, this.#wake.signal)
      if (this.#closing.signal.aborted) return
      this.#wake = new AbortController()
      await this.flush()
    }
  }

  async #flush(): Promise<void> {
    await this.#attempt('changes', () => this.#changes.catchUp())
    await this.#attempt('replies', () => this.#replies.flush())
    await this.#attempt('counts', () => this.#counts.flush())
    await this.#attempt('upkeep', () => this.#keep())
  }

  async #keep(): Promise<void> {
    const { analystRole, retentionMs, statsRetentionMs, skewMs = 86_400_000 } = this.#options.settings
    if (analystRole !== undefined && !this.#hasGranted) await this.#grant(analystRole)
    await keepTables({ ...this.#options, retentionMs, statsRetentionMs, skewMs })
  }

  /** Somebody may make the role while we run. */
  async #grant(role: string): Promise<void> {
    const { pool, report } = this.#options
    this.#hasGranted = await grantToAnalysts(pool, role)
    if (!this.#hasGranted && !this.#missesRole) report({ kind: 'analyst role missing', role })
    this.#missesRole = !this.#hasGranted
  }

  async #attempt(part: RecorderPart, work: () => Promise<void>): Promise<void> {
    const { report } = this.#options
    try {
      await work()
      if (this.#troubled.delete(part)) report({ kind: 'restored', part })
    } catch (error) {
      if (isUnmade(error)) return
      if (!this.#troubled.has(part)) report({ kind: 'trouble', part, error })
      this.#troubled.add(part)
    }
  }
}

/** The schema is made by whoever enters the log first; before that there is nothing to write. */
function isUnmade(error: unknown): boolean {
  return ['42P01', '3F000'].includes(stateOf(error) ?? '')
}
