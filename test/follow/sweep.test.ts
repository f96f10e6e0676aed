import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/cache/change.ts'
import { Explanations } from '../../src/follow/explanations.ts'
import type { FollowerOptions } from '../../src/follow/follower.ts'
import { Sweep, type SweepOptions } from '../../src/follow/sweep.ts'
import { fakeStudio } from './fake-rows.ts'
import { iso, schema } from './fakes.ts'

const LONGEST = 300_000
const INTERVAL = 180_000

function sweptStudio(options: Partial<SweepOptions> = {}, followerOptions: Partial<FollowerOptions> = {}) {
  const explanations = new Explanations(3_600_000)
  const studio = fakeStudio({ onApplied: (events) => explanations.note(events), ...followerOptions })
  const { follower, log, clock, rows, reports } = studio
  const sweep = new Sweep({
    rows,
    log,
    follower,
    explanations,
    types: () => ['Shot'],
    schema: () => Promise.resolve(schema),
    eventsSettled: () => follower.tick(),
    clock,
    longestTransactionMs: LONGEST,
    overlapMs: 0,
    maxRows: 1000,
    report: (event) => reports.push(event),
    ...options,
  })
  /** Some time with a look every minute, then a sweep. What the sweep appended. */
  const pass = async (ms = INTERVAL) => {
    for (let left = ms; left > 0; left -= 60_000) {
      await clock.advance(Math.min(left, 60_000))
      await follower.tick()
    }
    const before = log.changes.length
    await sweep.run()
    return log.changes.slice(before).filter((change) => change.source === 'sweep')
  }
  return { ...studio, sweep, explanations, pass }
}

const idsOf = (change: Change): readonly number[] => (change.ids === 'any' ? [] : change.ids)

/** A studio where somebody edits something every now and then, followed from the start. */
async function busyStudio(options: Partial<SweepOptions> = {}) {
  const studio = sweptStudio(options)
  for (let id = 1; id <= 20; id += 1) studio.old(id)
  studio.edit(20)
  await studio.follower.tick()
  return studio
}

describe('a sweep', () => {
  it('hazard 2: finds a row that a script changed without an event', async () => {
    const { editSilently, edit, pass } = await busyStudio()
    edit(1)
    editSilently(2)
    edit(3)
    expect(await pass()).toMatchObject([{ kind: 'change', type: 'Shot', ids: [2], field: 'any', source: 'sweep' }])
  })

  it('rule 17: says nothing of rows that events explain', async () => {
    const { edit, clock, pass } = await busyStudio()
    for (let id = 1; id <= 20; id += 1) {
      edit(id)
      await clock.advance(700)
    }
    expect(await pass()).toEqual([])
    expect(await pass()).toEqual([])
  })

  it('rule 17: an event of the same second by somebody else explains nothing', async () => {
    const { edit, editSilently, pass } = await busyStudio()
    edit(2)
    editSilently(2)
    expect(await pass()).toMatchObject([{ kind: 'change', ids: [2] }])
  })

  it('rule 17: an event of the same user at another time explains nothing', async () => {
    const { edit, editSilently, clock, pass } = await busyStudio()
    edit(2)
    await clock.advance(2_000)
    editSilently(2, { type: 'HumanUser', id: 88 })
    expect(await pass()).toMatchObject([{ kind: 'change', ids: [2] }])
  })

  it('waits for the events of what it has read before it judges', async () => {
    const { rows, source, clock, pass } = await busyStudio({})
    // The row is seen with its new time, its event a moment later.
    const late = source.begin({ entity: { type: 'Shot', id: 5 } })
    Object.assign(rows.table('Shot').get(5)!, { updatedAt: clock.now() })
    const find = rows.find.bind(rows)
    rows.find = async (...args) => {
      const found = await find(...args)
      late()
      return found
    }
    expect(await pass()).toEqual([])
  })

  it('tells each silent change once, however often its span is swept', async () => {
    const { edit, editSilently, clock, pass } = await busyStudio()
    editSilently(2)
    await clock.advance(2_000)
    edit(1) // upstream's clock is known to have passed the second of the change
    expect(await pass(60_000)).toHaveLength(1)
    expect(await pass(60_000)).toEqual([])
    expect(await pass(60_000)).toEqual([])
  })

  it('tells it twice when its second may not have been over', async () => {
    const { source, clock, follower, old, editSilently, pass } = sweptStudio()
    old(2)
    source.commit(1, { created_at: iso(clock.now() - 3_600_000) })
    await follower.tick()
    editSilently(2)
    expect(await pass(60_000)).toHaveLength(1) // for all that is known, it is an hour ago at the site
    expect(await pass(60_000)).toHaveLength(1)
    expect(await pass(60_000)).toEqual([])
  })

  it('finds a second silent change of a row that was told of', async () => {
    const { edit, editSilently, pass } = await busyStudio()
    editSilently(2)
    edit(1)
    await pass()
    editSilently(2)
    expect(await pass()).toMatchObject([{ ids: [2] }])
  })

  it('rule 17: reaches back the longest transaction, by upstream’s times', async () => {
    const { rows, edit, clock, pass } = await busyStudio()
    edit(1)
    // A transaction that takes almost as long as one can: its rows bear the time of its beginning.
    const began = clock.now()
    expect(await pass()).toEqual([])
    edit(3)
    await clock.advance(LONGEST - INTERVAL - 1_000)
    Object.assign(rows.table('Shot').get(2)!, { updatedAt: began, updatedBy: { type: 'ApiUser', id: 7 } })
    expect(await pass(60_000)).toMatchObject([{ ids: [2] }])
  })

  it('rule 17: does not mind that our own clock is wrong', async () => {
    const { edit, editSilently, clock, pass } = await busyStudio()
    edit(1)
    clock.jumpWall(-86_400_000)
    const upstream = clock.now() + 86_400_000
    editSilently(2).updatedAt = upstream
    expect(await pass()).toMatchObject([{ ids: [2] }])
  })

  it('rule 17: reaches back as far as an old gap', async () => {
    const { rows, edit, clock, sweep, pass } = await busyStudio()
    edit(1)
    const then = clock.now()
    for (let round = 0; round < 5; round += 1) {
      await clock.advance(1000)
      edit(1)
      await pass()
    }
    Object.assign(rows.table('Shot').get(2)!, { updatedAt: then, updatedBy: { type: 'ApiUser', id: 7 } })
    expect(await pass()).toEqual([])
    sweep.reachBack(clock.now() - then)
    expect(await pass()).toMatchObject([{ ids: [2] }])
  })

  it('says that a silent create is new, and a silent retirement gone', async () => {
    const { edit, editSilently, retireSilently, pass } = await busyStudio()
    edit(1)
    editSilently(50)
    retireSilently(4)
    const found = await pass()
    expect(found.map((change) => [change.kind, change.ids])).toEqual([
      ['change', [50]],
      ['create', [50]],
      ['retire', [4]],
    ])
  })

  it('finds silent changes within one interval, by each sweep of a long day', async () => {
    const { edit, editSilently, clock, pass } = await busyStudio()
    for (let round = 1; round <= 20; round += 1) {
      if (round % 3 > 0) edit(19)
      await clock.advance(round * 500)
      editSilently(round)
      expect((await pass()).flatMap(idsOf)).toContain(round)
    }
  })

  it('flushes a type of which more rows moved than it reads', async () => {
    const { edit, editSilently, pass } = await busyStudio({ maxRows: 500 })
    edit(1)
    for (let id = 100; id < 700; id += 1) editSilently(id)
    expect(await pass()).toMatchObject([{ kind: 'flush', type: 'Shot' }])
  })

  it('names the types it cannot sweep', async () => {
    const { sweep, pass } = await busyStudio({ types: () => ['Shot', 'Reply', 'NoSuchType'] })
    await pass()
    expect(sweep.status().unswept).toEqual(['Reply'])
  })

  it('reports a type that cannot be read, and finds all of it later', async () => {
    const { edit, editSilently, rows, reports, pass } = await busyStudio()
    edit(1)
    editSilently(2)
    rows.refused.add('Shot')
    expect(await pass()).toEqual([])
    expect(reports).toContainEqual(expect.objectContaining({ event: 'not swept', type: 'Shot' }))
    edit(1)
    await pass()
    rows.refused.clear()
    expect((await pass()).flatMap(idsOf)).toContain(2)
  })

  it('finds what changed before a type was first swept, since it may have been cached since', async () => {
    const types = new Set<string>()
    const { edit, editSilently, pass } = await busyStudio({ types: () => types })
    edit(1)
    await pass()
    editSilently(2)
    types.add('Shot')
    expect((await pass()).flatMap(idsOf)).toContain(2)
  })

  it('works on a site that has no events at all', async () => {
    const { clock, follower, editSilently, pass } = sweptStudio()
    await follower.tick()
    editSilently(1)
    await pass()
    await clock.advance(5_000)
    editSilently(2)
    expect((await pass()).flatMap(idsOf)).toContain(2)
  })

  it('goes on where it was after a crash: log first, then how far it has come', async () => {
    const { edit, editSilently, log, follower, startFollower, explanations, rows, clock, reports } = await busyStudio()
    edit(1)
    editSilently(2)
    await clock.advance(INTERVAL)
    await follower.tick()
    // Died before anything was told: the next process begins with the cursor that is stored.
    const next = startFollower()
    await next.tick()
    const sweep = new Sweep({
      rows,
      log,
      follower: next,
      explanations,
      types: () => ['Shot'],
      schema: () => Promise.resolve(schema),
      eventsSettled: () => next.tick(),
      clock,
      longestTransactionMs: LONGEST,
      overlapMs: 0,
      maxRows: 1000,
      report: (event) => reports.push(event),
    })
    await sweep.run()
    expect(log.changes.filter((change) => change.source === 'sweep').flatMap(idsOf)).toContain(2)
    await next.tick()
    expect(log.cursor?.sweptAt.Shot).toBeGreaterThan(0)
  })
})

it('a gap that outlives the longest transaction makes the next sweep find what it hides', async () => {
  const found: number[] = []
  const studio = sweptStudio({}, { onOldGaps: (ageMs) => found.push(ageMs) })
  studio.old(1)
  studio.edit(20)
  await studio.follower.tick()
  studio.source.begin() // never seen
  studio.edit(3)
  for (let minute = 0; minute < 7; minute += 1) {
    await studio.clock.advance(60_000)
    await studio.follower.tick()
  }
  expect(found).toHaveLength(1)
})
