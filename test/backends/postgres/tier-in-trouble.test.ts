/** What the Postgres tier does as a whole when something of it fails. */
import { execFile } from 'node:child_process'
import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@redis/client'
import { afterEach, describe, expect, test } from 'vitest'
import type { PostgresBackendOptions } from '../../../src/backends/postgres/postgres.ts'
import { Cache } from '../../../src/cache/cache.ts'
import type { Backend } from '../../../src/cache/ports.ts'
import { systemClock } from '../../../src/clock.ts'
import { affectsRows, makeEntry, makeRecord, questionAbout } from '../../support/cache-world.ts'
import { connectionTo } from '../../support/postgres-pools.ts'
import { askPostgres, type PostgresServer, startPostgres } from '../../support/servers/postgres.ts'
import { startStandby } from '../../support/servers/postgres-standby.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { newDatabase, redisServerIsMissing } from '../../support/servers/shared.ts'
import { startProxy } from '../../support/servers/tcp-proxy.ts'
import { until } from '../../support/servers/until.ts'
import { mayAnswer, connectionTo as redisAt } from '../redis/redis-for-tests.ts'
import { openForTest } from './postgres-for-tests.ts'

/** What was opened, in the order to close it. */
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

async function open(url: string, options: Partial<PostgresBackendOptions> = {}) {
  const one = await openForTest(url, options)
  opened.push(one.backend)
  return one
}

async function server(...options: Parameters<typeof startPostgres>): Promise<PostgresServer> {
  const postgres = await startPostgres(...options)
  opened.push(postgres)
  return postgres
}

const entryOf = (backend: Backend, parts: { seq?: number; key?: string; body?: Buffer } = {}) =>
  makeEntry({
    key: parts.key ?? 'farm:Shot:read:x',
    stamp: { epoch: backend.log.window.epoch, seq: parts.seq ?? backend.log.window.head },
    fetchedAt: Date.now(),
    freshUntil: Date.now() + 1_800_000,
    keepUntil: Date.now() + 3_600_000,
    body: parts.body ?? Buffer.from('{"1":10}'),
  })

function cacheOn({ near, store, log }: Backend): Cache {
  return new Cache({
    ...{ near, store, log, clock: systemClock, affects: affectsRows, settleMs: 0, graceMs: 0, ttlJitter: 0 },
    mayAnswer: () => log.mayAnswer(),
    random: () => 0,
    report: () => {},
  })
}

describe('Postgres that is not there', () => {
  test('is waited for: the tier opens, and joins when it comes', async () => {
    const postgres = await server()
    await postgres.stop()
    const { backend, events } = await open(postgres.url)
    await until(() => events.some(({ kind }) => kind === 'trouble'), { what: 'the trouble is told' })
    expect(backend.log.mayAnswer()).toBe(false)
    await expect(backend.store.get('x')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await postgres.restart()
    await mayAnswer(backend)
    expect(await backend.store.set(entryOf(backend))).toBe(true)
  })

  test('and then is another site’s is told at once', async () => {
    const url = await newDatabase()
    const { backend } = await open(url)
    await mayAnswer(backend)
    const refused = openForTest(url, { site: 'other.example' })
    await expect(refused).rejects.toMatchObject({ code: 'BACKEND_UNFIT' })
    await expect(refused).rejects.toThrow('is of the site studio.example; other.example needs one of its own')
  })

  test('and has been upgraded beyond what this version knows is told at once', async () => {
    const url = await newDatabase()
    const { backend } = await open(url)
    await mayAnswer(backend)
    await askPostgres(url, "insert into sgcache.migration values (99, 'later', 99)")
    await expect(openForTest(url)).rejects.toMatchObject({ code: 'BACKEND_UNFIT' })
    await askPostgres(url, 'update sgcache.migration set compatible_from = 1 where version = 99')
    await mayAnswer((await open(url)).backend)
  })
})

describe('Postgres that goes away', () => {
  test('ends every right within the lease; what was stored before is true when it is back', async () => {
    const postgres = await server()
    const pair = await Promise.all([open(postgres.url), open(postgres.url)])
    const backends = pair.map(({ backend }) => backend)
    await mayAnswer(...backends)
    const [a, b] = backends as [Backend, Backend]
    const { epoch } = a.log.window
    await a.store.set(entryOf(a))
    await postgres.kill()
    await until(() => backends.every(({ log }) => !log.mayAnswer()), { what: 'the rights have ended' })
    await expect(a.log.append([makeRecord()])).rejects.toThrow()
    await postgres.restart()
    await mayAnswer(...backends)
    expect([a.log.window.epoch, b.log.window.epoch]).toEqual([epoch, epoch])
    const cache = cacheOn(b)
    expect(cache.isFresh((await b.store.get(entryOf(a).key))!)).toBe(true)
    const { seq } = await a.log.append([makeRecord()])
    await a.log.settled({ epoch, seq })
    expect(b.log.window.head).toBe(seq)
  })

  test('in the middle of everything does not matter: all connections are ended, again and again', async () => {
    const url = await newDatabase()
    const { backend } = await open(url)
    await mayAnswer(backend)
    const { epoch } = backend.log.window
    const end = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    let appended = 0
    for (let n = 0; n < 20; n++) {
      const work = Promise.allSettled([
        backend.log.append([makeRecord()]).then(() => appended++),
        backend.store.set(entryOf(backend)),
        backend.store.get('x'),
      ])
      await askPostgres(url, end)
      await work
    }
    await mayAnswer(backend)
    await until(() => backend.log.append([makeRecord()]), { what: 'changes are appended' })
    expect(backend.log.window.epoch).toBe(epoch)
    const [row] = await askPostgres(url, 'select count(*)::int as count from sgcache.log_change')
    expect(row!.count).toBeGreaterThan(appended)
    expect(backend.log.window.since(0)).toHaveLength(Number(row!.count))
  })

  test('and is replaced by its standby: a new epoch, in which nothing of the old one is trusted', async () => {
    const postgres = await server()
    const url = await postgres.newDatabase()
    const proxy = await startProxy(postgres.port)
    opened.push(proxy)
    const options = { postgres: { ...connectionTo(url, { deadlineMs: 500 }), port: proxy.port } }
    const pair = await Promise.all([open(url, options), open(url, options)])
    const backends = pair.map(({ backend }) => backend)
    await mayAnswer(...backends)
    const [a, b] = backends as [Backend, Backend]
    const old = entryOf(a)
    await a.store.set(old)
    const before = a.log.window.head
    const standby = await startStandby(postgres)
    opened.push(standby)
    await standby.caughtUp()
    await postgres.kill()
    await standby.promote()
    proxy.redirect(standby.port)
    await until(() => a.log.window.epoch !== old.stamp.epoch && b.log.window.epoch === a.log.window.epoch, {
      what: 'both are in the new epoch',
    })
    await mayAnswer(...backends)
    expect(a.log.window.head).toBeGreaterThan(before)
    const found = (await b.store.get(old.key))!
    expect(found.stamp).toEqual(old.stamp)
    expect(cacheOn(b).isFresh(found)).toBe(false)
    const position = await a.log.append([makeRecord()])
    await a.log.settled(position)
  })
})

describe('replicas', () => {
  test('that lag hide nothing, and that are gone are done without', async () => {
    const postgres = await server()
    const url = await postgres.newDatabase()
    const standby = await startStandby(postgres)
    opened.push(standby)
    const replicas = [{ host: '127.0.0.1', port: standby.port }]
    const { backend, errors } = await open(url, { postgres: connectionTo(url, { deadlineMs: 500, replicas }) })
    await mayAnswer(backend)
    const old = entryOf(backend)
    await backend.store.set(old)
    await standby.caughtUp()
    await askPostgres(standby.url, 'select pg_wal_replay_pause()')
    await backend.log.append([makeRecord()])
    const young = entryOf(backend, { body: Buffer.from('{"1":11}') })
    await backend.store.set(young)
    // Read from the replica, which has the old one.
    expect((await backend.store.get(old.key))?.body).toEqual(old.body)
    const cache = cacheOn(backend)
    const found = await backend.store.get(old.key, (entry) => cache.isFresh(entry))
    expect(found?.body).toEqual(young.body)
    // What the replica does not have yet is in the primary.
    const other = entryOf(backend, { key: 'farm:Shot:read:y' })
    await backend.store.set(other)
    expect((await backend.store.get(other.key, () => true))?.body).toEqual(other.body)
    await standby.kill()
    expect((await backend.store.get(old.key, () => true))?.body).toEqual(young.body)
    expect(errors).not.toEqual([])
  })
})

describe.skipIf(await redisServerIsMissing())('Redis before Postgres', () => {
  test('that is lost costs time only: what is in Postgres is true and in use, and goes back into Redis', async () => {
    const redis = await startRedis()
    opened.push(redis)
    const url = await newDatabase()
    const { backend } = await open(url, { redis: redisAt({ url: redis.url }) })
    await mayAnswer(backend)
    const entry = entryOf(backend)
    await backend.store.set(entry)
    await redis.kill()
    expect((await backend.store.get(entry.key, () => true))?.body).toEqual(entry.body)
    expect(backend.log.mayAnswer()).toBe(true)
    const other = entryOf(backend, { key: 'farm:Shot:read:y' })
    expect(await backend.store.set(other)).toBe(true)
    const question = { ...questionAbout([1]), key: entry.key, call: entry.call }
    const answer = await cacheOn(backend).read(question, () => Promise.reject(new Error('nobody asks upstream')))
    expect(answer.outcome).toBe('hit')
    await redis.restart()
    const client = createClient({ url: redis.url })
    await client.connect()
    const isBack = async () => {
      await backend.store.get(entry.key, () => true)
      return (await client.dbSize()) > 0
    }
    await until(isBack, { what: 'it is back in Redis' })
    client.destroy()
    await askPostgres(url, 'delete from sgcache.frame')
    expect((await backend.store.get(entry.key))?.body).toEqual(entry.body)
  })
})

const run = promisify(execFile)

/** A small disk, to be filled. Needs the rights to mount one. */
async function smallDisk(postgres: PostgresServer): Promise<string> {
  const place = join(postgres.directory, 'small')
  await mkdir(place)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=0777', 'tmpfs', place])
  opened.push({ close: async () => void (await run('umount', ['-l', place])) })
  const tables = join(place, 'tables')
  await mkdir(tables)
  const owner = Number((await run('stat', ['-c', '%u', join(postgres.directory, 'data')])).stdout)
  await chown(tables, owner, owner)
  return tables
}

const canMount = process.platform === 'linux' && process.getuid?.() === 0

describe.skipIf(!canMount)('a disk that is full', () => {
  test('leaves reading alone, and is used again when there is room', async (context) => {
    const postgres = await server()
    const place = await smallDisk(postgres).catch(() => context.skip('there is no right to mount a disk'))
    await askPostgres(postgres.url, `create tablespace small location '${place}'`)
    await askPostgres(postgres.url, 'create database crowded tablespace small')
    const url = new URL(postgres.url)
    url.pathname = '/crowded'
    const { backend } = await open(url.href)
    await mayAnswer(backend)
    const entry = entryOf(backend)
    await backend.store.set(entry)
    await askPostgres(url.href, "create table ballast as select repeat('x', 1000) from generate_series(1, 3000)")
    const filling = (async () => {
      for (let n = 0; ; n++) {
        const body = Buffer.from(JSON.stringify(Array.from({ length: 9000 }, () => Math.random().toString(36))))
        await backend.store.set(entryOf(backend, { key: `filler ${n}`, body: body.subarray(0, 90_000) }))
      }
    })()
    await expect(filling).rejects.toMatchObject({ code: '53100' })
    for (let n = 0; n < 10; n++) {
      expect((await backend.store.get(entry.key))?.body).toEqual(entry.body)
      await backend.store.set(entryOf(backend, { key: 'one more', body: Buffer.alloc(90_000, 'x') })).catch(() => {})
    }
    await askPostgres(url.href, 'drop table ballast')
    await until(() => backend.store.set(entryOf(backend, { key: 'one more' })), { what: 'there is room' })
    await mayAnswer(backend)
  })
})
