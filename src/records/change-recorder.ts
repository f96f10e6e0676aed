/**
 * Writes what the change log says into the trail and into `entities`, from where it was left off.
 *
 * A *pass* is one transaction: it holds the progress, reads the next changes, takes the events that came with them,
 * writes and moves the progress. So whatever ends a pass, its changes are written once; and of several processes one
 * at a time does it, whichever comes first.
 */
import type { PostgresPool, Query } from '../backends/postgres/pool.ts'
import type { Change } from '../cache/change.ts'
import type { Clock } from '../clock.ts'
import type { Schema } from '../shotgrid/schema.ts'
import type { EntitiesTable } from './entities-table.ts'
import { bareChange, withHoles } from './holes.ts'
import { takeEvents } from './inbox.ts'
import { readChanges, readLogHead } from './log-reader.ts'
import { merged } from './marks.ts'
import { MovingRows, namedRows } from './moving-rows.ts'
import { holdProgress, saveProgress } from './progress.ts'
import type { Report } from './recorder-event.ts'
import { isRefusal } from './refusal.ts'
import { bareLine, lineOfChange, lineOfEvent } from './trail-line.ts'
import type { TrailTable } from './trail-table.ts'

export interface ChangeRecorderOptions {
  readonly pool: PostgresPool
  readonly clock: Clock
  /** The site's schema as last known. Nothing is recorded before it is. */
  readonly siteSchema: () => Schema | undefined
  readonly entities: EntitiesTable
  readonly trail: TrailTable
  /** Whether what changes say of rows is kept, or the trail alone. */
  readonly keepsRows: boolean
  readonly retentionMs: number
  readonly deadlineMs: number
  readonly report: Report
}

interface Pass {
  readonly changes: number
  readonly events: number
  readonly isAll: boolean
}

export class ChangeRecorder {
  readonly #options: ChangeRecorderOptions

  constructor(options: ChangeRecorderOptions) {
    this.#options = options
  }

  /** Records all there is, or a great deal of it. */
  async catchUp(): Promise<void> {
    const { report, siteSchema } = this.#options
    for (let passes = 0; passes < mostPasses; passes += 1) {
      const schema = siteSchema()
      if (!schema) return
      const { changes, events, isAll } = await this.#pass(schema)
      if (changes + events > 0) report({ kind: 'recorded', changes, events })
      if (isAll) return
    }
  }

  /** What Postgres refuses to take is recorded again one by one, and then without its values: nothing stays behind it. */
  async #pass(schema: Schema): Promise<Pass> {
    const { pool, deadlineMs, report } = this.#options
    const attempt = (limit: number, isBare: boolean) =>
      pool.transaction((query) => this.#record(query, schema, limit, isBare), deadlineMs)
    try {
      return await attempt(batch, false)
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.#options.entities.forgetPartitions()
      this.#options.trail.forgetPartitions()
    }
    try {
      return await attempt(1, false)
    } catch (error) {
      if (!isRefusal(error)) throw error
      report({ kind: 'let go', part: 'changes', count: 1, reason: String(error) })
      return await attempt(1, true)
    }
  }

  async #record(query: Query, schema: Schema, limit: number, isBare: boolean): Promise<Pass> {
    const { pool, clock, entities, trail, keepsRows, retentionMs } = this.#options
    const held = await holdProgress(query, pool.schema)
    const head = await readLogHead(query, pool.schema)
    if (!head) return { changes: 0, events: 0, isAll: true }
    const { epoch, coverage } = head
    const changes = await readChanges(query, pool.schema, { epoch, after: held.seq, limit })
    // The first time it begins with the oldest change that is there.
    const progress = held.epoch === '' ? { epoch, seq: changes[0] ? changes[0].seq - 1 : coverage } : held
    const end = progress.epoch === epoch ? progress.seq : Math.max(progress.seq, coverage)
    const last = changes.at(-1)?.seq ?? end
    const events = await takeEvents(query, pool.schema, last, limit)
    const lines = [
      ...events.map(({ event, appended }) => lineOfEvent(event, appended, (type) => schema.has(type), retentionMs)),
      ...changes.filter(({ eventId }) => eventId === undefined).map(lineOfChange),
    ]
    const now = clock.now()
    await trail.add(query, isBare ? lines.map(bareLine) : lines, now)
    if (keepsRows) {
      const whole = withHoles(progress, epoch, changes)
      for (const { after, seq } of whole.holes) this.#options.report({ kind: 'hole', after, next: seq })
      await applyToRows(query, entities, isBare ? whole.changes.map(bareChange) : whole.changes, schema, now)
    }
    if (held.epoch !== epoch || held.seq !== last) await saveProgress(query, pool.schema, { epoch, seq: last }, now)
    return { changes: changes.length, events: events.length, isAll: changes.length < limit && events.length < limit }
  }
}

/** Few enough that the event loop, which answers readers, is not held up for long. */
const batch = 250
const mostPasses = 400

async function applyToRows(
  query: Query,
  entities: EntitiesTable,
  changes: readonly Change[],
  schema: Schema,
  now: number,
): Promise<void> {
  if (changes.length === 0) return
  const rows = new MovingRows(await entities.load(query, namedRows(changes)))
  const marks = changes.flatMap((change) => rows.change(change, schema))
  await entities.mark(query, merged(marks))
  await entities.save(query, rows.moved(), now, marks.length > 0)
}
