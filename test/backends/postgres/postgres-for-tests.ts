/** The Postgres tier as tests open it: short leases, and everything it tells kept. */
import { randomBytes } from 'node:crypto'
import { openPostgresBackend, type PostgresBackendOptions } from '../../../src/backends/postgres/postgres.ts'
import type { LogEvent } from '../../../src/backends/shared/log-event.ts'
import type { Backend } from '../../../src/cache/ports.ts'
import { systemClock } from '../../../src/clock.ts'
import { connectionTo } from '../../support/postgres-pools.ts'

export const shared = { leaseMs: 400, slackMs: 100, followerLeaseMs: 1000, deadlineMs: 300 }
export const near = { limitBytes: 1_000_000, maxEntryBytes: 100_000 }

export interface OpenedForTest {
  readonly backend: Backend
  readonly events: LogEvent[]
  readonly errors: unknown[]
}

export async function openForTest(url: string, options: Partial<PostgresBackendOptions> = {}): Promise<OpenedForTest> {
  const events: LogEvent[] = []
  const errors: unknown[] = []
  const backend = await openPostgresBackend({
    tier: 'postgres',
    postgres: connectionTo(url, { deadlineMs: 500 }),
    site: 'studio.example',
    l1TtlMs: 300_000,
    shared,
    near,
    clock: systemClock,
    newId: () => randomBytes(8).toString('hex'),
    changeLimit: 10_000,
    report: (event) => events.push(event),
    onConnectionError: (error) => errors.push(error),
    ...options,
  })
  return { backend, events, errors }
}
