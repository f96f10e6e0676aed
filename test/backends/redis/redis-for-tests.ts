/** The Redis tier as tests open it: short leases, ids in order, and everything it tells kept. */
import { randomBytes } from 'node:crypto'
import type { RedisConnection } from '../../../src/backends/redis/connection-options.ts'
import { openRedisBackend, type RedisBackendOptions } from '../../../src/backends/redis/redis.ts'
import type { LogEvent } from '../../../src/backends/shared/log-event.ts'
import type { Backend } from '../../../src/cache/ports.ts'
import { systemClock } from '../../../src/clock.ts'
import { until } from '../../support/servers/until.ts'

export const shared = { leaseMs: 400, slackMs: 100, followerLeaseMs: 1000, deadlineMs: 300 }
export const near = { limitBytes: 1_000_000, maxEntryBytes: 100_000 }

export function connectionTo(parts: Partial<RedisConnection>): RedisConnection {
  return {
    mode: 'single',
    host: '127.0.0.1',
    port: 6379,
    nodes: [],
    masterName: 'mymaster',
    database: 0,
    prefix: 'test',
    deadlineMs: 250,
    replicas: 0,
    replicaLagMs: 0,
    ...parts,
  }
}

export interface OpenedForTest {
  readonly backend: Backend
  readonly events: LogEvent[]
}

export function openForTest(
  redis: Partial<RedisConnection>,
  options: Partial<RedisBackendOptions> = {},
): OpenedForTest {
  const events: LogEvent[] = []
  const backend = openRedisBackend({
    tier: 'redis',
    redis: connectionTo(redis),
    shared,
    near,
    clock: systemClock,
    newId: () => randomBytes(8).toString('hex'),
    changeLimit: 10_000,
    report: (event) => events.push(event),
    onConnectionError: () => {},
    ...options,
  })
  return { backend, events }
}

/** Resolves when every one of them may answer from cache. */
export async function mayAnswer(...backends: readonly Backend[]): Promise<void> {
  await until(() => backends.every(({ log }) => log.mayAnswer()), { what: 'the right to answer' })
}
