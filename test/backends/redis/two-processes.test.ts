/** Processes that share a Redis: what one does counts for the other, and nobody waits for long for one that is stopped. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect } from 'vitest'
import type { Backend } from '../../../src/cache/ports.ts'
import { makeRecord, valuesOf } from '../../support/cache-world.ts'
import { leash } from '../../support/servers/leash.ts'
import { askRedis } from '../../support/servers/redis.ts'
import { redisServerIsMissing } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'
import { cacheOver, mayAnswer } from './redis-for-tests.ts'
import { type RedisWorld, test } from './redis-world.ts'

interface Said {
  readonly outcome: string
  readonly body: string
}

/** Another process over the same Redis. */
function startProcess(world: RedisWorld, port: number) {
  const child = fork(new URL('process-for-tests.ts', import.meta.url), [String(port)], {
    execArgv: ['--import', 'tsx'],
  })
  const pid = child.pid!
  // Were this process killed while that one is stopped, nobody would ever end it.
  const release = leash([pid])
  const ended = once(child, 'exit')
  world.closing({
    close: async () => {
      child.kill('SIGKILL')
      await ended
      release()
    },
  })
  const ask = (): Promise<Said> => {
    child.send('read')
    // The process sends nothing else.
    return once(child, 'message').then(([said]) => said as Said)
  }
  return { ask, stop: () => process.kill(pid, 'SIGSTOP'), wake: () => process.kill(pid, 'SIGCONT') }
}

async function settledWrite({ log }: Backend): Promise<void> {
  await log.settled(await log.append([makeRecord({ source: 'write' })]))
}

describe.skipIf(await redisServerIsMissing()).concurrent('processes that share a Redis', () => {
  test('know of each other’s changes when they are settled, in one order', async ({ world }) => {
    const redis = await world.start()
    const processes = [1, 2, 3].map(() => world.open({ port: redis.port }).backend)
    await mayAnswer(...processes)
    const allCount = () => processes.every((backend) => backend.processes() === 3)
    await until(allCount, { what: 'each counts three' })
    const positions = await Promise.all(
      processes.flatMap(({ log }, who) => [0, 1, 2].map((n) => log.append([makeRecord({ ids: [10 * who + n] })]))),
    )
    const last = positions.reduce((one, other) => (other.seq > one.seq ? other : one))
    await processes[0]!.log.settled(last)
    const knowAll = () => processes.filter(({ log }) => log.mayAnswer()).every(({ log }) => log.window.head >= last.seq)
    expect(knowAll()).toBe(true)
    // One that was too busy to renew its right catches up later.
    await until(() => processes.every(({ log }) => log.window.head >= last.seq), { what: 'all have caught up' })
    const [first, ...others] = processes.map(({ log }) => log.window.since(last.seq - 9).map(({ ids }) => ids))
    expect(first).toHaveLength(9)
    for (const other of others) expect(other).toEqual(first)
  })

  test('a read finds what another has stored, until a change of it', async ({ world }) => {
    const redis = await world.start()
    const [one, other] = [1, 2].map(() => world.open({ port: redis.port }).backend) as [Backend, Backend]
    await mayAnswer(one, other)
    const { read, cache } = cacheOver(one, async () => 10)
    await until(async () => (await read()).outcome === 'hit', { what: 'a hit' })
    await cache.flush()
    const reader = cacheOver(other, async () => 11)
    await until(async () => (await reader.read()).outcome === 'hit', { what: 'a hit of the other' })
    expect(valuesOf((await reader.read()).entry.body)).toEqual({ 1: 10 })
    await settledWrite(one)
    expect(valuesOf((await reader.read()).entry.body)).toEqual({ 1: 11 })
  })

  test('nobody waits for one that is cut off longer than its right lasts', async ({ world }) => {
    const redis = await world.start()
    const proxy = await world.proxyTo(redis)
    const one = world.open({ port: redis.port }).backend
    const other = world.open({ port: proxy.port }).backend
    await mayAnswer(one, other)
    proxy.stall()
    await settledWrite(one)
    expect(other.log.mayAnswer()).toBe(false)
    proxy.resume()
    await mayAnswer(other)
    expect(other.log.window.head).toBe(one.log.window.head)
  })

  test('one that has closed is not waited for, and not counted', async ({ world }) => {
    const redis = await world.start()
    const [one, other] = [1, 2].map(() => world.open({ port: redis.port }).backend) as [Backend, Backend]
    await mayAnswer(one, other)
    await other.close()
    await until(() => one.processes() === 1, { what: 'it counts itself alone' })
    await settledWrite(one)
  })

  test('rules 8 and 9: one that was stopped and wakes answers no read without the writes of meanwhile', async ({
    world,
  }) => {
    const redis = await world.start()
    let value = 10
    const write = async () => {
      value += 1
      await askRedis(redis.url, 'SET', 'upstream', String(value))
    }
    await write()
    const { backend } = world.open({ port: redis.port })
    await mayAnswer(backend)
    const other = startProcess(world, redis.port)
    for (let n = 0; n < 5; n++) {
      await until(async () => (await other.ask()).outcome === 'hit', { what: 'the other has a hit' })
      other.stop()
      // Waits in its socket, and is the first thing it finds when it wakes.
      const answer = other.ask()
      await write()
      await settledWrite(backend)
      other.wake()
      expect(valuesOf(Buffer.from((await answer).body))).toEqual({ 1: value })
    }
  })
})
