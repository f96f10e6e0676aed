import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { PostgresLog } from '../../src/backends/postgres/postgres-log.ts'
import { systemClock } from '../../src/clock.ts'
import { makeRecord } from '../support/cache-world.ts'
import { poolTo } from '../support/postgres-pools.ts'
import { event, openRecords, type Records } from './support/recorded.ts'

let records: Records
beforeAll(async () => {
  records = await openRecords()
})
beforeEach(() => records.reset())
afterAll(() => records.close())

const logs: PostgresLog[] = []
afterAll(() => Promise.all(logs.map((log) => log.close())))

function open(isRecorded: boolean, changeLimit = 1000): PostgresLog {
  const pool = poolTo(records.url)
  const prepare = async () => {}
  const log = new PostgresLog({ pool, prepare, clock: systemClock, changeLimit, quarantineMs: 0, isRecorded })
  logs.push(log)
  return log
}

const cursor = { lastId: 9, gaps: [], sweptAt: {} }
const inbox = () => records.sql('select id, seq, changes from sgcache.event_inbox order by id')

describe('what the follower has seen', () => {
  test('is in the inbox with the append of its changes, each event with the place of its first', async () => {
    const before = records.head
    const changes = [1, 2, 2].map((eventId) => makeRecord({ eventId }))
    const seen = [event(1), event(2), event(3)]
    await open(true).append(records.epoch, changes, 1, { cursor, fence: 1, seen })
    expect(await inbox()).toEqual([
      { id: 1, seq: before + 1, changes: 1 },
      { id: 2, seq: before + 2, changes: 2 },
      { id: 3, seq: before + 3, changes: 0 },
    ])
  })

  test('is there also when nothing of it changes anything', async () => {
    await open(true).append(records.epoch, [], 1, { cursor, fence: 1, seen: [event(3)] })
    expect(await inbox()).toEqual([{ id: 3, seq: records.head, changes: 0 }])
  })

  test('is not there when the append is refused', async () => {
    const log = open(true)
    await log.append(records.epoch, [], 1, { cursor, fence: 5 })
    const late = log.append(records.epoch, [makeRecord({ eventId: 3 })], 1, { cursor, fence: 4, seen: [event(3)] })
    await expect(late).rejects.toMatchObject({ code: 'FENCED' })
    expect(await inbox()).toEqual([])
  })

  test('is not kept where nobody records', async () => {
    await open(false).append(records.epoch, [makeRecord({ eventId: 3 })], 1, { cursor, fence: 1, seen: [event(3)] })
    expect(await inbox()).toEqual([])
  })
})

describe('changes that the log has given up', () => {
  const kept = async () => Number((await records.sql('select count(*) from sgcache.log_change'))[0]!.count)
  const coverage = async () => (await records.sql('select coverage - head as back from sgcache.log_head'))[0]!.back

  test('stay until they are recorded', async () => {
    const log = open(true, 10)
    const append = () =>
      log.append(
        records.epoch,
        Array.from({ length: 30 }, () => makeRecord()),
        Date.now(),
      )
    await append()
    await vi.waitFor(async () => expect(await coverage()).toBe(-10), { timeout: 10_000 })
    expect(await kept()).toBe(30)
    await records.recorder().flush()
    await append()
    await vi.waitFor(async () => expect(await kept()).toBe(30), { timeout: 10_000 })
    await records.recorder().flush()
    expect(await records.sql('select * from sgcache.event_log')).toHaveLength(60)
  })

  test('stay for a day at the most', async () => {
    const log = open(true, 10)
    const changes = Array.from({ length: 30 }, () => makeRecord())
    await log.append(records.epoch, changes, Date.now() - 2 * 86_400_000)
    await vi.waitFor(async () => expect(await kept()).toBe(10), { timeout: 10_000 })
  })
})
