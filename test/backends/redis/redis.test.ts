import { describe } from 'vitest'
import { redisIsMissing, sharedRedis } from '../../support/servers/shared.ts'
import { ShiftedClock } from '../../support/shifted-clock.ts'
import { describeBackend } from '../contract.ts'
import { mayAnswer, near, openForTest } from './redis-for-tests.ts'

describe.skipIf(await redisIsMissing())('on a Redis', () => {
  describeBackend(
    'redis',
    () => new ShiftedClock(),
    async (clock) => {
      const { backend } = openForTest(await sharedRedis(), { clock })
      await mayAnswer(backend)
      return { backend, maxEntryBytes: near.maxEntryBytes }
    },
  )
})
