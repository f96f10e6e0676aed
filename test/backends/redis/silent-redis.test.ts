/** A Redis that is there and does not answer: stopped, or behind a network that is silent, slow or broken. */
import { describe, expect } from 'vitest'
import type { LogEvent } from '../../../src/backends/shared/log-event.ts'
import { makeRecord } from '../../support/cache-world.ts'
import { askRedis } from '../../support/servers/redis.ts'
import type { Server } from '../../support/servers/server.ts'
import { redisServerIsMissing } from '../../support/servers/shared.ts'
import type { TcpProxy } from '../../support/servers/tcp-proxy.ts'
import { until } from '../../support/servers/until.ts'
import { all, entryNow, everyCall, mayAnswer } from './redis-for-tests.ts'
import { type RedisWorld, test } from './redis-world.ts'

async function started(world: RedisWorld) {
  const redis = await world.start()
  const proxy = await world.proxyTo(redis)
  return { redis, proxy }
}

async function opened(world: RedisWorld) {
  const { redis, proxy } = await started(world)
  const { backend, events, lost } = world.open({ port: proxy.port })
  await mayAnswer(backend)
  return { redis, proxy, backend, events, lost }
}

function epochsIn(events: readonly LogEvent[]): Set<string> {
  return new Set(events.flatMap((event) => (event.kind === 'entered' ? [event.epoch] : [])))
}

type Silence = readonly [
  how: string,
  begin: (redis: Server, proxy: TcpProxy) => void,
  end: (redis: Server, proxy: TcpProxy) => void,
]

const silences: readonly Silence[] = [
  ['stopped', (redis) => redis.freeze(), (redis) => redis.thaw()],
  ['silent', (_redis, proxy) => proxy.stall(), (_redis, proxy) => proxy.resume()],
  ['whose replies are held back', (_redis, proxy) => proxy.stall('replies'), (_redis, proxy) => proxy.resume()],
  ['slower than any deadline', (_redis, proxy) => proxy.delay(1500), (_redis, proxy) => proxy.delay(0)],
]

describe.skipIf(await redisServerIsMissing()).concurrent('a Redis that does not answer', () => {
  for (const [how, begin, end] of silences) {
    test(`${how}: every call ends, the right too, and nothing is forgotten`, async ({ world }) => {
      const { redis, proxy, backend, events } = await opened(world)
      const before = await backend.log.append([makeRecord({ ids: [1] })])
      await backend.store.set(entryNow(backend))
      begin(redis, proxy)
      expect(Object.values(await everyCall(backend))).not.toContain('done')
      await until(() => !backend.log.mayAnswer(), { what: 'the right has ended' })
      end(redis, proxy)
      await mayAnswer(backend)
      expect(epochsIn(events).size).toBe(1)
      expect(backend.log.window.since(before.seq - 1)[0]).toMatchObject({ ids: [1], seq: before.seq })
      await until(async () => (await everyCall(backend)).get === 'done', { what: 'the breaker has closed' })
      expect(await everyCall(backend)).toEqual(all('done'))
      expect(await backend.store.get(entryNow(backend).key)).toBeDefined()
    })
  }

  test('cut off: every call ends, and all goes on by itself, with what others have written meanwhile', async ({
    world,
  }) => {
    const { redis, proxy, backend, events } = await opened(world)
    const other = world.open({ port: redis.port }).backend
    await mayAnswer(other)
    await proxy.cut()
    expect(await everyCall(backend)).toEqual(all('BACKEND_UNREACHABLE'))
    const position = await other.log.append([makeRecord({ ids: [2] })])
    await other.log.settled(position)
    expect(backend.log.mayAnswer()).toBe(false)
    await proxy.mend()
    await mayAnswer(backend)
    expect(backend.log.window.since(position.seq - 1)[0]).toMatchObject({ ids: [2] })
    expect(epochsIn(events).size).toBe(1)
  })

  test('at the start: opening waits for nothing, and all begins when it answers', async ({ world }) => {
    const { redis, proxy } = await started(world)
    redis.freeze()
    const { backend } = world.open({ port: proxy.port })
    expect(Object.values(await everyCall(backend))).not.toContain('done')
    redis.thaw()
    await mayAnswer(backend)
  })

  test('for long: it is hung up on, so that a new connection can do better', async ({ world }) => {
    const { proxy, backend, events, lost } = await opened(world)
    proxy.stall()
    await until(() => lost.some((reason) => reason.includes('did not answer')), { what: 'it is hung up on' })
    await proxy.cut()
    proxy.resume()
    await proxy.mend()
    await mayAnswer(backend)
    expect(epochsIn(events).size).toBe(1)
  })

  test('closing does not wait for it, and leaves no connection', async ({ world }) => {
    const { redis, backend } = await opened(world)
    redis.freeze()
    await backend.close()
    redis.thaw()
    const clients = async () =>
      String(await askRedis(redis.url, 'CLIENT', 'LIST'))
        .trim()
        .split('\n').length
    await until(async () => (await clients()) === 1, { what: 'only the one who asks is connected' })
  })

  test('closing while it connects leaves no connection', async ({ world }) => {
    const { proxy } = await started(world)
    proxy.stall('replies')
    const { backend } = world.open({ port: proxy.port })
    await until(() => proxy.connections > 0, { what: 'it connects' })
    await backend.close()
    proxy.resume()
    await until(() => proxy.connections === 0, { what: 'nobody is connected' })
  })

  test('after some calls that took too long, others fail at once', async ({ world }) => {
    const { redis, backend } = await opened(world)
    redis.freeze()
    const outcomes: string[] = []
    while (!outcomes.includes('BACKEND_UNREACHABLE')) outcomes.push((await everyCall(backend)).get!)
    expect(outcomes.length).toBeLessThan(10)
  })
})
