import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askRedis } from './redis.ts'
import { type Sentinels, startSentinels } from './redis-sentinels.ts'
import { redisServerIsMissing } from './shared.ts'

describe.skipIf(await redisServerIsMissing())('a Redis under sentinels', () => {
  let group: Sentinels

  beforeAll(async () => {
    group = await startSentinels()
  })
  afterAll(() => group?.close())

  it('fails over when the master is killed, and takes writes again', async () => {
    const old = await group.master()
    await askRedis(old.url, 'SET', 'a', '1')
    expect(await askRedis(old.url, 'WAIT', '2', '5000')).toBe(2)
    const next = await group.killMaster()
    expect(next).not.toBe(old)
    expect(await askRedis(next.url, 'GET', 'a')).toBe('1')
    expect(await askRedis(next.url, 'SET', 'a', '2')).toBe('OK')
  })

  it('refuses writes when no replica is left', async () => {
    const master = await group.master()
    for (const server of group.servers) if (server !== master) await server.kill()
    // As soon as the connections are gone.
    await expect(askRedis(master.url, 'SET', 'a', '3')).rejects.toThrow('NOREPLICAS')
  })

  it('changes the master when it is told to', async () => {
    for (const server of group.servers) if (!server.isRunning) await server.restart()
    const old = await group.master()
    const next = await group.failover()
    expect(next).not.toBe(old)
    expect(await askRedis(next.url, 'SET', 'a', '4')).toBe('OK')
  })
})
