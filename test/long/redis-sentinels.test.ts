/** The Redis tier over a master that sentinels name: what a failover is for, and what it may bring along. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Backend } from '../../src/cache/ports.ts'
import {
  all,
  cacheOver,
  everyCall,
  mayAnswer,
  type OpenedForTest,
  openForTest,
  type RedisForTest,
} from '../backends/redis/redis-for-tests.ts'
import { makeRecord, valuesOf } from '../support/cache-world.ts'
import { askRedis } from '../support/servers/redis.ts'
import { type Sentinels, startSentinels } from '../support/servers/redis-sentinels.ts'
import type { Server } from '../support/servers/server.ts'
import { redisServerIsMissing } from '../support/servers/shared.ts'
import { until } from '../support/servers/until.ts'

describe.skipIf(await redisServerIsMissing())('Redis with sentinels', () => {
  let servers: Sentinels
  let opened: OpenedForTest[]
  /** What upstream says. */
  let value: number

  beforeEach(async () => {
    servers = await startSentinels()
    opened = []
    value = 10
  })
  afterEach(async () => {
    await Promise.all(opened.map(({ backend }) => backend.close()))
    await servers.close()
  })

  function open(parts: RedisForTest): OpenedForTest {
    // As the servers are set.
    const one = openForTest({ masterName: servers.name, replicas: 1, replicaLagMs: 2000, ...parts })
    opened.push(one)
    return one
  }

  const nodes = () => servers.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  const openBySentinels = () => open({ mode: 'sentinel', nodes: nodes() })
  const readerOver = (backend: Backend) => cacheOver(backend, async () => value).read
  const hit = async (read: ReturnType<typeof readerOver>) =>
    until(async () => (await read()).outcome === 'hit', { what: 'a hit' })

  /** As a write through us: it is answered when it counts everywhere, and until then it is tried again. */
  async function write({ log }: Backend): Promise<void> {
    value += 1
    const record = async () => {
      await log.settled(await log.append([makeRecord({ source: 'write' })]))
      return true
    }
    await until(record, { what: 'the write is settled', everyMs: 250 })
  }

  /** From when the write is answered on, nobody says anything older. */
  async function expectSeen(backends: readonly Backend[]): Promise<void> {
    for (const read of backends.map(readerOver)) {
      const look = async () => {
        const { outcome, entry } = await read()
        expect(valuesOf(entry.body)).toEqual({ 1: value })
        return outcome === 'hit'
      }
      await until(look, { what: 'a hit', everyMs: 5 })
    }
  }

  test('all is done at the master that they name, also when one of them is gone and one is silent', async () => {
    await servers.sentinels[0]!.kill()
    servers.sentinels[1]!.freeze()
    const { backend } = openBySentinels()
    await mayAnswer(backend)
    expect(await everyCall(backend)).toEqual(all('done'))
    const master = await askRedis(servers.sentinels[2]!.url, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', servers.name)
    const [, port] = master as [string, string] // as the command says
    expect(await askRedis(`redis://127.0.0.1:${port}`, 'EXISTS', 'test:{log}')).toBe(1)
  })

  const failovers: readonly [how: string, failOver: () => Promise<Server>][] = [
    ['that is killed', () => servers.killMaster()],
    ['that gives way in good order', () => servers.failover()],
  ]
  test.each(failovers)('a master %s is followed by another, in a new epoch', async (_how, failOver) => {
    const backends = [openBySentinels(), openBySentinels()].map(({ backend }) => backend)
    await mayAnswer(...backends)
    const reads = backends.map(readerOver)
    for (const read of reads) await hit(read)
    const old = await backends[0]!.log.append([])
    const failing = failOver()
    await write(backends[1]!)
    await expectSeen(backends)
    await failing
    await until(() => backends.every(({ log }) => log.window.epoch !== old.epoch), { what: 'a new epoch' })
    await mayAnswer(...backends)
    await write(backends[0]!)
    await expectSeen(backends)
    const { epoch, seq } = await backends[0]!.log.append([])
    expect(backends[1]!.log.window.epoch).toBe(epoch)
    expect(seq).toBeGreaterThan(old.seq)
    expect(await everyCall(backends[1]!)).toEqual(all('done'))
  })

  test('a change that was lost with the master was not answered for, and is told again', async () => {
    const [one, other] = [openBySentinels(), openBySentinels()].map(({ backend }) => backend) as [Backend, Backend]
    await mayAnswer(one, other)
    for (const backend of [one, other]) await hit(readerOver(backend))
    const master = await servers.master()
    const replicas = servers.servers.filter((server) => server !== master)
    for (const replica of replicas) replica.freeze()
    value += 1
    const lost = await one.log.append([makeRecord({ source: 'write' })])
    await expect(one.log.settled(lost)).rejects.toMatchObject({ code: expect.stringMatching(/^BACKEND_/) })
    // It is filled with what comes after the change that will be lost.
    await readerOver(one)()
    await master.kill()
    for (const replica of replicas) replica.thaw()
    await write(other)
    await expectSeen([one, other])
    expect(one.log.window.epoch).not.toBe(lost.epoch)
  })

  const settings: readonly [how: string, minReplicas: string][] = [
    ['stops taking writes', '1'],
    ['is not set to stop taking writes', '0'],
  ]
  test.each(settings)(
    'a master that was cut off and %s gives no rights, and answers for no write',
    async (_how, min) => {
      const old = await servers.master()
      const cutOff = open({ mode: 'single', port: old.port }).backend
      const { backend } = openBySentinels()
      await mayAnswer(cutOff, backend)
      const readCutOff = readerOver(cutOff)
      for (const read of [readCutOff, readerOver(backend)]) await hit(read)
      await askRedis(old.url, 'CONFIG', 'SET', 'min-replicas-to-write', min)
      // It cannot be told that it is no master any more, as if it were on another side of the network.
      await askRedis(old.url, 'ACL', 'SETUSER', 'default', '-replicaof', '-slaveof', '-config', '-client')
      const { epoch } = cutOff.log.window
      const failing = servers.failover()
      await until(() => backend.log.window.epoch !== epoch, { what: 'a new epoch on the one side' })
      await write(backend)
      const { outcome, entry } = await readCutOff()
      expect([outcome, valuesOf(entry.body)]).toEqual(['bypass', { 1: value }])
      expect(cutOff.log.mayAnswer()).toBe(false)
      const answered = cutOff.log.append([makeRecord()]).then((position) => cutOff.log.settled(position))
      await expect(answered).rejects.toMatchObject({ code: expect.stringMatching(/^BACKEND_/) })
      await failing
      await expectSeen([backend])
    },
  )
})
