import { describe, expect, it } from 'vitest'
import { askPostgres } from './postgres.ts'
import { askRedis, startRedis } from './redis.ts'
import { newDatabase, redisServerIsMissing } from './shared.ts'
import { SharedServers } from './shared-servers.ts'

const isRedisMissing = await redisServerIsMissing()

describe('servers that a developer brings', () => {
  it('serves databases of the Postgres, and drops them at the end', async () => {
    const brought = await newDatabase()
    const servers = new SharedServers({ SGCACHE_TEST_POSTGRES_URL: brought })
    const { url } = await servers.database()
    await askPostgres(url, 'CREATE TABLE mine ()')
    await servers.close()
    await expect(askPostgres(url, 'SELECT 1')).rejects.toThrow('does not exist')
    expect(await askPostgres(brought, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it.skipIf(isRedisMissing)('serves the Redis, and removes the keys of this run at the end', async () => {
    const brought = await startRedis()
    try {
      const servers = new SharedServers({ SGCACHE_TEST_REDIS_URL: brought.url })
      const space = await servers.redis()
      if ('missing' in space) throw new Error(space.missing)
      expect(space.url).toBe(brought.url)
      await askRedis(space.url, 'MSET', `${space.prefix}a`, '1', `${space.prefix}b`, '2', 'theirs', '3')
      await servers.close()
      expect(await askRedis(brought.url, 'KEYS', '*')).toEqual(['theirs'])
    } finally {
      await brought.close()
    }
  })
})
