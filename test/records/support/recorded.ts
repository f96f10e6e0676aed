/** A database with a change log in it, recorders over it, and entries, changes and events to feed them with. */
import { migrate } from '../../../src/backends/postgres/migrate.ts'
import { migrations } from '../../../src/backends/postgres/migrations/all.ts'
import type { PostgresPool } from '../../../src/backends/postgres/pool.ts'
import { seenLines } from '../../../src/backends/postgres/seen-events.ts'
import type { Change, ChangeRecord } from '../../../src/cache/change.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import { questionOf } from '../../../src/reads/question.ts'
import { Recorder, type RecorderOptions, type RecorderSettings } from '../../../src/records/recorder.ts'
import type { RecorderEvent } from '../../../src/records/recorder-event.ts'
import { type Call, readCall } from '../../../src/shotgrid/call.ts'
import type { EventLogEntry, FilterNode } from '../../../src/shotgrid/wire.ts'
import { tinySchema } from '../../freshness/support/tiny-schema.ts'
import { poolTo } from '../../support/postgres-pools.ts'
import { newDatabase } from '../../support/servers/shared.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

export const day = 86_400_000
/** When the clock of a test starts: a Saturday, two days before a month ends. */
export const start = Date.UTC(2026, 10, 28, 12)

export async function openRecords() {
  const url = await newDatabase()
  const pool = poolTo(url)
  await migrate(pool, migrations)
  const clock = new VirtualClock({ startsAt: start })
  const records = new Records(pool, url, clock)
  await records.enter('e1')
  return records
}

export class Records {
  readonly pool: PostgresPool
  readonly url: string
  clock: VirtualClock
  readonly reports: RecorderEvent[] = []
  epoch = ''
  head = 0
  #epochs = 1
  readonly #recorders: Recorder[] = []
  readonly #pools: PostgresPool[] = []

  constructor(pool: PostgresPool, url: string, clock: VirtualClock) {
    this.pool = pool
    this.url = url
    this.clock = clock
  }

  /** Everything as it was when it was opened, and all recorders forgotten. */
  async reset(): Promise<void> {
    const tables = ['entities', 'entity_history', 'query_cache', 'event_log', 'cache_stats', 'cache_latency']
    const others = ['cache_stats_by_type', 'event_inbox', 'record_instance', 'log_change']
    await this.sql(`truncate ${[...tables, ...others].map((table) => `sgcache.${table}`).join(', ')}`)
    await this.sql("update sgcache.record_progress set epoch = '', seq = 0, recorded_at = null, kept_at = null")
    this.#epochs += 1
    await this.enter(`e${this.#epochs}`)
    this.clock = new VirtualClock({ startsAt: start })
    this.reports.length = 0
    this.#recorders.length = 0
    for (const pool of this.#pools.splice(0)) await pool.close()
  }

  /** Begins an epoch, as a Postgres of another timeline would. */
  async enter(epoch: string): Promise<void> {
    await this.sql("update sgcache.log_head set server = 'another'")
    const [state] = await this.sql('select * from sgcache.log_enter($1, 0, null)', [epoch])
    await this.sql('update sgcache.log_follower set fence = 0')
    this.epoch = state!.epoch as string
    this.head = state!.head as number
  }

  /** Appends changes, and with them what the follower has seen. */
  async append(changes: readonly Partial<ChangeRecord>[], seen: readonly EventLogEntry[] = []): Promise<Change[]> {
    const at = this.clock.now()
    const records = changes.map(record)
    const lines = records.length === 0 ? null : records.map((one) => JSON.stringify(one)).join('\n')
    const values = [this.epoch, at, lines, 1, '{}', seenLines(records, seen)]
    const [row] = await this.sql('select sgcache.log_append_seen($1, $2, $3, $4, $5, $6) as seq', values)
    this.head = row!.seq as number
    return records.map((one, index) => {
      return { ...one, epoch: this.epoch, seq: this.head - records.length + index + 1, at }
    })
  }

  recorder(parts: Partial<Omit<RecorderOptions, 'settings'>> & { readonly settings?: Partial<RecorderSettings> } = {}) {
    const pool = parts.pool ?? poolTo(this.url)
    this.#pools.push(pool)
    const recorder = new Recorder({
      pool,
      clock: this.clock,
      instance: `instance-${this.#recorders.length + 1}`,
      scopes: { shown: 'default', isNamed: (scope) => scope === 'default' || scope === 'vendors' },
      siteSchema: () => tinySchema,
      totals: () => [],
      report: (event) => this.reports.push(event),
      ...parts,
      settings: {
        intervalMs: 5000,
        retentionMs: 90 * day,
        statsRetentionMs: 400 * day,
        analystRole: undefined,
        skewMs: Number.POSITIVE_INFINITY,
        ...parts.settings,
      },
    })
    this.#recorders.push(recorder)
    return recorder
  }

  /** An entry of rows of a type, read now. */
  reply(type: string, rows: readonly ({ id: number } & Record<string, unknown>)[], parts: ReplyParts = {}): Entry {
    const { scope = 'default', filters = [], retired = false, stamp = this.head } = parts
    const call = queryOf(type, filters, [...new Set(rows.flatMap((row) => Object.keys(row)))], retired)
    const body = { results: { entities: rows.map((row) => ({ type, ...row })) } }
    const fetchedAt = this.clock.now()
    return {
      ...questionOf(scope, 'https://site.test', call),
      stamp: { epoch: this.epoch, seq: stamp },
      validatedSeq: stamp,
      fetchedAt,
      freshUntil: fetchedAt + 1_800_000,
      keepUntil: fetchedAt + day,
      dependencies: [],
      body: Buffer.from(JSON.stringify(body)),
    }
  }

  async sql(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.pool.query(text, values)
  }

  async close(): Promise<void> {
    for (const pool of [this.pool, ...this.#pools]) await pool.close()
  }
}

interface ReplyParts {
  readonly scope?: string
  readonly filters?: readonly FilterNode[]
  readonly retired?: boolean
  /** Default: the head. */
  readonly stamp?: number
}

export function queryOf(
  type: string,
  filters: readonly FilterNode[],
  fields: readonly string[],
  retired = false,
): Call {
  return readCall({
    type,
    return_fields: fields,
    filters: { logical_operator: 'and', conditions: filters },
    return_only: retired ? 'retired' : 'active',
    paging: { entities_per_page: 500, current_page: 1 },
  })
}

function record(parts: Partial<ChangeRecord>): ChangeRecord {
  return { source: 'event', kind: 'change', type: 'Shot', ids: [1], field: 'any', ...parts }
}

export function event(id: number, parts: Partial<EventLogEntry> = {}): EventLogEntry {
  return {
    type: 'EventLogEntry',
    id,
    event_type: 'Shotgun_Shot_Change',
    attribute_name: null,
    meta: null,
    entity: null,
    project: null,
    user: null,
    session_uuid: null,
    created_at: new Date(start).toISOString(),
    ...parts,
  }
}
