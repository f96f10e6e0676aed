/**
 * A simulated site, sgcache's drop-in API before it, and Python clients of both: what the one answers is the truth
 * about the other.
 */
import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import inject from 'light-my-request'
import { openMemoryBackend } from '../../../src/backends/memory.ts'
import { Cache, type CacheEvent } from '../../../src/cache/cache.ts'
import { createAffects } from '../../../src/freshness/affects.ts'
import { withSiteReplies } from '../../../src/freshness/site-replies.ts'
import { Reader, type Scope } from '../../../src/reads/reader.ts'
import { SchemaSource } from '../../../src/reads/schema-source.ts'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'
import type { StudioSize } from '../../../src/sandbox/studio.ts'
import type { SandboxSwitches } from '../../../src/sandbox/switches.ts'
import { DropIn } from '../../../src/server/drop-in/drop-in.ts'
import type { DropInEvent } from '../../../src/server/drop-in/drop-in-event.ts'
import { type Pass, passOver } from '../../../src/server/drop-in/pass-upstream.ts'
import { Suspects } from '../../../src/server/drop-in/suspects.ts'
import { ShotGridClient } from '../../../src/shotgrid/client.ts'
import type { Transport } from '../../../src/shotgrid/transport.ts'
import type { AuthParams } from '../../../src/shotgrid/wire.ts'
import { PythonClient, type PythonClientOptions } from '../../support/python-client.ts'
import type { Post } from '../../support/python-wire.ts'
import { Random } from '../../support/random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

export const script: AuthParams = { script_name: 'sgcache', script_key: 'sandbox-key' }

export interface DropInWorldOptions {
  readonly seed?: number
  /** Scripts that share a scope that sees everything. Default: the built-in one. */
  readonly grouped?: readonly string[]
  readonly settleMs?: number
  readonly size?: StudioSize
  readonly switches?: Partial<SandboxSwitches>
  readonly transport?: (site: Transport) => Transport
  readonly pass?: Pass
  readonly isStopping?: () => boolean
  /** How often what a write of unknown outcome may change is logged. */
  readonly repeatMs?: number
}

export type DropInWorld = ReturnType<typeof openDropInWorld>

export function openDropInWorld(options: DropInWorldOptions = {}) {
  const { seed = 1, grouped = ['sgcache'], settleMs = 0 } = options
  const clock = new VirtualClock()
  const random = new Random(seed)
  const sandbox = createSandbox({ clock, seed, size: options.size ?? 'studio', switches: options.switches ?? {} })
  const events: DropInEvent[] = []
  const cacheEvents: CacheEvent[] = []
  let upstreamCalls = 0
  const site = options.transport?.(sandbox.transport()) ?? sandbox.transport()
  const transport: Transport = (request) => {
    upstreamCalls += 1
    return site(request)
  }
  const url = 'https://studio.example'
  const upstream = { url, transport, clock, random: random.next, retries: 0, retryPauseMs: 1 }
  const backend = openMemoryBackend({
    tier: 'memory',
    near: { limitBytes: 200_000_000, maxEntryBytes: 50_000_000 },
    clock,
    newId: () => `epoch-${seed}`,
  })
  const stopping = new AbortController()
  const schemas = new SchemaSource(new ShotGridClient({ ...upstream, auth: script }), backend.log.window)
  const seesEverything = (scope: string) => scope === 'shared'
  const affects = withSiteReplies(createAffects({ schema: () => schemas.last!, seesEverything }))
  const suspects = new Suspects({
    clock,
    affects,
    longestTransactionMs: 300_000,
    repeatMs: options.repeatMs ?? 5_000,
    append: (records) => backend.log.append(records),
    signal: stopping.signal,
  })
  const cache = new Cache({
    near: backend.near,
    store: backend.store,
    log: backend.log,
    clock,
    affects,
    distrust: (entry) => suspects.reasonAgainst(entry),
    mayAnswer: () => backend.log.mayAnswer(),
    settleMs,
    graceMs: 3_600_000,
    ttlJitter: 0,
    random: random.next,
    report: (event) => cacheEvents.push(event),
  })
  const reader = new Reader({ cache, schemas, ttlMs: () => 3_600_000 })
  const shared: Omit<Scope, 'client'> = { name: 'shared', sees: 'everything' }
  const dropIn = new DropIn({
    url,
    cache,
    reader,
    log: backend.log,
    clock,
    upstream,
    pass: options.pass ?? passOver(transport),
    suspects,
    scopeOf: (name) => (grouped.includes(name) ? shared : undefined),
    salt: randomBytes(16),
    bodyLimitBytes: 1_000_000,
    memoBytes: 1_000_000,
    proofIntervalMs: 60_000,
    graceMs: 3_600_000,
    settleMs,
    holdMs: 1000,
    patienceMs: 300_000,
    isStopping: options.isStopping ?? (() => false),
    isStored: (entry) => backend.near.get(entry.key) === entry,
    onGrown: (entry) => backend.near.weigh(entry),
    report: (event) => events.push(event),
  })
  const listener = dropIn.listener((_request, response) => response.writeHead(404).end())
  const client = (auth: AuthParams, more: Partial<PythonClientOptions> = {}) =>
    new PythonClient({ post: injected(listener), auth, ...more })
  return {
    sandbox,
    clock,
    cache,
    backend,
    schemas,
    suspects,
    listener,
    events,
    cacheEvents,
    client,
    /** A client of the site itself, past sgcache and past everything that may befall a connection. */
    direct: (auth: AuthParams, more: Partial<PythonClientOptions> = {}) =>
      new PythonClient({ post: answeredBy((envelope) => sandbox.call(envelope)), auth, ...more }),
    upstreamCalls: () => upstreamCalls,
    close: () => stopping.abort(),
  }
}

/** Requests without a network. */
export function injected(listener: RequestListener): Post {
  return async (body, headers) => {
    const reply = await inject(listener, { method: 'POST', url: '/api3/json', headers: { ...headers }, payload: body })
    return { status: reply.statusCode, headers: reply.headers as Record<string, string>, body: reply.rawPayload }
  }
}

function answeredBy(call: (envelope: never) => unknown): Post {
  return async (body) => {
    const envelope = JSON.parse(body.toString()) as never // what the client has made
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(call(envelope))) }
  }
}
