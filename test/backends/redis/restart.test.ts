/** A Redis that comes back: with all it had, with nothing, or without the log alone. */
import { describe, expect } from 'vitest'
import { logKey } from '../../../src/backends/redis/log-scripts.ts'
import { makeRecord, valuesOf } from '../../support/cache-world.ts'
import { askRedis } from '../../support/servers/redis.ts'
import type { Server } from '../../support/servers/server.ts'
import { redisServerIsMissing } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'
import { cacheOver, mayAnswer, question, shared } from './redis-for-tests.ts'
import { type RedisWorld, test } from './redis-world.ts'

const cursor = { lastId: 700, gaps: [{ id: 650, since: 1000 }], sweptAt: { Shot: 2000 } }

async function opened(world: RedisWorld, redis: Server) {
  const one = world.open({ port: redis.port })
  await mayAnswer(one.backend)
  return one
}

describe.skipIf(await redisServerIsMissing()).concurrent('a Redis that comes back', () => {
  const ways: readonly [how: string, args: readonly string[], keeps: boolean][] = [
    ['with all it had', ['--appendonly', 'yes', '--appendfsync', 'always'], true],
    ['with nothing', [], false],
  ]
  for (const [how, args, keeps] of ways) {
    test(`${how}: a new epoch begins, and nothing from before it is trusted`, async ({ world }) => {
      const redis = await world.start({ args })
      const { backend, events } = await opened(world, redis)
      const upstream = { value: 10 }
      const { read, cache } = cacheOver(backend, async () => upstream.value)
      const fence = (await backend.lease.acquire())!
      const before = await backend.log.append([makeRecord()], { cursor, fence })
      await until(async () => (await read()).outcome === 'hit', { what: 'a hit' })
      await cache.flush()
      await redis.restart()
      await until(() => backend.log.window.epoch !== before.epoch, { what: 'a new epoch' })
      // What was written past us while nobody could say so.
      upstream.value = 11
      const stored = await until(() => backend.store.get(question.key).then((entry) => ({ entry })), {
        what: 'it is there',
      })
      expect(stored.entry?.stamp.epoch).toBe(keeps ? before.epoch : undefined)
      const outcomes = new Set<string>()
      const look = async () => {
        const { outcome, entry } = await read()
        outcomes.add(outcome)
        expect(valuesOf(entry.body)).toEqual({ 1: 11 })
        return outcome === 'hit'
      }
      await until(look, { what: 'a hit in the new epoch', everyMs: 5 })
      expect(outcomes).toEqual(new Set(['bypass', 'miss', 'hit']))
      expect(await backend.cursors.load()).toEqual(keeps ? cursor : undefined)
      expect(await backend.lease.acquire()).toBe(keeps ? fence + 1 : 1)
      const after = await backend.log.append([makeRecord()])
      expect(after.seq).toBeGreaterThan(before.seq)
      const entered = events.filter((event) => event.kind === 'entered')
      expect(entered.map(({ opensInMs }) => opensInMs > 0)).toEqual([true, true])
      expect(entered[1]!.opensInMs).toBeLessThanOrEqual(shared.leaseMs + shared.slackMs)
    })
  }

  test('many times: leaves no change logs behind', async ({ world }) => {
    const redis = await world.start({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
    const { backend } = await opened(world, redis)
    for (let n = 0; n < 2; n++) {
      const { epoch } = await backend.log.append([makeRecord()])
      await redis.restart()
      await until(() => backend.log.window.epoch !== epoch, { what: 'a new epoch' })
    }
    await mayAnswer(backend)
    const { epoch } = await backend.log.append([makeRecord()])
    expect(await askRedis(redis.url, 'KEYS', '*:{log}:*')).toEqual([`test:{log}:${epoch}`])
  })

  test('without the log: a new epoch begins, whose head is greater than what anybody has seen', async ({ world }) => {
    const redis = await world.start()
    const { backend } = await opened(world, redis)
    const before = await backend.log.append([makeRecord()])
    // As if the clock of this Redis had been far ahead.
    const ahead = before.seq + 1_000_000_000
    await askRedis(redis.url, 'HSET', logKey('test'), 'head', String(ahead))
    await until(() => backend.log.window.head === ahead, { what: 'it is seen' })
    await askRedis(redis.url, 'DEL', logKey('test'))
    await until(() => backend.log.window.epoch !== before.epoch, { what: 'a new epoch' })
    expect(backend.log.window.head).toBeGreaterThan(ahead)
    expect(await askRedis(redis.url, 'EXISTS', `${logKey('test')}:${before.epoch}`)).toBe(0)
  })

  test('rule 4: made a replica and a master again while nobody looked: it is another log', async ({ world }) => {
    const redis = await world.start()
    const stand = await world.start({ args: ['--replicaof', '127.0.0.1', String(redis.port)] })
    const inStep = (server: Server) => async () =>
      String(await askRedis(server.url, 'INFO', 'replication')).includes('master_link_status:up')
    await until(inStep(stand), { what: 'the replica is in step' })
    const proxy = await world.proxyTo(redis)
    const { backend } = world.open({ port: proxy.port })
    await mayAnswer(backend)
    const before = await backend.log.append([makeRecord()])
    await proxy.cut()
    const run = () => askRedis(redis.url, 'INFO', 'server').then((info) => /run_id:\w+/.exec(String(info))![0])
    const same = await run()
    await askRedis(stand.url, 'REPLICAOF', 'NO', 'ONE')
    await askRedis(redis.url, 'REPLICAOF', '127.0.0.1', String(stand.port))
    await until(inStep(redis), { what: 'it follows' })
    await askRedis(redis.url, 'REPLICAOF', 'NO', 'ONE')
    expect(await run()).toBe(same)
    await proxy.mend()
    await until(() => backend.log.window.epoch !== before.epoch, { what: 'a new epoch' })
  })

  test('as a replica: takes no epoch, says so, and goes on when it is a master again', async ({ world }) => {
    const master = await world.start()
    const redis = await world.start()
    const { backend, events } = await opened(world, redis)
    await askRedis(redis.url, 'REPLICAOF', '127.0.0.1', String(master.port))
    await until(() => !backend.log.mayAnswer(), { what: 'the right has ended' })
    const trouble = await until(() => events.find((event) => event.kind === 'trouble'), { what: 'it is told' })
    expect(String(trouble.error)).toContain('READONLY')
    await askRedis(redis.url, 'REPLICAOF', 'NO', 'ONE')
    await mayAnswer(backend)
  })
})
