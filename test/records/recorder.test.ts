import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { migrate } from '../../src/backends/postgres/migrate.ts'
import { migrations } from '../../src/backends/postgres/migrations/all.ts'
import { systemClock } from '../../src/clock.ts'
import { poolTo } from '../support/postgres-pools.ts'
import { type PostgresServer, startPostgres } from '../support/servers/postgres.ts'
import { newDatabase } from '../support/servers/shared.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { event, openRecords, Records } from './support/recorded.ts'

let records: Records
beforeAll(async () => {
  records = await openRecords()
})
beforeEach(() => records.reset())
afterAll(() => records.close())

const entities = () => records.sql('select entity_id, data from sgcache.entities order by 1')

describe('a recorder', () => {
  test('writes at the interval, and what is left when it is closed', async () => {
    const recorder = records.recorder()
    recorder.start()
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 1 }]) })
    await records.clock.advance(4900)
    expect(await entities()).toEqual([])
    await records.clock.advance(200)
    await vi.waitFor(async () => expect(await entities()).toHaveLength(1), { timeout: 20_000 })
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 2 }]) })
    await recorder.close()
    expect(await entities()).toHaveLength(2)
    expect(records.clock.sleeping).toBe(0)
  })

  test('writes early when replies fill its memory', async () => {
    const recorder = records.recorder({ settings: { waitingBytes: 2000 } })
    recorder.start()
    const description = 'x'.repeat(1100)
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 1, description }]) })
    await vi.waitFor(async () => expect(await entities()).toHaveLength(1), { timeout: 20_000 })
    await recorder.close()
  })

  test('lets the oldest replies go beyond its memory, and says so', async () => {
    const recorder = records.recorder({ settings: { waitingBytes: 3000 } })
    const description = 'x'.repeat(900)
    for (const id of [1, 2, 3, 4]) {
      recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id, description }]) })
    }
    await recorder.flush()
    expect((await entities()).map(({ entity_id }) => entity_id)).toEqual([2, 3, 4])
    expect(records.reports).toContainEqual(expect.objectContaining({ kind: 'let go', part: 'replies', count: 1 }))
  })

  test('is not held up by a reply that cannot be read', async () => {
    const recorder = records.recorder()
    const odd = { ...records.reply('Shot', [{ id: 1 }]), body: Buffer.from('{"results":{"entities":[{') }
    recorder.cacheEvent({ kind: 'stored', entry: odd })
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 2 }]) })
    await recorder.flush()
    expect(await entities()).toHaveLength(1)
    expect(records.reports).toContainEqual(expect.objectContaining({ kind: 'let go', count: 1 }))
  })

  test('writes nothing when nothing has happened', async () => {
    const recorder = records.recorder()
    await recorder.flush()
    const written = async () =>
      (
        await records.sql(
          'select pg_stat_force_next_flush(), n_tup_ins + n_tup_upd + n_tup_del as n, relname from pg_stat_user_tables',
        )
      )
        .map(({ relname, n }) => `${relname} ${n}`)
        .sort()
    await vi.waitFor(async () => expect(await written()).toEqual(await written()))
    const before = await written()
    await recorder.flush()
    await recorder.flush()
    expect(await written()).toEqual(before)
  })

  test('waits without a word for the schema to be made', async () => {
    const url = await newDatabase()
    const pool = poolTo(url)
    const recorder = records.recorder({ pool })
    recorder.hit(records.reply('Shot', [{ id: 1 }]))
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 1 }]) })
    await recorder.flush()
    expect(records.reports).toEqual([])
    await migrate(pool, migrations)
    await recorder.flush()
    expect(await pool.query('select hit_count, fetch_count from sgcache.query_cache')).toEqual([
      { hit_count: 1, fetch_count: 1 },
    ])
  })

  test('merges what several processes see and count', async () => {
    const recorders = Array.from({ length: 3 }, () => records.recorder())
    for (let id = 1; id <= 30; id += 1) {
      await records.clock.advance(10)
      const entry = records.reply('Shot', [
        { id, code: `sh${id}` },
        { id: 100, sg_cut_order: id },
      ])
      recorders[id % 3]!.cacheEvent({ kind: 'stored', entry })
      for (const recorder of recorders) recorder.hit(entry)
      await records.append([{ eventId: id, ids: [100], field: 'code', new: `sh${id}` }], [event(id)])
      if (id % 5 === 0) await Promise.all(recorders.map((recorder) => recorder.flush()))
    }
    await Promise.all(recorders.map((recorder) => recorder.flush()))
    expect(await entities()).toHaveLength(31)
    expect((await entities()).at(-1)?.data).toEqual({ sg_cut_order: 30, code: 'sh30' })
    const [counts] = await records.sql(
      'select sum(hit_count)::int as hits, sum(fetch_count)::int as fetches from sgcache.query_cache',
    )
    expect(counts).toEqual({ hits: 90, fetches: 30 })
    expect(records.reports.filter(({ kind }) => kind === 'trouble')).toEqual([])
  })
})

describe('a Postgres that dies', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.close())

  test('takes with it nothing that was noted, and nobody who notes is held up', async () => {
    const url = await server.newDatabase()
    const pool = poolTo(url, { deadlineMs: 5000 })
    await migrate(pool, migrations)
    const own = new Records(pool, url, new VirtualClock({ startsAt: Date.now() }))
    await own.enter('e1')
    const recorder = own.recorder({ clock: systemClock })
    await own.append([{ eventId: 1, ids: [1] }], [event(1)])
    recorder.cacheEvent({ kind: 'stored', entry: own.reply('Shot', [{ id: 1, code: 'sh010' }]) })
    await server.kill()
    recorder.hit(own.reply('Shot', [{ id: 1, code: 'sh010' }]))
    await recorder.flush()
    expect(own.reports.filter(({ kind }) => kind === 'trouble').length).toBeGreaterThan(2)
    recorder.hit(own.reply('Shot', [{ id: 1, code: 'sh010' }]))
    await server.restart()
    await vi.waitFor(
      async () => {
        await recorder.flush()
        expect(own.reports.filter(({ kind }) => kind === 'restored')).toHaveLength(4)
      },
      { timeout: 30_000 },
    )
    expect(await own.sql('select sg_event_id from sgcache.event_log')).toEqual([{ sg_event_id: 1 }])
    expect(await own.sql('select data from sgcache.entities')).toEqual([{ data: { code: 'sh010' } }])
    expect(await own.sql('select hit_count, fetch_count from sgcache.query_cache')).toEqual([
      { hit_count: 2, fetch_count: 1 },
    ])
    await own.close()
  })
})
