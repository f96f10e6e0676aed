import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { poolTo } from '../support/postgres-pools.ts'
import { breakable } from './support/broken-pool.ts'
import { event, openRecords, type Records, start } from './support/recorded.ts'

let records: Records
beforeAll(async () => {
  records = await openRecords()
})
beforeEach(() => records.reset())
afterAll(() => records.close())

const lines = () => records.sql('select * from sgcache.event_log order by id')
const eventIds = async () => (await lines()).map((line) => line.sg_event_id)

const shot = { type: 'Shot', id: 1, name: 'sh010' }
const edit = event(100, {
  attribute_name: 'sg_status_list',
  meta: { type: 'attribute_change', attribute_name: 'sg_status_list', old_value: 'ip', new_value: null },
  entity: shot,
  project: { type: 'Project', id: 70, name: 'Alpha' },
  user: { type: 'HumanUser', id: 88, name: 'Ann Lee' },
  session_uuid: '0a1b',
})

describe('the trail', () => {
  test('has a line for each event, in the words of ShotGrid', async () => {
    await records.append(
      [
        { eventId: 100, field: 'sg_status_list' },
        { eventId: 100, field: 'tasks' },
      ],
      [edit],
    )
    await records.clock.advance(4000)
    await records.recorder().flush()
    const [line, ...others] = await lines()
    expect(others).toEqual([])
    expect(line).toMatchObject({
      at: new Date(start),
      source: 'event',
      sg_event_id: 100,
      event_type: 'Shotgun_Shot_Change',
      kind: 'change',
      entity_type: 'Shot',
      entity_id: 1,
      entity_name: 'sh010',
      field: 'sg_status_list',
      old_value: 'ip',
      new_value: null,
      project_id: 70,
      actor_type: 'HumanUser',
      actor_id: 88,
      actor_name: 'Ann Lee',
      session_uuid: '0a1b',
      meta: edit.meta,
      seq: records.head - 1,
      changes: 2,
      appended_at: new Date(start),
      processed_at: new Date(start + 4000),
      dropped: 0,
    })
  })

  test('tells an empty value from one that is not known', async () => {
    await records.append([], [edit, event(101, { meta: { new_value: 'fin' } })])
    await records.recorder().flush()
    const found = await records.sql(`select old_value is null as "isUnknown", new_value = 'null' as "isEmpty"
      from sgcache.event_log order by sg_event_id`)
    expect(found).toEqual([
      { isUnknown: false, isEmpty: true },
      { isUnknown: true, isEmpty: false },
    ])
  })

  test('has events that change nothing, and those whose row is gone', async () => {
    await records.append(
      [{ eventId: 3, kind: 'retire', type: 'Shot', ids: [9] }],
      [
        event(1, { event_type: 'Shotgun_User_Login', user: { type: 'HumanUser', id: 88 } }),
        event(2, { event_type: 'Toolkit_App_Startup', entity: shot }),
        event(3, { event_type: 'Shotgun_Shot_Retirement', meta: { entity_type: 'Shot', entity_id: 9 } }),
        event(4, { event_type: 'Shotgun_Unheard_Of' }),
      ],
    )
    await records.recorder().flush()
    expect(await lines()).toMatchObject([
      { kind: 'activity', entity_type: null, actor_id: 88, changes: 0 },
      { kind: 'activity', entity_type: 'Shot', entity_id: 1, field: null },
      { kind: 'retire', entity_type: 'Shot', entity_id: 9, entity_name: null, changes: 1 },
      { kind: 'unclear' },
    ])
  })

  test('has every change that no event tells of, with what is known of it', async () => {
    await records.append([
      { source: 'write', ids: [1], field: 'code', new: 'sh011' },
      { source: 'sweep', ids: [1, 2, 3], reason: 'updated without an event' },
      { source: 'admin', kind: 'flush', type: '*', ids: 'any', actor: 'HumanUser 88' },
      { source: 'write', ids: [1], field: 'tasks', added: [{ type: 'Task', id: 4 }], removed: [], isConsequence: true },
    ])
    await records.recorder().flush()
    expect(await lines()).toMatchObject([
      { source: 'write', entity_id: 1, field: 'code', old_value: null, new_value: 'sh011', sg_event_id: null },
      { source: 'sweep', entity_id: null, entity_ids: ['1', '2', '3'], reason: 'updated without an event' },
      { source: 'admin', kind: 'flush', entity_type: null, actor_type: 'HumanUser', actor_id: 88 },
      { source: 'write', added: [{ type: 'Task', id: 4 }], removed: [], is_consequence: true },
    ])
  })

  test('has an event once, though it was appended again before and after it was recorded', async () => {
    const recorder = records.recorder()
    await records.append([{ eventId: 100, field: 'sg_status_list' }], [edit])
    await records.append([{ eventId: 100, field: 'sg_status_list' }], [edit])
    await recorder.flush()
    await records.append([{ eventId: 100, field: 'sg_status_list' }], [edit])
    await recorder.flush()
    expect(await eventIds()).toEqual([100])
    expect(await records.sql('select * from sgcache.event_inbox')).toEqual([])
  })

  test('has an event that was hardly to be stored: NUL, half a character, a time beyond reason', async () => {
    const meta = { new_value: 'a\0b\ud83d' }
    await records.append([], [event(1, { meta, created_at: '0001-01-01T00:00:00Z' }), event(2, { created_at: 'soon' })])
    await records.recorder().flush()
    expect(await lines()).toMatchObject([{ at: new Date(start), new_value: 'ab\ufffd' }, { at: new Date(start) }])
  })
})

describe('recording', () => {
  test('goes on where it was left, by whichever process', async () => {
    const [one, other] = [records.recorder(), records.recorder()]
    await records.append([{ eventId: 1 }], [event(1)])
    await one.flush()
    await records.append([{ eventId: 2 }], [event(2)])
    await other.flush()
    await records.append([{ source: 'sweep' }])
    await records.recorder().flush()
    expect(await eventIds()).toEqual([1, 2, null])
  })

  test('writes each event and change once, though three processes do it at the same time and are cut off', async () => {
    const recorders = [1, 2, 3].map(() => {
      const { pool, breakage } = breakable(poolTo(records.url))
      return { recorder: records.recorder({ pool }), breakage }
    })
    const total = 60
    for (let id = 1; id <= total; id += 1) {
      await records.append(
        [
          { eventId: id, ids: [id] },
          { source: 'write', ids: [id] },
        ],
        [event(id)],
      )
      if (id % 10 !== 0) continue
      for (const { breakage } of recorders) {
        breakage.count = (id / 10) % 3
        breakage.when = id % 20 === 0 ? 'after the commit' : 'before the commit'
      }
      await Promise.all(recorders.map(({ recorder }) => recorder.flush()))
    }
    await records.recorder().flush()
    const found = await lines()
    expect(found.flatMap(({ sg_event_id }) => sg_event_id ?? [])).toEqual(
      Array.from({ length: total }, (_, index) => index + 1),
    )
    expect(found.filter(({ source }) => source === 'write').map(({ entity_id }) => entity_id)).toEqual(
      Array.from({ length: total }, (_, index) => index + 1),
    )
    expect(await records.sql('select * from sgcache.event_inbox')).toEqual([])
  })

  test('takes many at a time, in several transactions', async () => {
    const ids = Array.from({ length: 2500 }, (_, index) => index + 1)
    await records.append(
      ids.map((id) => ({ eventId: id, ids: [id] })),
      ids.map((id) => event(id)),
    )
    await records.recorder().flush()
    expect(await eventIds()).toEqual(ids)
  })

  test('is not held up by an event that Postgres does not take', async () => {
    const odd = { ...shot, id: 1.5 }
    await records.append(
      [
        { eventId: 1, ids: [1] },
        { eventId: 2, ids: [1.5] },
        { eventId: 3, ids: [3] },
      ],
      [event(1), event(2, { entity: odd, meta: { new_value: 1 } }), event(3)],
    )
    await records.recorder().flush()
    expect(await lines()).toMatchObject([
      { sg_event_id: 1 },
      { sg_event_id: 2, entity_id: null, meta: null, reason: 'what it says could not be stored' },
      { sg_event_id: 3 },
    ])
    expect(records.reports.filter(({ kind }) => kind === 'let go')).toHaveLength(1)
  })

  test('waits for the schema of the site, and loses nothing by that', async () => {
    await records.append([{ eventId: 1 }], [event(1)])
    await records.recorder({ siteSchema: () => undefined }).flush()
    expect(await lines()).toEqual([])
    await records.recorder().flush()
    expect(await eventIds()).toEqual([1])
  })

  test('makes every row unsure where changes were trimmed before it read them', async () => {
    const recorder = records.recorder()
    await recorder.flush()
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 1, code: 'sh010' }]) })
    await recorder.flush()
    const [lost] = await records.append([{ field: 'code', new: 'lost' }, { ids: [2] }])
    await records.sql('delete from sgcache.log_change where seq = $1', [lost!.seq])
    await recorder.flush()
    expect(await records.sql('select data, unsure from sgcache.entities')).toEqual([
      { data: { code: 'sh010' }, unsure: ['*'] },
    ])
    expect(records.reports).toContainEqual({ kind: 'hole', after: lost!.seq - 1, next: lost!.seq + 1 })
  })

  test('goes on in another epoch, with what the one before had still to tell', async () => {
    const recorder = records.recorder()
    await recorder.flush()
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 1, code: 'sh010' }]) })
    await recorder.flush()
    await records.append([{ eventId: 1, ids: [7] }], [event(1)])
    await records.enter('another')
    await recorder.flush()
    await records.append([{ eventId: 2, ids: [7] }], [event(2)])
    await recorder.flush()
    expect(await eventIds()).toEqual([1, 2])
    expect(await records.sql('select unsure from sgcache.entities')).toEqual([{ unsure: ['*'] }])
  })

  test('keeps the trail where no scope sees everything, and no rows', async () => {
    const scopes = { shown: undefined, isNamed: () => true }
    const recorder = records.recorder({ scopes })
    recorder.cacheEvent({ kind: 'stored', entry: records.reply('Shot', [{ id: 1, code: 'sh010' }]) })
    await records.append([{ eventId: 1, kind: 'create', ids: [2] }], [event(1)])
    await recorder.flush()
    expect(await eventIds()).toEqual([1])
    expect(await records.sql('select * from sgcache.entities')).toEqual([])
  })
})

describe('what a change made untrue', () => {
  const drop = (recorder: ReturnType<Records['recorder']>, change: Awaited<ReturnType<Records['append']>>[number]) =>
    recorder.cacheEvent({ kind: 'dropped', entry: records.reply('Shot', [{ id: 1, code: 'sh010' }]), change })

  test('is counted in the line of its event or its own, over all processes', async () => {
    const [one, other] = [records.recorder(), records.recorder()]
    const [, told, own] = await records.append(
      [
        { eventId: 100, field: 'code' },
        { eventId: 100, field: 'tasks' },
        { source: 'write', ids: [1] },
      ],
      [edit],
    )
    drop(one, told!)
    drop(one, told!)
    drop(one, own!)
    drop(other, told!)
    await one.flush()
    await other.flush()
    expect(await lines()).toMatchObject([
      { sg_event_id: 100, dropped: 3 },
      { source: 'write', dropped: 1 },
    ])
  })

  test('is not lost when it is counted before its line is written', async () => {
    const recorder = records.recorder()
    const blind = records.recorder({ siteSchema: () => undefined })
    const [own] = await records.append([{ source: 'write' }])
    drop(blind, own!)
    await blind.flush()
    await recorder.flush()
    await blind.flush()
    expect(await lines()).toMatchObject([{ dropped: 1 }])
  })
})
