import { Keyv } from 'keyv'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeyvStore } from '../../../src/backends/keyv-store.ts'
import { FrameStorage } from '../../../src/backends/postgres/frame-storage.ts'
import { migrate } from '../../../src/backends/postgres/migrate.ts'
import { migrations } from '../../../src/backends/postgres/migrations/all.ts'
import type { PostgresPool } from '../../../src/backends/postgres/pool.ts'
import { keepPurging } from '../../../src/backends/postgres/purge.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import { decodeFrame, encodeFrame } from '../../../src/cache/frame.ts'
import type { Store } from '../../../src/cache/ports.ts'
import { systemClock } from '../../../src/clock.ts'
import { makeEntry } from '../../support/cache-world.ts'
import { connectionTo, poolTo } from '../../support/postgres-pools.ts'
import { askPostgres } from '../../support/servers/postgres.ts'
import { newDatabase } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'

const inAnHour = () => Date.now() + 3_600_000
const entryOf = (parts: Partial<Entry> = {}) => makeEntry({ keepUntil: inAnHour(), ...parts })

describe('frames in Postgres', () => {
  let url: string
  let pool: PostgresPool
  let storage: FrameStorage

  beforeEach(async () => {
    url = await newDatabase()
    pool = poolTo(url)
    await migrate(pool, migrations)
    storage = new FrameStorage({ pool, clock: systemClock, limitMs: 5000 })
  })
  afterEach(() => pool.close())

  const openStore = (over: FrameStorage = storage): Store => {
    const keyv = new Keyv<Buffer>({
      store: over,
      serialize: undefined,
      deserialize: undefined,
      useKeyPrefix: false,
      throwOnErrors: true,
    })
    return createKeyvStore({
      keyv,
      clock: systemClock,
      codec: { encode: encodeFrame, decode: decodeFrame },
      all: () => over.frames(),
    })
  }
  const keys = async () => (await askPostgres(url, 'select key from sgcache.frame order by key')).map(({ key }) => key)

  test('come back to the byte', async () => {
    const entry = entryOf({ body: Buffer.from('{"name":"Zoë 日本 🎬\\u0000"}') })
    expect(await openStore().set(entry)).toBe(true)
    expect(await openStore().get(entry.key)).toEqual(entry)
  })

  test('can be read and written while the adapter would make its table, by a role that may not', async () => {
    await askPostgres(
      url,
      `create role reader_writer login;
       grant usage on schema sgcache to reader_writer;
       grant select, insert, update, delete on sgcache.frame to reader_writer`,
    )
    const other = poolTo(url, { connection: connectionTo(url, { user: 'reader_writer' }) })
    const store = openStore(new FrameStorage({ pool: other, clock: systemClock, limitMs: 5000 }))
    await store.set(entryOf())
    expect(await store.get(entryOf().key)).toBeDefined()
    await other.close()
    await askPostgres(url, 'drop owned by reader_writer; drop role reader_writer')
  })

  test('the table knows until when each is kept, whatever the keys look like', async () => {
    const keepUntil = inAnHour()
    const key = 'farm:Shot:read:"keepUntil":1,\\"keepUntil\\":2}'
    await openStore().set(entryOf({ key, keepUntil, call: '"keepUntil":3', body: Buffer.from('{"keepUntil":4}') }))
    expect(await askPostgres(url, 'select keep_until from sgcache.frame')).toEqual([{ keep_until: String(keepUntil) }])
  })

  test('what is not UTF-8 is not stored, and that is told', async () => {
    const entry = entryOf({ body: Buffer.from([0x7b, 0xff, 0x7d]) })
    await expect(openStore().set(entry)).rejects.toMatchObject({ code: '22021' })
    expect(await keys()).toEqual([])
  })

  test.each([
    ['of a version to come', (text: string) => text.replace('sgc1', 'sgc2')],
    ['that was altered', (text: string) => text.replace('"results"', '"resultz"')],
    ['that was cut short', (text: string) => text.slice(0, -1)],
    ['of another key', (text: string) => text],
  ])('one %s is no entry', async (name, alter) => {
    const entry = entryOf()
    const key = name === 'of another key' ? 'farm:Shot:read:other' : entry.key
    await pool.query('insert into sgcache.frame (key, value) values ($1, $2)', [key, alter(String(encodeFrame(entry)))])
    expect(await openStore().get(key)).toBeUndefined()
  })

  test('a failed write rejects', async () => {
    await askPostgres(url, 'alter table sgcache.frame add constraint refused check (false) not valid')
    await expect(openStore().set(entryOf())).rejects.toMatchObject({ code: '23514' })
  })

  test('writing that fails again and again is left for a while, and reading goes on', async () => {
    const store = openStore()
    await store.set(entryOf())
    await askPostgres(url, 'alter table sgcache.frame add constraint refused check (false) not valid')
    for (let n = 0; n < 5; n++) await store.set(entryOf({ key: 'other' })).catch(() => {})
    await expect(store.set(entryOf())).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    expect(await store.get(entryOf().key)).toBeDefined()
    await askPostgres(url, 'alter table sgcache.frame drop constraint refused')
    await until(() => store.set(entryOf()), { what: 'it is tried again' })
  })

  test('all of many are listed, once', async () => {
    const frame = (key: string) => String(encodeFrame(entryOf({ key })))
    const many = Array.from({ length: 2101 }, (_, i) => `k${i}`)
    await pool.query('insert into sgcache.frame (key, value) select * from unnest($1::text[], $2::text[])', [
      many,
      many.map(frame),
    ])
    const listed: string[] = []
    for await (const { key } of openStore().entries()) listed.push(key)
    expect(listed).toEqual([...many].sort())
  })

  test('the expired are deleted by several processes at once, in batches; the others stay', async () => {
    const insert = (key: string, keepUntil: number) => `('${key}', 'sgc1 00000000 {"keepUntil":${keepUntil}}\n{}\n')`
    const expired = Array.from({ length: 1200 }, (_, i) => insert(`expired ${i}`, 1000))
    const kept = [insert('kept', inAnHour()), "('odd', 'sgc9 another shape')"]
    await pool.query(`insert into sgcache.frame (key, value) values ${[...expired, ...kept].join(',')}`)
    const stop = new AbortController()
    const errors: unknown[] = []
    const purge = () =>
      keepPurging({ pool, clock: systemClock, everyMs: 10, onError: (error) => errors.push(error) }, stop.signal)
    const purging = [purge(), purge()]
    await until(async () => (await keys()).length === 2, { what: 'the expired are deleted' })
    stop.abort()
    await Promise.all(purging)
    expect(await keys()).toEqual(['kept', 'odd'])
    expect(errors).toEqual([])
  })
})
