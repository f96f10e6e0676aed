import { describe, expect, it } from 'vitest'
import { Calls, everything, fieldList, leaf, link, readArgs } from './calls.ts'

const project = link('Project', 1)

function envelope(method: string, args: unknown) {
  return { method_name: method, params: [everything, args] }
}

const describeShot = (id: number, description: string) =>
  envelope('update', { type: 'Shot', id, fields: fieldList({ description }) })

const makeShot = (code: string) => envelope('create', { type: 'Shot', fields: fieldList({ code, project }) })

const descriptionOf = (calls: Calls, id: number) => calls.one('Shot', id, ['description'])?.description

describe('a transaction that stays open', () => {
  it('is seen by itself alone until it commits', () => {
    const calls = new Calls()
    const open = calls.site.begin()
    open.call(describeShot(1, 'inside'))
    const made = open.call(makeShot('inside')) as { results: { id: number } }
    expect(descriptionOf(calls, 1)).not.toBe('inside')
    expect(calls.one('Shot', made.results.id, ['id'])).toBeUndefined()
    const seen = open.call(envelope('read', readArgs('Shot', ['description'], [leaf('code', 'is', 'inside')])))
    expect(seen).toMatchObject({ results: { entities: [{ id: made.results.id }] } })
    open.commit()
    expect(descriptionOf(calls, 1)).toBe('inside')
    expect(calls.one('Shot', made.results.id, ['code'])).toMatchObject({ code: 'inside' })
  })

  it('commits lower event ids after higher ones are visible', () => {
    const calls = new Calls()
    const before = calls.lastEventId()
    const open = calls.site.begin()
    open.call(describeShot(1, 'early'))
    calls.update('Shot', 2, { description: 'late' })
    const idsNow = () => calls.events(before).map((event) => event.id)
    expect(idsNow()).toEqual([before + 2])
    open.commit()
    expect(idsNow()).toEqual([before + 1, before + 2])
  })

  it('leaves gaps for good when it is rolled back', () => {
    const calls = new Calls()
    const before = calls.lastEventId()
    const open = calls.site.begin()
    open.call(describeShot(1, 'never'))
    const made = open.call(makeShot('never')) as { results: { id: number } }
    open.rollback()
    calls.update('Shot', 2, { description: 'after' })
    expect(calls.events(before)[0]!.id).toBeGreaterThan(before + 1)
    expect(descriptionOf(calls, 1)).not.toBe('never')
    expect(calls.create('Shot', { code: 'next', project }).id).toBe(made.results.id + 1)
  })

  it('keeps others from writing its rows, and they may again when it has ended', () => {
    const calls = new Calls()
    const open = calls.site.begin()
    open.call(describeShot(1, 'mine'))
    const other = { type: 'Shot', id: 1, fields: fieldList({ description: 'yours' }) }
    expect(calls.fault('update', other)).toMatchObject({ error_code: 100, message: expect.stringContaining('locked') })
    calls.update('Shot', 2, { description: 'free' })
    open.rollback()
    calls.call('update', other)
    expect(descriptionOf(calls, 1)).toBe('yours')
  })

  it('can only be rolled back once a call was refused', () => {
    const calls = new Calls()
    const open = calls.site.begin()
    open.call(describeShot(1, 'half'))
    expect(open.call(describeShot(9999, 'x'))).toMatchObject({ exception: true, error_code: 104 })
    expect(() => open.commit()).toThrow('rolled back')
    open.rollback()
    expect(descriptionOf(calls, 1)).not.toBe('half')
  })

  it('shows rows in lists by the links it has written', () => {
    const calls = new Calls()
    const open = calls.site.begin()
    const task = open.call(
      envelope('create', { type: 'Task', fields: fieldList({ content: 'open', project, entity: link('Shot', 1) }) }),
    ) as { results: { id: number } }
    const inside = open.call(envelope('read', readArgs('Shot', ['tasks'], [leaf('id', 'is', 1)])))
    const has = expect.objectContaining({ id: task.results.id })
    expect(inside).toMatchObject({ results: { entities: [{ tasks: expect.arrayContaining([has]) }] } })
    expect(calls.one('Shot', 1, ['tasks'])?.tasks).not.toContainEqual(has)
    open.rollback()
  })
})

describe('when events can be read', () => {
  it('is later than the write by the lag', async () => {
    const calls = new Calls({ switches: { eventLagMs: 400 } })
    const before = calls.lastEventId()
    calls.update('Shot', 1, { description: 'lag' })
    expect(descriptionOf(calls, 1)).toBe('lag')
    await calls.clock.advance(399)
    expect(calls.events(before)).toEqual([])
    expect(calls.site.waitingEvents).toBe(1)
    await calls.clock.advance(1)
    expect(calls.events(before)).toHaveLength(1)
  })

  it('is not before they are let go', () => {
    const calls = new Calls({ switches: { holdEvents: true } })
    const before = calls.lastEventId()
    calls.update('Shot', 1, { description: 'a' })
    calls.update('Shot', 1, { description: 'b' })
    expect(calls.events(before)).toEqual([])
    calls.site.switches.holdEvents = false
    expect(calls.events(before)).toHaveLength(2)
  })
})

describe('reads that lag', () => {
  it('see rows, lists and filters as they were, and the event log as it is', async () => {
    const calls = new Calls({ switches: { readLagMs: 1000 } })
    await calls.clock.advance(5000)
    const before = calls.lastEventId()
    const tasks = () => (calls.one('Shot', 1, ['tasks'])!.tasks as unknown[]).length
    const count = tasks()
    calls.update('Shot', 1, { description: 'fresh' })
    calls.create('Task', { content: 't', project, entity: link('Shot', 1) })
    expect(calls.events(before).length).toBeGreaterThan(1)
    await calls.clock.advance(999)
    expect(descriptionOf(calls, 1)).not.toBe('fresh')
    expect(tasks()).toBe(count)
    expect(calls.read('Shot', ['id'], [leaf('description', 'is', 'fresh')])).toEqual([])
    await calls.clock.advance(1)
    expect(descriptionOf(calls, 1)).toBe('fresh')
    expect(tasks()).toBe(count + 1)
    expect(calls.read('Shot', ['id'], [leaf('description', 'is', 'fresh')])).toHaveLength(1)
  })

  it('do not see a row before its time, and still see one after its end', async () => {
    const calls = new Calls({ switches: { readLagMs: 1000 } })
    await calls.clock.advance(5000)
    const { id } = calls.create('Shot', { code: 'new', project })
    calls.delete('Version', 1)
    expect(calls.one('Shot', id, ['id'])).toBeUndefined()
    expect(calls.one('Version', 1, ['id'])).toBeDefined()
    await calls.clock.advance(1000)
    expect(calls.one('Shot', id, ['id'])).toBeDefined()
    expect(calls.one('Version', 1, ['id'])).toBeUndefined()
  })
})

describe('names in links', () => {
  it('may be those of a moment ago', async () => {
    const calls = new Calls({ switches: { linkNameLagMs: 1000 } })
    await calls.clock.advance(5000)
    const nameInLink = () => (calls.one('Sequence', 1, ['project'])!.project as { name: string }).name
    calls.update('Project', 1, { name: 'Renamed' })
    expect(calls.one('Project', 1, ['name'])?.name).toBe('Renamed')
    expect(nameInLink()).toBe('Northern Lights')
    await calls.clock.advance(1000)
    expect(nameInLink()).toBe('Renamed')
  })
})
