/** One upstream read of a question at a time, of all processes that share a Redis. */
import { describe, expect } from 'vitest'
import { Cache } from '../../../src/cache/cache.ts'
import type { Backend } from '../../../src/cache/ports.ts'
import { systemClock } from '../../../src/clock.ts'
import { valuesOf } from '../../support/cache-world.ts'
import { askRedis } from '../../support/servers/redis.ts'
import { redisIsMissing, redisServerIsMissing, sharedRedis } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'
import { cacheOver, mayAnswer, question } from './redis-for-tests.ts'
import { type RedisWorld, test } from './redis-world.ts'

/** An upstream that answers when the test lets it. */
class Upstream {
  reads = 0
  #answer: () => void = () => {}
  readonly #answered = new Promise<void>((resolve) => {
    this.#answer = resolve
  })

  readonly value = async () => {
    this.reads += 1
    await this.#answered
    return 10
  }

  answer(): void {
    this.#answer()
  }
}

async function opened(world: RedisWorld, count: number) {
  const space = await sharedRedis()
  const backends = Array.from({ length: count }, () => world.open(space).backend)
  await mayAnswer(...backends)
  const mark = `${space.prefix}:f:${question.key}`
  const ask = (...command: string[]) => askRedis(space.url, ...command)
  return { backends, mark, ask }
}

describe.skipIf(await redisIsMissing()).concurrent('readers of one question', () => {
  test('two hundred at once, over three processes, cause one upstream read', async ({ world }) => {
    const { backends } = await opened(world, 3)
    const upstream = new Upstream()
    const readers = backends.map((backend) => cacheOver(backend, upstream.value))
    const answers = Promise.all(Array.from({ length: 200 }, (_, n) => readers[n % 3]!.read()))
    await until(() => upstream.reads > 0, { what: 'one reads' })
    upstream.answer()
    const bodies = (await answers).map(({ entry }) => entry.body.toString())
    expect(new Set(bodies)).toEqual(new Set(['{"1":10}']))
    // One that lost its right for a moment, on a busy machine, reads for itself.
    const blind = (await answers).filter(({ detail }) => detail === 'blind').length
    if (blind === 0) expect(upstream.reads).toBe(1)
    expect((await answers).filter(({ collapsed }) => !collapsed).length).toBeLessThanOrEqual(1 + blind)
  })

  test('wait for a read that takes longer than a mark lasts', async ({ world }) => {
    const { backends, mark, ask } = await opened(world, 2)
    const [holder, waiter] = backends as [Backend, Backend]
    const claim = await holder.flights!.claim(question.key)
    let hasEnded = false
    const other = await waiter.flights!.claim(question.key)
    if (claim.mine === false || other.mine === true) throw new Error('the first has it')
    void other.ended.then(() => {
      hasEnded = true
    })
    let renewed = 0
    for (let before = Number(await ask('PTTL', mark)); renewed < 5; ) {
      const left = Number(await ask('PTTL', mark))
      expect(left).toBeGreaterThan(0)
      if (left > before) renewed += 1
      before = left
    }
    expect(hasEnded).toBe(false)
    await claim.done()
    await other.ended
    expect(await ask('EXISTS', mark)).toBe(0)
  })

  test('do not wait for long for one that has died', async ({ world }) => {
    const { backends, mark, ask } = await opened(world, 2)
    const [dead, alive] = backends as [Backend, Backend]
    expect((await dead.flights!.claim(question.key)).mine).toBe(true)
    await dead.close()
    expect(Number(await ask('PTTL', mark))).toBeLessThanOrEqual(2000)
    const { entry } = await cacheOver(alive, async () => 11).read()
    expect(valuesOf(entry.body)).toEqual({ 1: 11 })
  })

  test('a mark is taken off by nobody but who put it down', async ({ world }) => {
    const { backends, mark, ask } = await opened(world, 2)
    const [slow, quick] = backends as [Backend, Backend]
    const first = await slow.flights!.claim(question.key)
    await ask('DEL', mark)
    const second = await quick.flights!.claim(question.key)
    if (!first.mine || !second.mine) throw new Error('both have been told that they read')
    await first.done()
    expect(await ask('EXISTS', mark)).toBe(1)
    await second.done()
    expect(await ask('EXISTS', mark)).toBe(0)
  })
})

describe.skipIf(await redisServerIsMissing()).concurrent('readers of one question, with a Redis that fails', () => {
  test('law 5: those who wait go on by themselves', async ({ world }) => {
    const redis = await world.start()
    const [holder, waiter] = [1, 2].map(() => world.open({ port: redis.port }).backend) as [Backend, Backend]
    await mayAnswer(holder, waiter)
    await holder.flights!.claim(question.key)
    const { near, store, log, flights } = waiter
    const cache = new Cache({
      ...{ near, store, log, flights: flights!, clock: systemClock, affects: () => true, settleMs: 0, graceMs: 0 },
      ...{ ttlJitter: 0, random: () => 0, report: () => {}, mayAnswer: () => true },
    })
    const upstream = new Upstream()
    const load = async () => {
      await upstream.value()
      return { body: Buffer.from('{}'), dependencies: [], ttlMs: 1000, store: true as const }
    }
    const answer = cache.read(question, load)
    redis.freeze()
    await until(() => upstream.reads === 1, { what: 'it reads by itself' })
    upstream.answer()
    expect((await answer).entry.body.toString()).toBe('{}')
  })
})
