import { describe } from 'vitest'
import { logKey } from '../../../src/backends/redis/log-scripts.ts'
import { openLogLink } from '../../../src/backends/redis/open-link.ts'
import { RedisLog } from '../../../src/backends/redis/redis-log.ts'
import { systemClock } from '../../../src/clock.ts'
import { redisIsMissing, sharedRedis } from '../../support/servers/shared.ts'
import { describeLogServer } from '../log-server-contract.ts'
import { connectionTo } from './redis-for-tests.ts'

const settings = { changeLimit: 200, quarantineMs: 100 }

describe.skipIf(await redisIsMissing())('a real one', () => {
  describeLogServer('Redis', async () => {
    const { url, prefix } = await sharedRedis()
    const connect = () => {
      const connection = connectionTo({ url, prefix })
      const link = openLogLink({ connection, clock: systemClock, onError: () => {} }, logKey(prefix))
      return new RedisLog({ link, clock: systemClock, prefix, deadlineMs: 5000, replicas: 0, ...settings })
    }
    return { ...settings, connect }
  })
})
