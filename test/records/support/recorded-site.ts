/** The simulated site, a cache that follows it through a change log in Postgres, and recorders of it. */
import { openMemoryBackend } from '../../../src/backends/memory.ts'
import { PostgresLog } from '../../../src/backends/postgres/postgres-log.ts'
import { Cache } from '../../../src/cache/cache.ts'
import { type ChangeWindow, createChangeWindow } from '../../../src/cache/change-window.ts'
import type { ChangeLog, ChangeRecord, CursorMove, CursorStore, Lease, Position } from '../../../src/cache/ports.ts'
import { systemClock } from '../../../src/clock.ts'
import { follow } from '../../../src/follow/follow.ts'
import { createAffects } from '../../../src/freshness/affects.ts'
import { Reader, type Scope } from '../../../src/reads/reader.ts'
import { SchemaSource } from '../../../src/reads/schema-source.ts'
import type { Recorder } from '../../../src/records/recorder.ts'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'
import type { SandboxSwitches } from '../../../src/sandbox/switches.ts'
import { ShotGridClient } from '../../../src/shotgrid/client.ts'
import { Schema } from '../../../src/shotgrid/schema.ts'
import type { Row } from '../../../src/shotgrid/wire.ts'
import { settings } from '../../follow/followed-site.ts'
import { poolTo } from '../../support/postgres-pools.ts'
import { openRecords } from './recorded.ts'

const everybody = { script_name: 'sgcache', script_key: 'sandbox-key' }

export async function recordedSite(seed: number, switches: Partial<SandboxSwitches> = {}) {
  const records = await openRecords()
  const { clock } = records
  const sandbox = createSandbox({ clock, seed, switches })
  const client = new ShotGridClient({
    url: 'http://site.test',
    transport: sandbox.transport(),
    auth: everybody,
    clock,
    random: () => 0.5,
    retries: 0,
    retryPauseMs: 100,
  })
  const scope: Scope = { name: 'default', sees: 'everything', client }
  const log = new LoneLog(records.url, records.epoch, records.head, clock)
  const schemas = new SchemaSource(client, log.window)
  await schemas.current()
  const affects = createAffects({ schema: () => schemas.last ?? new Schema({}), seesEverything: () => true })
  const backend = {
    ...openMemoryBackend({
      tier: 'memory',
      near: { limitBytes: 1e9, maxEntryBytes: 1e8 },
      clock,
      newId: () => 'unused',
    }),
    ...{ log, cursors: log, lease: log },
  }
  const recorders: Recorder[] = [1, 2].map(() => records.recorder({ siteSchema: () => schemas.last }))
  let turn = 0
  const cache: Cache = new Cache({
    ...backend,
    clock,
    affects,
    mayAnswer: () => !following.isBlind(),
    settleMs: 1000,
    graceMs: 3_600_000,
    ttlJitter: 0,
    random: () => 0.5,
    // As if requests came to one process and to the other.
    report: (event) => recorders[turn++ % recorders.length]!.cacheEvent(event),
  })
  const reader = new Reader({ cache, schemas, ttlMs: () => 86_400_000 })
  const following = follow({
    ...{ backend, reader, scope, affects, clock },
    scopeOf: () => scope,
    settings: { ...settings, blindAfterMs: 86_400_000 },
    random: () => 0.5,
    report: () => {},
  })
  return {
    ...{ records, clock, sandbox, scope, reader, cache, following, recorders },
    schema: () => schemas.last!,
    /** What the site answers now. */
    rows: (type: string, ids: readonly number[], fields: readonly string[], isRetired: boolean) => {
      const args = {
        type,
        return_fields: fields,
        filters: { logical_operator: 'and', conditions: [{ path: 'id', relation: 'in', values: ids }] },
        return_only: isRetired ? 'retired' : 'active',
        paging: { entities_per_page: 500, current_page: 1 },
      }
      const reply = sandbox.call({ method_name: 'read', params: [everybody, args] })
      return (reply as { results: { entities: Row[] } }).results.entities
    },
    close: async () => {
      await following.close()
      await log.close()
      await records.close()
    },
  }
}

/** The log in Postgres with one process at it. */
class LoneLog implements ChangeLog, CursorStore, Lease {
  readonly window: ChangeWindow
  readonly settlesWithinMs = 0
  readonly #server: PostgresLog
  readonly #clock: { now(): number; monotonic(): number }

  constructor(url: string, epoch: string, head: number, clock: Parameters<typeof createChangeWindow>[0]['clock']) {
    const prepare = async () => {}
    const pool = poolTo(url)
    this.#server = new PostgresLog({
      ...{ pool, prepare, clock: systemClock },
      ...{ changeLimit: 100_000, quarantineMs: 0, isRecorded: true },
    })
    this.#clock = clock
    this.window = createChangeWindow({ epoch, clock })
    this.window.begin({ epoch, seq: head })
  }

  async append(records: readonly ChangeRecord[], move?: CursorMove): Promise<Position> {
    const { epoch } = this.window
    const at = this.#clock.now()
    const seq = await this.#server.append(epoch, records, at, move)
    for (const record of records) this.window.apply({ ...record, epoch, seq: this.window.head + 1, at })
    return { epoch, seq }
  }

  mayAnswer = () => true
  settled = async () => {}
  load = () => this.#server.cursor(this.window.epoch)
  acquire = () => this.#server.acquireLease(this.window.epoch, 'lone', 3_600_000)
  release = async () => {}
  close = () => this.#server.close()
}
