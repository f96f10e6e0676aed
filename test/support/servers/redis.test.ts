import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive } from './process-tree.ts'
import { askRedis, startRedis } from './redis.ts'
import type { Server } from './server.ts'
import { redisIsMissing, redisServerIsMissing, sharedRedis } from './shared.ts'

describe.skipIf(await redisServerIsMissing())('a Redis of a test', () => {
  let redis: Server

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.close())

  it('answers, and is new enough for us', async () => {
    expect(await askRedis(redis.url, 'PING')).toBe('PONG')
    expect(await askRedis(redis.url, 'INFO', 'server')).toMatch(/redis_version:([7-9]|\d\d)/)
  })

  it('is gone when killed, and back on its port, empty, when restarted', async () => {
    const { pid } = redis
    await askRedis(redis.url, 'SET', 'a', '1')
    await redis.kill()
    expect(isAlive(pid)).toBe(false)
    await expect(askRedis(redis.url, 'PING')).rejects.toThrow('ECONNREFUSED')
    await redis.restart()
    expect(await askRedis(redis.url, 'GET', 'a')).toBeNull()
    expect(redis.pid).not.toBe(pid)
  })

  it('answers nothing while it is frozen, and then what it was asked', async () => {
    const other = await startRedis()
    try {
      redis.freeze()
      const order: unknown[] = []
      const late = askRedis(redis.url, 'ECHO', 'late').then((answer) => order.push(answer))
      order.push(await askRedis(other.url, 'ECHO', 'early'))
      redis.thaw()
      await late
      expect(order).toEqual(['early', 'late'])
    } finally {
      await other.close()
    }
  })

  it('keeps what it was told to persist', async () => {
    const persistent = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
    try {
      await askRedis(persistent.url, 'SET', 'a', '1')
      await persistent.kill()
      await persistent.restart()
      expect(await askRedis(persistent.url, 'GET', 'a')).toBe('1')
      await persistent.stop()
      expect(persistent.isRunning).toBe(false)
    } finally {
      await persistent.close()
    }
  })
})

describe.skipIf(await redisIsMissing())('the shared Redis', () => {
  it('gives each caller a prefix of its own', async () => {
    const [one, other] = await Promise.all([sharedRedis(), sharedRedis()])
    expect(one.url).toBe(other.url)
    expect(one.prefix).not.toBe(other.prefix)
    expect(await askRedis(one.url, 'PING')).toBe('PONG')
  })
})
