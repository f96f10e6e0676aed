import { describe, expect, it } from 'vitest'
import { differences, IdSets, type IdSetsOptions, lastPresence } from '../../src/follow/id-sets.ts'
import { fakeStudio } from './fake-rows.ts'
import { schema } from './fakes.ts'

async function comparedStudio(options: Partial<IdSetsOptions> = {}) {
  const studio = fakeStudio()
  const { follower, log, rows, reports } = studio
  const shown = new Set<number>()
  const idSets = new IdSets({
    rows,
    // The fake window holds everything.
    log: Object.assign(log, {
      window: {
        ...log.window,
        since: log.window.since,
        get head() {
          return log.changes.length
        },
      },
    }),
    types: () => ['Shot'],
    shown: () => shown,
    schema: () => Promise.resolve(schema),
    eventsSettled: () => follower.tick(),
    maxRows: 10_000,
    report: (event) => reports.push(event),
    ...options,
  })
  for (let id = 1; id <= 10; id += 1) studio.old(id)
  studio.edit(10)
  await follower.tick()
  const pass = async () => {
    const before = log.changes.length
    await idSets.run()
    return log.changes
      .slice(before)
      .filter((change) => change.source === 'sweep')
      .map((change) => [change.kind, change.ids])
  }
  const retire = (id: number) => {
    studio.rows.table('Shot').get(id)!.retired = true
    studio.source.commit(1, {
      event_type: 'Shotgun_Shot_Retirement',
      attribute_name: null,
      entity: null,
      meta: { entity_type: 'Shot', entity_id: id },
    })
  }
  return { ...studio, idSets, shown, pass, retire }
}

const firstTime = [
  ['retire', 'any'],
  ['revive', 'any'],
]

describe('comparing ids', () => {
  it('hazard 3: finds a row that was removed without an event and without a trace', async () => {
    const { rows, pass } = await comparedStudio()
    expect(await pass()).toEqual(firstTime)
    rows.table('Shot').delete(4)
    expect(await pass()).toEqual([['retire', [4]]])
    expect(await pass()).toEqual([])
  })

  it('finds a row that came back, and one that is new', async () => {
    const { rows, old, pass } = await comparedStudio()
    rows.table('Shot').get(4)!.retired = true
    await pass()
    rows.table('Shot').get(4)!.retired = false
    old(11)
    expect(await pass()).toEqual([
      ['revive', [4]],
      ['create', [11]],
    ])
  })

  it('says nothing of rows that came and went with an event', async () => {
    const { pass, retire, old, source } = await comparedStudio()
    await pass()
    retire(4)
    old(11)
    source.commit(1, { event_type: 'Shotgun_Shot_New', attribute_name: null, entity: { type: 'Shot', id: 11 } })
    expect(await pass()).toEqual([])
  })

  it('believes only the last thing the log says of a row', async () => {
    const { pass, retire, rows, source } = await comparedStudio()
    await pass()
    retire(4)
    source.commit(1, { event_type: 'Shotgun_Shot_Revival', attribute_name: null, entity: { type: 'Shot', id: 4 } })
    rows.table('Shot').get(4)!.retired = true // and gone again, silently
    expect(await pass()).toEqual([['retire', [4]]])
  })

  it('says, the first time, that rows may have gone before, since there is nothing to compare with; and once', async () => {
    const { rows, shown, pass } = await comparedStudio()
    rows.table('Shot').delete(4)
    shown.add(4).add(5)
    expect(await pass()).toEqual(firstTime)
    expect(await pass()).toEqual([])
  })

  it('finds a row that went with an event and came back without one', async () => {
    const { rows, source, pass } = await comparedStudio()
    await pass()
    source.commit(1, { event_type: 'Shotgun_Shot_Retirement', attribute_name: null, entity: { type: 'Shot', id: 4 } })
    expect(rows.table('Shot').get(4)!.retired).toBeFalsy() // revived again, silently
    expect(await pass()).toEqual([['revive', [4]]])
    expect(await pass()).toEqual([])
  })

  it('finds a row that came and went unseen between two comparisons, if a reply shows it', async () => {
    const { shown, pass } = await comparedStudio()
    await pass()
    shown.add(99)
    expect(await pass()).toEqual([['retire', [99]]])
  })

  it('reads page after page', async () => {
    const { rows, old, pass } = await comparedStudio()
    for (let id = 11; id <= 1700; id += 1) old(id)
    await pass()
    rows.table('Shot').delete(1600)
    rows.table('Shot').delete(7)
    expect(await pass()).toEqual([['retire', [7, 1600]]])
  })

  it('leaves out, and names, types that are too large or cannot be read', async () => {
    const { rows, old, idSets, reports, pass } = await comparedStudio({ maxRows: 500, types: () => ['Shot', 'Reply'] })
    for (let id = 11; id <= 700; id += 1) old(id)
    rows.refused.add('Reply')
    await pass()
    expect(idSets.status().uncompared).toEqual(['Shot', 'Reply'])
    expect(reports).toContainEqual(expect.objectContaining({ event: 'ids not compared', type: 'Reply' }))
  })
})

it('tells two ascending lists apart', () => {
  const list = (...ids: number[]) => Float64Array.from(ids)
  expect(differences(list(1, 2, 4), list(2, 3, 5))).toEqual({ vanished: [1, 4], appeared: [3, 5] })
  expect(differences(list(), list(1))).toEqual({ vanished: [], appeared: [1] })
})

it('takes no unnamed row for an account of any', () => {
  const change = {
    source: 'event',
    kind: 'retire',
    type: 'Shot',
    ids: 'any',
    field: 'any',
    epoch: 'e',
    seq: 1,
    at: 0,
  } as const
  expect(lastPresence([change], 'Shot').size).toBe(0)
})
