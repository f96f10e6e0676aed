import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Recorder } from '../../src/records/recorder.ts'
import { openRecords, type Records } from './support/recorded.ts'

let records: Records
let recorder: Recorder

beforeAll(async () => {
  records = await openRecords()
})
beforeEach(async () => {
  await records.reset()
  recorder = records.recorder()
})
afterAll(() => records.close())

type Reply = Parameters<Records['reply']>

const show = (...reply: Reply) => recorder.cacheEvent({ kind: 'stored', entry: records.reply(...reply) })

async function see(...reply: Reply): Promise<void> {
  show(...reply)
  await recorder.flush()
}

async function change(...changes: Parameters<Records['append']>): Promise<void> {
  await records.append(...changes)
  await recorder.flush()
}

async function row(id: number, type = 'Shot') {
  const found = await records.sql('select * from sgcache.entities where entity_type = $1 and entity_id = $2', [
    type,
    id,
  ])
  return found[0]
}

const project = { type: 'Project', id: 70, name: 'Alpha' }
const sequence = { type: 'Sequence', id: 5, name: 'sq05' }

describe('what replies show', () => {
  test('is kept field by field, the newer value of each', async () => {
    await see('Shot', [{ id: 1, code: 'sh010', project }])
    await records.clock.advance(60_000)
    await see('Shot', [{ id: 1, code: 'sh010', sg_status_list: 'ip' }])
    await see('Shot', [{ id: 1, sg_cut_order: 7 }])
    const data = { code: 'sh010', project, sg_status_list: 'ip', sg_cut_order: 7 }
    expect(await row(1)).toMatchObject({ data, project_id: 70, unsure: [], retired: false })
  })

  test('is one row, however many replies show it at a time', async () => {
    show('Shot', [{ id: 1, code: 'sh010' }])
    show('Shot', [{ id: 1, sg_status_list: 'ip' }])
    show('Shot', [{ id: 2, code: 'sh020' }])
    await recorder.flush()
    expect((await row(1))?.data).toEqual({ code: 'sh010', sg_status_list: 'ip' })
    expect((await row(2))?.data).toEqual({ code: 'sh020' })
  })

  test('is what the row itself holds: no far values, nothing signed, nothing of who asks, nothing unheard of', async () => {
    const far = { 'sg_sequence.Sequence.code': 'sq05', sg_sequence: sequence }
    await see('Shot', [{ id: 1, ...far, image: 'https://signed', liked_by_current_user: true, sg_unheard: 1 }])
    expect((await row(1))?.data).toEqual({ sg_sequence: sequence })
  })

  test('is kept of retired rows as well', async () => {
    await see('Shot', [{ id: 1, code: 'sh010' }])
    await see('Shot', [{ id: 1, code: 'sh010' }], { retired: true })
    expect(await row(1)).toMatchObject({ retired: true, data: { code: 'sh010' } })
  })

  test('may hold what Postgres cannot: NUL is left out, half a character is replaced', async () => {
    await see('Shot', [{ id: 1, code: 'a\0b', description: 'x\ud83dy', sg_status_list: '\\u0000' }])
    expect((await row(1))?.data).toEqual({ code: 'ab', description: 'x\ufffdy', sg_status_list: '\\u0000' })
  })

  test('is of the one scope that sees everything', async () => {
    await see('Shot', [{ id: 1, code: 'sh010' }], { scope: 'vendors' })
    await see('Shot', [{ id: 2, code: 'sh020' }], { scope: 'api-9f2c' })
    expect(await records.sql('select * from sgcache.entities')).toEqual([])
  })
})

describe('a reply that is older than what was recorded', () => {
  test('does not bring back what a change has replaced, and still tells the rest', async () => {
    await see('Shot', [{ id: 1, code: 'sh010', sg_status_list: 'ip' }])
    const stamp = records.head
    await change([{ field: 'sg_status_list', new: 'fin' }])
    await see('Shot', [{ id: 1, code: 'sh010', sg_status_list: 'ip', sg_cut_order: 7 }], { stamp })
    expect((await row(1))?.data).toEqual({ code: 'sh010', sg_status_list: 'fin', sg_cut_order: 7 })
  })

  test('is not believed about a row that changed in whatever field', async () => {
    const stamp = records.head
    await change([{ ids: [1], source: 'sweep' }])
    await see(
      'Shot',
      [
        { id: 1, code: 'old' },
        { id: 2, code: 'sh020' },
      ],
      { stamp },
    )
    expect(await row(1)).toBeUndefined()
    expect((await row(2))?.data).toEqual({ code: 'sh020' })
  })

  test('is not believed about links to a row that was renamed or retired', async () => {
    const stamp = records.head
    await change([{ type: 'Sequence', ids: [5], field: 'code', new: 'sq06' }])
    await see('Shot', [{ id: 1, code: 'sh010', sg_sequence: sequence }], { stamp })
    expect((await row(1))?.data).toEqual({ code: 'sh010' })
  })

  test('is not believed at all after a flush, or in another epoch', async () => {
    const stamp = records.head
    await change([{ kind: 'flush', type: '*', ids: 'any' }])
    await see('Shot', [{ id: 1, code: 'old' }], { stamp })
    show('Shot', [{ id: 1, code: 'older' }])
    await records.enter('e2')
    await recorder.flush()
    expect(await row(1)).toBeUndefined()
  })
})

describe('a change', () => {
  test('sets the value it tells, and makes the time of the last edit unsure', async () => {
    await see('Shot', [{ id: 1, sg_status_list: 'ip', updated_at: '2026-11-01T00:00:00Z' }])
    await change([{ field: 'sg_status_list', old: 'ip', new: 'fin' }])
    expect(await row(1)).toMatchObject({ data: { sg_status_list: 'fin' }, unsure: ['updated_at'] })
  })

  test('makes unsure what it does not tell, until a reply shows it', async () => {
    await see('Shot', [{ id: 1, code: 'sh010', sg_status_list: 'ip' }])
    await change([{ field: 'sg_status_list' }])
    expect(await row(1)).toMatchObject({ data: { sg_status_list: 'ip' }, unsure: ['sg_status_list'] })
    await see('Shot', [{ id: 1, sg_status_list: 'rev' }])
    expect(await row(1)).toMatchObject({ data: { sg_status_list: 'rev' }, unsure: [] })
  })

  test('of any field makes all of them unsure, but for those that it tells', async () => {
    await see('Shot', [
      { id: 1, code: 'sh010', sg_status_list: 'ip' },
      { id: 2, code: 'sh020' },
    ])
    await change([{ ids: [1], values: { code: 'sh011' } }, { ids: [2] }])
    expect(await row(1)).toMatchObject({ data: { code: 'sh011' }, unsure: ['sg_status_list'] })
    expect(await row(2)).toMatchObject({ unsure: ['*'] })
    await see('Shot', [{ id: 2, sg_cut_order: 3 }])
    expect(await row(2)).toMatchObject({ unsure: ['code'] })
  })

  test('of a list adds and removes', async () => {
    const [one, two, three] = [1, 2, 3].map((id) => ({ type: 'Asset', id }))
    await see('Shot', [{ id: 1, assets: [{ ...one, name: 'tree' }, two] }])
    await change([{ field: 'assets', added: [three!], removed: [two!] }])
    await change([{ field: 'assets', added: [three!], removed: [two!] }])
    expect((await row(1))?.data).toEqual({ assets: [{ ...one, name: 'tree' }, three] })
  })

  test('of rows that nobody has read makes none known, but a birth does', async () => {
    await change([
      { ids: [1], field: 'code', new: 'sh010' },
      { kind: 'create', ids: [2], values: { code: 'sh020', image: 12 }, project: 70 },
    ])
    expect(await row(1)).toBeUndefined()
    expect(await row(2)).toMatchObject({
      data: { code: 'sh020', project: { type: 'Project', id: 70 } },
      project_id: 70,
      fetched_at: null,
    })
  })

  test('retires and revives', async () => {
    await see('Shot', [{ id: 1, code: 'sh010' }])
    await change([{ kind: 'retire' }])
    expect(await row(1)).toMatchObject({ retired: true, data: { code: 'sh010' } })
    await change([{ kind: 'revive' }])
    expect(await row(1)).toMatchObject({ retired: false })
  })

  test('of several rows at a time, one after the other, ends as the last one says', async () => {
    await see('Shot', [{ id: 1, sg_status_list: 'wtg', code: 'sh010' }])
    await change([
      { field: 'sg_status_list', new: 'ip' },
      { kind: 'flush', type: 'Shot', ids: 'any' },
      { field: 'sg_status_list', new: 'fin' },
    ])
    expect(await row(1)).toMatchObject({ data: { sg_status_list: 'fin' }, unsure: ['code', 'retired'] })
  })
})

describe('a change that names no rows', () => {
  test('makes the field unsure in all rows of the type that have it', async () => {
    await see('Shot', [
      { id: 1, code: 'sh010' },
      { id: 2, sg_status_list: 'ip' },
    ])
    await see('Asset', [{ id: 1, code: 'tree' }])
    await change([{ ids: 'any', field: 'code' }])
    expect(await row(1)).toMatchObject({ unsure: ['code'] })
    expect(await row(2)).toMatchObject({ unsure: [] })
    expect(await row(1, 'Asset')).toMatchObject({ unsure: [] })
  })

  test('concerns only the rows that held what was removed from whichever it is', async () => {
    const task = { type: 'Task', id: 9 }
    await see('Shot', [
      { id: 1, tasks: [task] },
      { id: 2, tasks: [] },
    ])
    await change([{ ids: 'any', field: 'tasks', added: [], removed: [task] }])
    expect(await row(1)).toMatchObject({ unsure: ['tasks'] })
    expect(await row(2)).toMatchObject({ unsure: [] })
  })

  test('of retired rows makes it unsure in those that may be meant', async () => {
    const entity = { type: 'Shot', id: 1, name: 'sh010' }
    await see('Task', [
      { id: 1, entity },
      { id: 2, entity: { ...entity, id: 2 } },
      { id: 3, content: 'anim' },
    ])
    await change([{ kind: 'retire', type: 'Task', ids: 'any', values: { entity: { type: 'Shot', id: 1 } } }])
    expect(await row(1, 'Task')).toMatchObject({ retired: false, unsure: ['retired'] })
    expect(await row(2, 'Task')).toMatchObject({ unsure: [] })
    expect(await row(3, 'Task')).toMatchObject({ unsure: ['retired'] })
  })

  test('of everything makes every row unsure, which loses nothing', async () => {
    await see('Shot', [{ id: 1, code: 'sh010' }])
    await change([{ kind: 'flush', type: '*', ids: 'any' }])
    expect(await row(1)).toMatchObject({ data: { code: 'sh010' }, unsure: ['*'] })
  })

  test('of the schema, or of who may see what, changes no row', async () => {
    await see('Shot', [{ id: 1, code: 'sh010' }])
    await change([
      { kind: 'schema', type: '*', ids: 'any' },
      { kind: 'access', type: '*', ids: 'any' },
    ])
    expect(await row(1)).toMatchObject({ unsure: [] })
  })
})

describe('links to a row', () => {
  beforeEach(async () => {
    await see('Shot', [
      { id: 1, sg_sequence: sequence },
      { id: 2, sg_sequence: { ...sequence, id: 6 } },
    ])
    await see('Sequence', [{ id: 5, code: 'sq05', shots: [{ type: 'Shot', id: 1, name: 'sh010' }] }])
  })

  test('are unsure when it has another name', async () => {
    await change([{ type: 'Sequence', ids: [5], field: 'code', new: 'sq06' }])
    expect(await row(1)).toMatchObject({ unsure: ['sg_sequence'] })
    expect(await row(2)).toMatchObject({ unsure: [] })
  })

  test('are unsure when it is retired, single ones and those in lists', async () => {
    await change([{ kind: 'retire', type: 'Shot', ids: [1] }])
    expect(await row(5, 'Sequence')).toMatchObject({ unsure: ['shots'] })
    await change([{ kind: 'retire', type: 'Sequence', ids: [5] }])
    expect(await row(1)).toMatchObject({ unsure: ['sg_sequence'] })
  })

  test('are unsure wherever there may be one when it comes back', async () => {
    await change([{ kind: 'revive', type: 'Sequence', ids: [7] }])
    expect(await row(1)).toMatchObject({ unsure: ['sg_sequence'] })
    expect(await row(2)).toMatchObject({ unsure: ['sg_sequence'] })
  })

  test('stay as they are when it changes otherwise', async () => {
    await change([{ type: 'Sequence', ids: [5], field: 'project', new: project }])
    expect(await row(1)).toMatchObject({ unsure: [] })
  })
})

describe('how a row looked', () => {
  const at = async (time: number) => {
    const found = await records.sql("select data, retired from sgcache.entity_at('Shot', 1, $1)", [
      new Date(time).toISOString(),
    ])
    return found.map(({ data, retired }) => ({ ...(data as object), retired }))
  }

  test('can be asked for any time since it was first seen', async () => {
    const { clock } = records
    const seen = clock.now()
    await see('Shot', [{ id: 1, sg_status_list: 'wtg' }])
    await clock.advance(3_600_000)
    const changed = clock.now()
    await change([{ field: 'sg_status_list', new: 'ip', eventAt: changed - 3000 }])
    await clock.advance(7 * 86_400_000)
    const retired = clock.now()
    await change([{ kind: 'retire' }])
    expect(await at(seen - 1)).toEqual([])
    expect(await at(seen)).toEqual([{ sg_status_list: 'wtg', retired: false }])
    expect(await at(changed - 3001)).toEqual([{ sg_status_list: 'wtg', retired: false }])
    expect(await at(changed - 3000)).toEqual([{ sg_status_list: 'ip', retired: false }])
    expect(await at(retired)).toEqual([{ sg_status_list: 'ip', retired: true }])
  })

  test('is told of all rows of a type at once', async () => {
    await see('Shot', [
      { id: 1, code: 'sh010' },
      { id: 2, code: 'sh020' },
    ])
    const then = new Date(records.clock.now()).toISOString()
    await records.clock.advance(1000)
    await change([{ ids: [2], field: 'code', new: 'sh021' }])
    await see('Shot', [{ id: 3, code: 'sh030' }])
    const found = await records.sql("select data ->> 'code' as code from sgcache.entities_at('Shot', $1) order by 1", [
      then,
    ])
    expect(found).toEqual([{ code: 'sh010' }, { code: 'sh020' }])
  })

  test('is not another version because it was read again, or became unsure', async () => {
    await see('Shot', [{ id: 1, code: 'sh010' }])
    await records.clock.advance(120_000)
    await see('Shot', [{ id: 1, code: 'sh010' }])
    await change([{ field: 'code' }])
    expect(await records.sql('select * from sgcache.entity_history')).toEqual([])
    expect((await row(1))?.fetched_at).toEqual(new Date(records.clock.now()))
  })

  test('has versions that follow on each other, though a change is told late', async () => {
    await see('Shot', [{ id: 1, sg_status_list: 'wtg' }])
    await records.clock.advance(60_000)
    await see('Shot', [{ id: 1, sg_status_list: 'fin' }])
    await records.clock.advance(1000)
    const eventAt = records.clock.now() - 30_000
    await change([
      { field: 'sg_status_list', new: 'ip', eventAt },
      { field: 'sg_status_list', new: 'fin', eventAt },
    ])
    const versions = await records.sql(
      "select data ->> 'sg_status_list' as status, valid_from, valid_to from sgcache.entity_versions order by valid_from",
    )
    expect(versions.map(({ status }) => status)).toEqual(['wtg', 'fin'])
    expect(versions[1]!.valid_from).toEqual(versions[0]!.valid_to)
    expect(versions[1]!.valid_to).toBeNull()
  })
})
