/** Pools for tests: to a database by its URL, closed by whoever asked for them. */
import type { PostgresConnection } from '../../src/backends/postgres/connection-options.ts'
import { type PoolOptions, PostgresPool } from '../../src/backends/postgres/pool.ts'
import { systemClock } from '../../src/clock.ts'

export function connectionTo(url: string, parts: Partial<PostgresConnection> = {}): PostgresConnection {
  const { hostname, port, pathname, username } = new URL(url)
  return {
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    user: username,
    tls: false,
    schema: 'sgcache',
    connections: 5,
    deadlineMs: 5000,
    replicas: [],
    ...parts,
  }
}

export function poolTo(url: string, parts: Partial<PoolOptions> = {}): PostgresPool {
  const connection = connectionTo(url)
  return new PostgresPool({ connection, clock: systemClock, connections: 5, deadlineMs: 5000, ...parts })
}
