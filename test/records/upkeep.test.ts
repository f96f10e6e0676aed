import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { poolTo } from '../support/postgres-pools.ts'
import { day, event, openRecords, type Records, start } from './support/recorded.ts'

let records: Records
beforeAll(async () => {
  records = await openRecords()
})
beforeEach(async () => {
  await records.reset()
  for (const name of await tables()) await records.sql(`drop table sgcache.${name}`)
})
afterAll(() => records.close())

/** Tables of months, attached or not. */
async function tables(): Promise<string[]> {
  const found = await records.sql(
    `select relname as name from pg_class where relnamespace = 'sgcache'::regnamespace and relkind = 'r'
       and relname ~ '_\\d{4}_\\d\\d$' order by 1`,
  )
  return found.map(({ name }) => name as string)
}

/** Somebody who reads all of the trail, in a transaction that lasts until its end. */
async function readAll(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: records.url })
  await client.connect()
  await client.query('begin; select count(*) from sgcache.event_log')
  return client
}

const eventAt = (id: number, time: number) => event(id, { created_at: new Date(time).toISOString() })
const eventIds = async () =>
  (await records.sql('select sg_event_id as id from sgcache.event_log order by 1')).map(({ id }) => id)

describe('months', () => {
  test('have tables of their own, made when something of them is written, early or late', async () => {
    const recorder = records.recorder()
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 1, code: 'sh010' }]) })
    await records.append([{ eventId: 1, field: 'code' }], [eventAt(1, records.clock.now())])
    await recorder.flush()
    expect(await tables()).toEqual(['event_log_2026_11'])
    await records.clock.advance(4 * day)
    const [late, new_] = [eventAt(2, start), eventAt(3, records.clock.now())]
    await records.append([{ eventId: 2 }, { eventId: 3, field: 'code', new: 'sh011' }], [late, new_])
    await recorder.flush()
    expect(await tables()).toEqual(['entity_history_2026_12', 'event_log_2026_11', 'event_log_2026_12'])
    expect(await records.sql('select sg_event_id as id from sgcache.event_log_2026_11 order by 1')).toEqual([
      { id: 1 },
      { id: 2 },
    ])
    expect(await records.sql('select valid_to from sgcache.entity_history_2026_12')).toEqual([
      { valid_to: new Date(records.clock.now()) },
    ])
  })

  test('begin while somebody reads all of the trail', async () => {
    const recorder = records.recorder()
    await records.append([], [eventAt(1, start)])
    await recorder.flush()
    const reader = await readAll()
    await records.clock.advance(4 * day)
    await records.append([], [eventAt(2, records.clock.now())])
    await recorder.flush()
    await reader.end()
    expect(await eventIds()).toEqual([1, 2])
  })

  test('go when they are older than all is kept, and nothing else does', async () => {
    const recorder = records.recorder({ settings: { retentionMs: 30 * day } })
    await records.append([], [eventAt(1, start)])
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 1, code: 'sh010' }]) })
    await recorder.flush()
    await records.append([{ field: 'code', new: 'sh011' }])
    await records.clock.advance(10 * day)
    await records.append([], [eventAt(2, records.clock.now())])
    await recorder.flush()
    await records.clock.advance(22 * day)
    await recorder.flush()
    expect(await eventIds()).toContain(1) // of a month of which a part is still kept
    await records.clock.advance(3 * day)
    await recorder.flush()
    expect(await eventIds()).toEqual([2])
    expect(await tables()).toEqual(['event_log_2026_12'])
    expect(await records.sql('select data from sgcache.entities')).toEqual([{ data: { code: 'sh011' } }])
  })

  test('go later when somebody reads them for long, who is not disturbed and disturbs nobody', async () => {
    const pool = poolTo(records.url, { deadlineMs: 700 })
    const recorder = records.recorder({ pool, settings: { retentionMs: 30 * day } })
    await records.append([], [eventAt(1, start)])
    await recorder.flush()
    const reader = await readAll()
    await records.clock.advance(40 * day)
    await records.append([], [eventAt(2, records.clock.now())])
    await recorder.flush()
    expect(records.reports).toContainEqual(expect.objectContaining({ kind: 'trouble', part: 'upkeep' }))
    expect(await eventIds()).toEqual([2])
    await reader.end()
    await records.clock.advance(3_700_000)
    await recorder.flush()
    expect(await tables()).toEqual(['event_log_2027_01'])
    expect(records.reports).toContainEqual({ kind: 'partitions dropped', names: ['event_log_2026_11'] })
  })

  test('that were detached by a process which then died are dropped all the same', async () => {
    const recorder = records.recorder({ settings: { retentionMs: 30 * day } })
    await records.append([], [eventAt(1, start)])
    await recorder.flush()
    await records.sql('alter table sgcache.event_log detach partition sgcache.event_log_2026_11')
    await records.clock.advance(40 * day)
    await recorder.flush()
    expect(await tables()).toEqual([])
  })
})

describe('rows', () => {
  test('that nobody has asked for are let go, and figures by day in their own time', async () => {
    const recorder = records.recorder({ settings: { retentionMs: 30 * day, statsRetentionMs: 60 * day } })
    const [old, used] = [records.reply('Shot', [{ id: 1 }]), records.reply('Asset', [{ id: 1 }])]
    recorder.hit(old)
    recorder.hit(used)
    await recorder.flush()
    await records.clock.advance(40 * day)
    recorder.hit(used)
    await recorder.flush()
    expect(await records.sql('select key from sgcache.query_cache')).toEqual([{ key: used.key }])
    expect(await records.sql('select * from sgcache.cache_stats_by_type')).toHaveLength(3)
    await records.clock.advance(25 * day)
    await recorder.flush()
    expect(await records.sql('select entity_type from sgcache.cache_stats_by_type')).toEqual([{ entity_type: 'Asset' }])
  })
})

test('one process an hour looks after the tables', async () => {
  const recorders = [records.recorder(), records.recorder()]
  const keptAt = async () => (await records.sql('select kept_at from sgcache.record_progress'))[0]?.kept_at
  await recorders[0]!.flush()
  expect(await keptAt()).toEqual(new Date(start))
  await records.clock.advance(3_500_000)
  await recorders[1]!.flush()
  expect(await keptAt()).toEqual(new Date(start))
  await records.clock.advance(200_000)
  await recorders[1]!.flush()
  expect(await keptAt()).toEqual(new Date(records.clock.now()))
})

test('nothing is let go by a process whose clock is far from the one of Postgres', async () => {
  const recorder = records.recorder({ settings: { skewMs: day } })
  await records.append([], [eventAt(1, start)])
  await recorder.flush()
  await records.clock.advance(5 * 365 * day)
  await recorder.flush()
  expect(await eventIds()).toEqual([1])
  expect(records.reports).toContainEqual(expect.objectContaining({ kind: 'trouble', part: 'upkeep' }))
})
