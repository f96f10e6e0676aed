/** The Redis tier over a cluster of three masters with a replica each, some of which are lost. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { logKey } from '../../src/backends/redis/log-scripts.ts'
import type { Backend } from '../../src/cache/ports.ts'
import {
  all,
  cacheOver,
  entryNow,
  everyCall,
  mayAnswer,
  type OpenedForTest,
  openForTest,
} from '../backends/redis/redis-for-tests.ts'
import { makeRecord, valuesOf } from '../support/cache-world.ts'
import { askRedis } from '../support/servers/redis.ts'
import { type Cluster, startCluster } from '../support/servers/redis-cluster.ts'
import type { Server } from '../support/servers/server.ts'
import { redisServerIsMissing } from '../support/servers/shared.ts'
import { until } from '../support/servers/until.ts'

const keys = Array.from({ length: 60 }, (_, n) => `farm:Shot:read:${n}`)

describe.skipIf(await redisServerIsMissing())('a Redis Cluster', () => {
  let servers: Cluster
  let opened: OpenedForTest[]
  let value: number

  beforeEach(async () => {
    servers = await startCluster({ args: ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'] })
    opened = []
    value = 10
  })
  afterEach(async () => {
    await Promise.all(opened.map(({ backend }) => backend.close()))
    await servers.close()
  })

  /** Knows of some of the nodes. */
  function open(known: readonly Server[] = servers.nodes.slice(0, 3)): Backend {
    const nodes = known.map(({ port }) => ({ host: '127.0.0.1', port }))
    const one = openForTest({ mode: 'cluster', nodes, replicas: 1, replicaLagMs: 2000 })
    opened.push(one)
    return one.backend
  }

  /** The first three nodes are masters, the other three their replicas. */
  async function masterOf(key: string): Promise<{ master: Server; replica: Server }> {
    const slot = Number(await askRedis(servers.nodes[0]!.url, 'CLUSTER', 'KEYSLOT', key))
    const index = Math.floor((slot * 3) / 16_384)
    return { master: servers.nodes[index]!, replica: servers.nodes[index + 3]! }
  }

  async function otherThanOfLog() {
    const { master } = await masterOf(logKey('test'))
    const index = servers.nodes.indexOf(master) === 0 ? 1 : 0
    return { master: servers.nodes[index]!, replica: servers.nodes[index + 3]! }
  }

  async function store(backend: Backend): Promise<void> {
    for (const key of keys) {
      await until(() => backend.store.set(entryNow(backend, { key })), { what: 'it is stored' })
    }
  }

  async function listed(backend: Backend): Promise<string[]> {
    const found = new Set<string>()
    for await (const { key } of backend.store.entries()) found.add(key)
    return [...found].sort()
  }

  async function write({ log }: Backend): Promise<void> {
    value += 1
    const record = async () => {
      await log.settled(await log.append([makeRecord({ source: 'write' })]))
      return true
    }
    await until(record, { what: 'the write is settled', everyMs: 250 })
  }

  async function expectSeen(backends: readonly Backend[]): Promise<void> {
    for (const backend of backends) {
      const { read } = cacheOver(backend, async () => value)
      const look = async () => {
        const { outcome, entry } = await read()
        expect(valuesOf(entry.body)).toEqual({ 1: value })
        return outcome === 'hit'
      }
      await until(look, { what: 'a hit', everyMs: 5 })
    }
  }

  test('entries are on all masters, the log on one, and all is done', async () => {
    const [one, other] = [open(), open()]
    await mayAnswer(one, other)
    await store(one)
    expect(await listed(other)).toEqual([...keys].sort())
    for (const { url } of servers.nodes.slice(0, 3)) expect(await askRedis(url, 'DBSIZE')).toBeGreaterThan(5)
    expect(await everyCall(one)).toEqual(all('done'))
    const { epoch } = await one.log.append([makeRecord()])
    const { master } = await masterOf(logKey('test'))
    const logKeys = ((await askRedis(master.url, 'KEYS', '*{log}*')) as string[]).sort() // as the command says
    expect(logKeys).toEqual([logKey('test'), `${logKey('test')}:${epoch}`])
    await write(one)
    await expectSeen([one, other])
  })

  const losses: readonly [how: string, lose: (master: Server, replica: Server) => Promise<unknown>][] = [
    ['is killed', (master) => master.kill()],
    ['is silent', async (master) => master.freeze()],
    ['gives way in good order', (_master, replica) => askRedis(replica.url, 'CLUSTER', 'FAILOVER')],
  ]
  test.each(losses)('when the master of the log %s, its replica has a new epoch', async (_how, lose) => {
    const backends = [open(), open()]
    await mayAnswer(...backends)
    await expectSeen(backends)
    const old = await backends[0]!.log.append([])
    const { master, replica } = await masterOf(logKey('test'))
    await lose(master, replica)
    // The new master needs a replica as the old one had.
    await until(async () => String(await askRedis(replica.url, 'ROLE')).startsWith('master'), {
      what: 'it is promoted',
    })
    master.thaw()
    if (!master.isRunning) await master.restart()
    await write(backends[1]!)
    await expectSeen(backends)
    expect(backends[0]!.log.window.epoch).not.toBe(old.epoch)
    expect((await backends[0]!.log.append([])).seq).toBeGreaterThan(old.seq)
    await until(async () => (await everyCall(backends[0]!)).get === 'done', { what: 'entries can be had' })
    expect(await everyCall(backends[1]!)).toEqual(all('done'))
  })

  test('when another master is killed, the log goes on, and the entries are there again', async () => {
    const [one, other] = [open(), open()]
    await mayAnswer(one, other)
    await store(one)
    const { epoch } = one.log.window
    const { master, replica } = await otherThanOfLog()
    await master.kill()
    await until(async () => String(await askRedis(replica.url, 'ROLE')).startsWith('master'), {
      what: 'it is promoted',
    })
    await master.restart()
    await until(async () => (await listed(other)).length === keys.length, { what: 'all entries are there' })
    await mayAnswer(one, other)
    expect(one.log.window.epoch).toBe(epoch)
    expect(other.log.window.epoch).toBe(epoch)
  })

  test('nodes that were not named are found, and used when those that were named are gone', async () => {
    const { replica: named } = await otherThanOfLog()
    const backend = open([named])
    await mayAnswer(backend)
    await named.kill()
    expect(await everyCall(backend)).toEqual(all('done'))
    const { master, replica } = await masterOf(logKey('test'))
    await askRedis(replica.url, 'CLUSTER', 'FAILOVER')
    await until(async () => String(await askRedis(master.url, 'ROLE')).startsWith('slave'), { what: 'it gives way' })
    await write(backend)
    await expectSeen([backend])
  })
})
