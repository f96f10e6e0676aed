/** A cache over the simulated site, in process and on a virtual clock, with everything that follows the site. */
import { openMemoryBackend } from '../../src/backends/memory.ts'
import { Cache } from '../../src/cache/cache.ts'
import type { Change } from '../../src/cache/change.ts'
import type { Backend } from '../../src/cache/ports.ts'
import { follow } from '../../src/follow/follow.ts'
import type { FollowEvent } from '../../src/follow/follow-event.ts'
import type { FollowSettings } from '../../src/follow/following.ts'
import { createAffects } from '../../src/freshness/affects.ts'
import { entityCall, plainFields } from '../../src/reads/entity.ts'
import { Reader, type Scope } from '../../src/reads/reader.ts'
import { SchemaSource } from '../../src/reads/schema-source.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { SandboxSwitches } from '../../src/sandbox/switches.ts'
import { type Call, callArgs, readCall } from '../../src/shotgrid/call.ts'
import { ShotGridClient } from '../../src/shotgrid/client.ts'
import { Schema } from '../../src/shotgrid/schema.ts'
import type { FilterNode, Row } from '../../src/shotgrid/wire.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const everybody = { script_name: 'sgcache', script_key: 'sandbox-key' }
const silent = { script_name: 'noisy-import', script_key: 'noisy-key' }

export const settings: FollowSettings = {
  pollMs: 5_000,
  batch: 500,
  gapWindow: 1_000,
  blindAfterMs: 30_000,
  longestTransactionMs: 300_000,
  sweepMs: 180_000,
  sweepOverlapMs: 30_000,
  idSetMs: 1_800_000,
  auditShare: 0,
  auditPerMinute: 30,
  warmTypes: [],
  warmPage: 100,
  warmMaxRows: 100_000,
  refreshDelayMs: 1_000,
  settleMs: 1_000,
}

interface Options {
  readonly settings?: Partial<FollowSettings>
  readonly switches?: Partial<SandboxSwitches>
  readonly seed?: number
  /** What stands in for other processes. */
  readonly others?: Partial<Pick<Backend, 'lease' | 'types'>>
}

export function followedSite(options: Options = {}) {
  const clock = new VirtualClock()
  const sandbox = createSandbox({ clock, seed: options.seed ?? 1, switches: options.switches ?? {} })
  let draws = 0
  const random = () => {
    draws += 1
    return (draws * 0.618034) % 1
  }
  const client = new ShotGridClient({
    url: 'http://site.test',
    transport: sandbox.transport(),
    auth: everybody,
    clock,
    random,
    retries: 0,
    retryPauseMs: 100,
  })
  const scope: Scope = { name: 'main', sees: 'everything', client }
  const backend = openMemoryBackend({
    tier: 'memory',
    near: { limitBytes: 1e9, maxEntryBytes: 1e8 },
    clock,
    newId: () => 'epoch',
  })
  const schemas = new SchemaSource(client, backend.log.window)
  const schema = () => schemas.last ?? new Schema(sandbox.schema())
  const affects = createAffects({ schema, seesEverything: () => true })
  const cache: Cache = new Cache({
    ...backend,
    clock,
    affects,
    mayAnswer: () => !following.isBlind(),
    settleMs: 1_000,
    graceMs: 3_600_000,
    ttlJitter: 0,
    random,
    report: (event) => {
      if (event.kind === 'stored' || event.kind === 'hit') following.saw(event.entry)
    },
  })
  const reader = new Reader({ cache, schemas, ttlMs: () => 86_400_000 })
  const reports: FollowEvent[] = []
  const following = follow({
    backend: { ...backend, ...options.others },
    reader,
    scope,
    scopeOf: (name) => (name === scope.name ? scope : undefined),
    affects,
    settings: { ...settings, ...options.settings },
    clock,
    random,
    report: (event) => reports.push(event),
  })

  const call = (method: string, args: unknown, auth: object = everybody) => {
    const reply = sandbox.call({ method_name: method, params: [auth, args] }) as { results?: unknown; message?: string }
    if (reply.results === undefined) throw new Error(reply.message)
    return reply.results as Row & { entities: Row[] } // rows or a list of them, as the method answers
  }
  /** What the site itself answers now. */
  const truth = (asked: Call) => JSON.stringify({ results: call(asked.operation, callArgs(asked)) })
  /** Answers without time passing, unless the site takes some. */
  const read = async (asked: Call) => {
    const answer = await clock.run(reader.read(scope, asked))
    return { outcome: answer.outcome, text: answer.entry.body.toString(), entry: answer.entry }
  }
  return {
    clock,
    sandbox,
    backend,
    cache,
    reader,
    scope,
    following,
    reports,
    call,
    truth,
    read,
    whole: (type: string, id: number) => entityCall(type, id, plainFields(schema(), type)),
    query: (type: string, conditions: readonly FilterNode[], fields: readonly string[]) =>
      readCall({
        type,
        return_fields: fields,
        filters: { logical_operator: 'and', conditions },
        return_only: 'active',
        paging: { entities_per_page: 500, current_page: 1 },
        return_paging_info_without_counts: false,
      }),
    update: (type: string, id: number, fields: Record<string, unknown>, auth: object = everybody) =>
      call(
        'update',
        { type, id, fields: Object.entries(fields).map(([field_name, value]) => ({ field_name, value })) },
        auth,
      ),
    remove: (type: string, id: number, auth: object = everybody) => call('delete', { type, id }, auth),
    silent,
    changes: (): readonly Change[] => backend.log.window.since(0),
    /** Long enough for what was written to be settled. */
    settle: async () => {
      await clock.advance(2_000)
      await clock.run(following.tick())
      await clock.advance(2_000)
    },
  }
}
