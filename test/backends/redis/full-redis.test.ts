/** A Redis that is full: it throws away what it likes, or takes nothing more. */
import { describe, expect } from 'vitest'
import { logKey } from '../../../src/backends/redis/log-scripts.ts'
import type { Backend } from '../../../src/cache/ports.ts'
import { makeRecord, valuesOf } from '../../support/cache-world.ts'
import { askRedis } from '../../support/servers/redis.ts'
import { redisServerIsMissing } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'
import { cacheOver, entryNow, mayAnswer } from './redis-for-tests.ts'
import { test } from './redis-world.ts'

const large = Buffer.alloc(60_000, 'x')

/** Stores something large under a key of its own. */
function fill(backend: Backend, n: number): Promise<boolean> {
  return backend.store.set(entryNow(backend, { key: `farm:Shot:read:filler${n}`, body: large }))
}

describe.skipIf(await redisServerIsMissing()).concurrent('a Redis that is full', () => {
  test('and throws away anything: the log too, and nobody answers with anything old', async ({ world }) => {
    const redis = await world.start({ args: ['--maxmemory', '4mb', '--maxmemory-policy', 'allkeys-random'] })
    const opened = [world.open({ port: redis.port }), world.open({ port: redis.port })]
    const [one, other] = opened.map(({ backend }) => backend) as [Backend, Backend]
    await mayAnswer(one, other)
    const upstream = { value: 10 }
    const value = async () => upstream.value
    const readers = [cacheOver(one, value), cacheOver(other, value)]
    let hits = 0
    const look = async () => {
      for (const { read } of readers) {
        const { outcome, entry } = await read()
        if (outcome === 'hit') hits += 1
        expect(valuesOf(entry.body)).toEqual({ 1: upstream.value })
      }
    }
    const write = async () => {
      upstream.value += 1
      // As a write that came through us: again and again, until it counts everywhere.
      await until(
        () => one.log.append([makeRecord({ source: 'write' })]).then((at) => one.log.settled(at).then(() => true)),
        {
          what: 'the write is settled',
          everyMs: 5,
        },
      )
    }
    const epochs = () => opened[0]!.events.filter(({ kind }) => kind === 'entered').length
    for (let n = 0; epochs() < 3 || hits < 10; n++) {
      await fill(other, n).catch(() => {})
      if (n % 5 === 0) await write()
      await look()
    }
  })

  test('and throws away what was not used for long: the log stays', async ({ world }) => {
    const redis = await world.start({ args: ['--maxmemory', '4mb', '--maxmemory-policy', 'allkeys-lru'] })
    const { backend, events } = world.open({ port: redis.port })
    await mayAnswer(backend)
    const { epoch } = backend.log.window
    await backend.log.append([makeRecord()])
    for (let n = 0; n < 40; n++) await fill(backend, n)
    // Redis tells ages by the second.
    const idle = async (key: string) => Number(await askRedis(redis.url, 'OBJECT', 'IDLETIME', key))
    await until(async () => (await idle('test:e:farm:Shot:read:filler39')) >= 3, {
      what: 'they have not been used for long',
    })
    for (let n = 40; n < 70; n++) await fill(backend, n)
    const stats = String(await askRedis(redis.url, 'INFO', 'stats'))
    expect(Number(/evicted_keys:(\d+)/.exec(stats)?.[1])).toBeGreaterThan(10)
    expect(await backend.store.get('farm:Shot:read:filler69')).toBeDefined()
    await backend.log.settled(await backend.log.append([makeRecord()]))
    expect(backend.log.window.epoch).toBe(epoch)
    expect(events.map(({ kind }) => kind)).not.toContain('hole')
  })

  test('and has thrown away the changes alone: who had not read them forgets what was checked', async ({ world }) => {
    const redis = await world.start()
    const proxy = await world.proxyTo(redis)
    const one = world.open({ port: redis.port }).backend
    const { backend: other, events } = world.open({ port: proxy.port })
    await mayAnswer(one, other)
    const upstream = { value: 10 }
    const { read } = cacheOver(other, async () => upstream.value)
    await until(async () => (await read()).outcome === 'hit', { what: 'a hit' })
    const { epoch } = other.log.window
    proxy.stall()
    upstream.value = 11
    await one.log.settled(await one.log.append([makeRecord({ source: 'write' })]))
    await askRedis(redis.url, 'DEL', `${logKey('test')}:${epoch}`)
    proxy.resume()
    await until(() => events.some(({ kind }) => kind === 'hole'), { what: 'the hole is told' })
    await until(
      async () => {
        const { outcome, entry } = await read()
        expect(valuesOf(entry.body)).toEqual({ 1: 11 })
        return outcome === 'hit'
      },
      { what: 'a hit again' },
    )
    expect(other.log.window.epoch).toBe(epoch)
    expect(other.log.window.coverage).toBe(one.log.window.head)
  })

  test('and takes nothing more: that is known, and the log and the reads go on', async ({ world }) => {
    const redis = await world.start({ args: ['--maxmemory', '4mb', '--maxmemory-policy', 'noeviction'] })
    const { backend } = world.open({ port: redis.port })
    await mayAnswer(backend)
    const { epoch } = backend.log.window
    await backend.store.set(entryNow(backend))
    const failure = await until(
      async () => {
        for (let n = 0; ; n++) await fill(backend, n)
      },
      { what: 'it is full', withinMs: 0 },
    ).catch((error: Error) => error.cause)
    expect(String(failure)).toContain('OOM')
    const { read } = cacheOver(backend, async () => 10)
    for (let n = 0; n < 10; n++) await expect(fill(backend, 1000 + n)).rejects.toMatchObject({ code: 'BACKEND_UNFIT' })
    // The breaker is for a Redis that does not answer; this one does.
    expect(await backend.store.get(entryNow(backend).key)).toBeDefined()
    await until(async () => (await read()).outcome === 'hit', { what: 'a hit' })
    const position = await backend.log.append([makeRecord()])
    await backend.log.settled(position)
    await mayAnswer(backend)
    expect(position.epoch).toBe(epoch)
  })
})
