/** The log in Postgres as tests open it. */
import { migrate } from '../../../src/backends/postgres/migrate.ts'
import { migrations } from '../../../src/backends/postgres/migrations/all.ts'
import type { PoolOptions } from '../../../src/backends/postgres/pool.ts'
import { PostgresLog, type PostgresLogOptions } from '../../../src/backends/postgres/postgres-log.ts'
import { systemClock } from '../../../src/clock.ts'
import { poolTo } from '../../support/postgres-pools.ts'

export const logSettings = { changeLimit: 100, quarantineMs: 100 }

export function openLog(
  url: string,
  options: Partial<PostgresLogOptions> = {},
  poolOptions: Partial<PoolOptions> = {},
): PostgresLog {
  const pool = poolTo(url, poolOptions)
  const prepare = () => migrate(pool, migrations)
  return new PostgresLog({ pool, clock: systemClock, prepare, ...logSettings, ...options })
}
