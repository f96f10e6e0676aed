import { describe } from 'vitest'
import { connectionTo } from '../../support/postgres-pools.ts'
import { newDatabase, redisIsMissing, sharedRedis } from '../../support/servers/shared.ts'
import { ShiftedClock } from '../../support/shifted-clock.ts'
import { describeBackend } from '../contract.ts'
import { mayAnswer, connectionTo as redisAt } from '../redis/redis-for-tests.ts'
import { near, openForTest } from './postgres-for-tests.ts'

let database: Promise<string> | undefined
let schemas = 0

/** A schema of its own in one database, which is quicker than a database. */
async function somewhere() {
  database ??= newDatabase()
  const url = await database
  return { url, postgres: connectionTo(url, { schema: `test_${++schemas}`, deadlineMs: 500 }) }
}

describeBackend(
  'postgres',
  () => new ShiftedClock(),
  async (clock) => {
    const { url, postgres } = await somewhere()
    const { backend } = await openForTest(url, { clock, postgres })
    await mayAnswer(backend)
    return { backend, maxEntryBytes: near.maxEntryBytes }
  },
)

describe.skipIf(await redisIsMissing())('with Redis before it', () => {
  describeBackend(
    'postgres',
    () => new ShiftedClock(),
    async (clock) => {
      const redis = redisAt(await sharedRedis())
      const { url, postgres } = await somewhere()
      const { backend } = await openForTest(url, { clock, postgres, redis })
      await mayAnswer(backend)
      return { backend, maxEntryBytes: near.maxEntryBytes }
    },
  )
})
