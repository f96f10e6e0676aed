/** The Redis tier as tests open it: short leases, ids in order, and everything it tells kept. */
import { randomBytes } from 'node:crypto'
import type { RedisConnection } from '../../../src/backends/redis/connection-options.ts'
import { openRedisBackend, type RedisBackendOptions } from '../../../src/backends/redis/redis.ts'
import type { LogEvent } from '../../../src/backends/shared/log-event.ts'
import { Cache } from '../../../src/cache/cache.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import type { Backend } from '../../../src/cache/ports.ts'
import { systemClock } from '../../../src/clock.ts'
import { reasonOf, SgcacheError } from '../../../src/errors.ts'
import { affectsRows, makeEntry, makeRecord, questionAbout, replyOf } from '../../support/cache-world.ts'
import { until } from '../../support/servers/until.ts'

/** Leases are short, since tests wait for their end; deadlines are not, since machines that run tests are busy. */
export const shared = { leaseMs: 400, slackMs: 100, followerLeaseMs: 1000, deadlineMs: 1000 }
export const near = { limitBytes: 1_000_000, maxEntryBytes: 100_000 }

/** Where a test's Redis is: its `url`, or the parts that name it. */
export type RedisForTest = Partial<RedisConnection> & { readonly url?: string }

export function connectionTo({ url, ...parts }: RedisForTest): RedisConnection {
  const { hostname, port } = new URL(url ?? 'redis://127.0.0.1:6379')
  return {
    mode: 'single',
    host: hostname,
    port: Number(port),
    nodes: [],
    masterName: 'mymaster',
    database: 0,
    prefix: 'test',
    deadlineMs: 1000,
    replicas: 0,
    replicaLagMs: 0,
    ...parts,
  }
}

export interface OpenedForTest {
  readonly backend: Backend
  readonly events: LogEvent[]
  /** Why connections failed or were lost, in order. */
  readonly lost: string[]
}

export function openForTest(redis: RedisForTest, options: Partial<RedisBackendOptions> = {}): OpenedForTest {
  const events: LogEvent[] = []
  const lost: string[] = []
  const backend = openRedisBackend({
    tier: 'redis',
    redis: connectionTo(redis),
    shared,
    near,
    clock: systemClock,
    newId: () => randomBytes(8).toString('hex'),
    changeLimit: 10_000,
    report: (event) => events.push(event),
    onConnectionError: (error) => lost.push(reasonOf(error)),
    ...options,
  })
  return { backend, events, lost }
}

/** An entry as this process would store it now. */
export function entryNow({ log }: Backend, parts: Partial<Entry> = {}): Entry {
  const { epoch, head } = log.window
  const now = systemClock.now()
  const times = { fetchedAt: now, freshUntil: now + 60_000, keepUntil: now + 120_000 }
  return makeEntry({ stamp: { epoch, seq: head }, ...times, ...parts })
}

/** Makes every call that goes to Redis, all at once. Gives how each ended: `done`, or the code of the failure. */
export async function everyCall(backend: Backend): Promise<Record<string, string>> {
  const { store, log, cursors, lease, flights, types } = backend
  const calls: Record<string, () => Promise<unknown>> = {
    get: () => store.get(makeEntry().key),
    set: () => store.set(entryNow(backend)),
    delete: () => store.delete('farm:Shot:read:nothing'),
    entries: () => store.entries()[Symbol.asyncIterator]().next(),
    append: () => log.append([makeRecord()]),
    settled: () => log.settled({ epoch: log.window.epoch, seq: log.window.head }),
    load: () => cursors.load(),
    acquire: () => lease.acquire(),
    note: () => types!.note(['Shot'], 60_000),
    types: () => types!.all(),
    claim: () => flights!.claim('a question').then((claim) => (claim.mine ? claim.done() : undefined)),
  }
  const ended = Object.entries(calls).map(async ([name, call]) => [name, await call().then(() => 'done', codeOf)])
  return Object.fromEntries(await Promise.all(ended))
}

function codeOf(error: unknown): string {
  return error instanceof SgcacheError ? error.code : String(error)
}

/** What every call comes to. */
export function all(outcome: string) {
  const names = ['get', 'set', 'delete', 'entries', 'append', 'settled', 'load', 'acquire', 'note', 'types', 'claim']
  return Object.fromEntries(names.map((name) => [name, outcome]))
}

/** Resolves when every one of them may answer from cache. */
export async function mayAnswer(...backends: readonly Backend[]): Promise<void> {
  await until(() => backends.every(({ log }) => log.mayAnswer()), { what: 'the right to answer' })
}

export const question = questionAbout([1])

/** A cache over a tier, and how to read row 1 through it, whose value `upstream` tells. */
export function cacheOver({ near, store, log, flights }: Backend, upstream: () => Promise<number>) {
  const times = { settleMs: 0, graceMs: 0, ttlJitter: 0, random: () => 0 }
  const cache = new Cache({
    ...{ near, store, log, clock: systemClock, affects: affectsRows, ...times, report: () => {} },
    ...(flights && { flights }),
    mayAnswer: () => log.mayAnswer(),
  })
  const read = () => cache.read(question, async () => replyOf({ 1: await upstream() }))
  return { cache, read }
}
