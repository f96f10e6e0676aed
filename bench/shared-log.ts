/**
 * The log of a shared tier, on a real server: what one appended change costs with more and more cached queries in the
 * store, and how soon it is known everywhere. Three processes' worth of backends, in one process, so that one clock
 * tells when each of them has applied it; what the processes share is the server.
 */
import { randomBytes } from 'node:crypto'
import type { RedisConnection } from '../src/backends/redis/connection-options.ts'
import type { Entry } from '../src/cache/entry.ts'
import type { Backend } from '../src/cache/ports.ts'
import { systemClock } from '../src/clock.ts'
import { startRedis } from '../test/support/servers/redis.ts'
import { until } from '../test/support/servers/until.ts'
import { built } from './built.ts'

export interface SharedLogResult {
  readonly appends: readonly { readonly queries: number; readonly appendUs: number }[]
  readonly changes: number
  /** From before the append until every process had applied the change, and until it was settled; ms. */
  readonly propagation: Percentiles
  readonly settled: Percentiles
}

export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

const sizes = [1_000, 10_000, 100_000]
const appendsEach = 2_000
const changes = 1_000

export async function measureSharedLog(): Promise<SharedLogResult> {
  const redis = await startRedis()
  const backends = await Promise.all([1, 2, 3].map(() => open(redis.port)))
  try {
    await until(() => backends.every(({ log }) => log.mayAnswer()), { what: 'all may answer' })
    const [one] = backends as [Backend]
    const appends = []
    let stored = 0
    for (const queries of sizes) {
      for (; stored < queries; stored += 1) await one.store.set(query(stored, one))
      appends.push({ queries, appendUs: await appendUs(one) })
    }
    return { appends, changes, ...(await spreadOf(backends)) }
  } finally {
    await Promise.all(backends.map((backend) => backend.close()))
    await redis.close()
  }
}

async function appendUs({ log }: Backend): Promise<number> {
  const began = performance.now()
  for (let id = 0; id < appendsEach; id += 1) await log.append([change(id)])
  return ((performance.now() - began) * 1000) / appendsEach
}

async function spreadOf(backends: readonly Backend[]): Promise<Pick<SharedLogResult, 'propagation' | 'settled'>> {
  const known: number[] = []
  const settled: number[] = []
  for (let id = 0; id < changes; id += 1) {
    const { log } = backends[id % backends.length]!
    const began = performance.now()
    const position = await log.append([change(id)])
    const isSettled = log.settled(position).then(() => settled.push(performance.now() - began))
    while (backends.some((backend) => backend.log.window.head < position.seq)) await turn()
    known.push(performance.now() - began)
    await isSettled
  }
  return { propagation: percentiles(known), settled: percentiles(settled) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

function change(id: number) {
  return { source: 'event', kind: 'change', type: 'Task', ids: [id], field: 'sg_status_list', new: 'fin' } as const
}

function query(index: number, { log }: Backend): Entry {
  const { epoch, head: seq } = log.window
  const now = Date.now()
  return {
    key: `default:Shot:read:${index}`,
    scope: 'default',
    type: 'Shot',
    call: `{"read":${index}}`,
    dependencies: [{ type: 'Shot', rows: [index], fields: ['sg_status_list'], presence: true }],
    body: Buffer.from(`{"results":{"entities":[{"type":"Shot","id":${index}}]}}`),
    stamp: { epoch, seq },
    validatedSeq: seq,
    fetchedAt: now,
    freshUntil: now + 3_600_000,
    keepUntil: now + 3_600_000,
  }
}

async function open(port: number): Promise<Backend> {
  const { openRedisBackend } = await built<typeof import('../src/backends/redis/redis.ts')>('backends/redis/redis.js')
  const redis: RedisConnection = {
    ...{ mode: 'single', host: '127.0.0.1', port, nodes: [], masterName: '', database: 0, prefix: 'bench' },
    ...{ deadlineMs: 1000, replicas: 0, replicaLagMs: 0 },
  }
  return openRedisBackend({
    tier: 'redis',
    redis,
    shared: { leaseMs: 2000, slackMs: 500, followerLeaseMs: 15_000, deadlineMs: 1000 },
    near: { limitBytes: 1_000_000, maxEntryBytes: 100_000 },
    clock: systemClock,
    newId: () => randomBytes(8).toString('hex'),
    changeLimit: 200_000,
    report: () => {},
    onConnectionError: () => {},
  })
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
  return { p50: at(0.5), p99: at(0.99) }
}
