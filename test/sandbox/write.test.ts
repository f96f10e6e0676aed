import { describe, expect, it } from 'vitest'
import type { Row } from '../../src/shotgrid/wire.ts'
import { Calls, everything, fieldList, leaf, link, person, silentScript } from './calls.ts'

const project = link('Project', 1)
const idsOf = (value: unknown) => (value as Row[]).map((row) => row.id)

describe('create', () => {
  it('answers the fields set, the fields asked for, type and id', () => {
    const calls = new Calls()
    const row = calls.create('Shot', { code: 'sh', project }, ['sg_status_list', 'project.Project.name'])
    expect(row).toEqual({
      type: 'Shot',
      id: row.id,
      code: 'sh',
      project: { ...project, name: 'Northern Lights' },
      sg_status_list: 'wtg',
      'project.Project.name': 'Northern Lights',
    })
  })

  it('notes who made it and when', () => {
    const calls = new Calls().as(person('ada'))
    const { id } = calls.create('Shot', { code: 'sh', project })
    const ada = expect.objectContaining({ type: 'HumanUser', name: 'Ada Lindqvist' })
    expect(calls.one('Shot', id, ['created_at', 'created_by', 'updated_at', 'updated_by'])).toMatchObject({
      created_at: '2026-01-14T12:30:00Z',
      created_by: ada,
      updated_at: '2026-01-14T12:30:00Z',
      updated_by: ada,
    })
  })

  it('lets import scripts write the audit fields themselves', () => {
    const calls = new Calls()
    const { id } = calls.create('Shot', { code: 'old', project, updated_at: '2020-01-01T00:00:00Z' })
    expect(calls.one('Shot', id, ['updated_at'])?.updated_at).toBe('2020-01-01T00:00:00Z')
  })

  it('does what a task template says, after its answer is made', () => {
    const calls = new Calls()
    const template = calls.read('TaskTemplate', ['tasks'], [leaf('entity_type', 'is', 'Shot')])[0]!
    const shot = calls.create('Shot', { code: 'sh', project, task_template: link('TaskTemplate', template.id) }, [
      'tasks',
    ])
    expect(shot.tasks).toEqual([])
    const tasks = calls.read(
      'Task',
      ['content', 'step', 'template_task', 'upstream_tasks', 'project'],
      [leaf('entity', 'is', link('Shot', shot.id))],
    )
    expect(tasks.map((task) => task.content)).toEqual(['layout', 'anim'])
    expect(tasks.map((task) => (task.template_task as Row).id)).toEqual(idsOf(template.tasks))
    expect(idsOf(tasks[1]!.upstream_tasks)).toEqual([tasks[0]!.id])
    expect(tasks[0]!.project).toMatchObject(project)
  })
})

describe('values', () => {
  const calls = new Calls()
  const shot = calls.create('Shot', { code: 'v', project }).id
  const stored = (field: string, value: unknown) => {
    calls.update('Shot', shot, { [field]: value })
    return calls.one('Shot', shot, [field])?.[field]
  }

  it.each([
    ['description', '  two words\n', 'two words'],
    ['description', '   ', null],
    ['description', '', null],
    ['sg_complexity', 1.23456789, 1.234568],
    ['sg_bid', 10.005, 10.01],
    ['sg_delivery_date', '2026-02-03', '2026-02-03'],
    ['sg_turnover_at', '2026-02-03T04:05:06Z', '2026-02-03T04:05:06Z'],
    ['sg_turnover_at', '2026-02-03', '2026-02-03T00:00:00Z'],
    ['sg_shot_type', 'Full CG', 'Full CG'],
    ['tag_list', ['b', ' a ', 'b'], ['b', 'a']],
    ['sg_sequence', { type: 'Sequence', id: 1, name: 'ignored' }, { type: 'Sequence', id: 1, name: 'nort_sq010' }],
    ['sg_is_hero', true, true],
    ['sg_status_list', null, null],
  ])('%s = %j is kept as %j', (field, value, expected) => {
    expect(stored(field, value)).toEqual(expected)
  })

  it.each([
    [{ nope: 1 }, 103, "Shot.nope doesn't exist"],
    [{ code: 3 }, 103, 'expected [String]'],
    [{ sg_cut_in: 'ten' }, 103, 'expected [Integer]'],
    [{ sg_cut_in: 1.5 }, 103, 'expected [Integer]'],
    [{ sg_complexity: '1' }, 103, 'expected [Float]'],
    [{ sg_is_hero: null }, 103, 'expected [TrueClass, FalseClass]'],
    [{ sg_is_hero: 'yes' }, 103, 'expected [TrueClass, FalseClass]'],
    [{ sg_delivery_date: 'soon' }, 103, 'expected [Date, String]'],
    [{ sg_sequence: 'sq' }, 103, 'expected [Hash'],
    [{ image: '/tmp/a.jpg' }, 103, 'expected [NilClass]'],
    [{ sg_cut_in: 2 ** 31 }, 104, 'out of range'],
    [{ sg_status_list: 'done' }, 104, 'is not a valid value'],
    [{ sg_sequence: link('Asset', 1) }, 104, 'cannot link to Asset'],
    [{ sg_sequence: link('Sequence', 9999) }, 104, 'Entity of type [Sequence] with id=9999 does not exist.'],
    [{ code: '' }, 104, 'is required'],
    [{ code: null }, 104, 'is required'],
    [{ created_at: '2020-01-01T00:00:00Z' }, 104, 'The field is not editable for this user: [Shot.created_at].'],
    [{ open_notes_count: 3 }, 104, 'not editable'],
  ])('%j is refused', (values, code, message) => {
    const found = calls.fault('update', { type: 'Shot', id: shot, fields: fieldList(values) })
    expect(found.error_code).toBe(code)
    expect(found.message).toContain(message)
  })

  it('what must be given must be given', () => {
    const without = { type: 'Shot', fields: fieldList({ code: 'x' }) }
    expect(calls.fault('create', without)).toMatchObject({
      error_code: 104,
      message: expect.stringContaining('Shot.project is required'),
    })
  })

  it('what must be unique is refused when taken', () => {
    const taken = { type: 'Project', fields: fieldList({ name: 'NORTHERN lights' }) }
    expect(calls.fault('create', taken).message).toContain('already taken')
  })

  it('clearing a picture clears its filmstrip', () => {
    const version = calls.read('Version', ['image'], [leaf('image', 'is_not', null)])[0]!.id
    const events = calls.eventsOf(() => calls.update('Version', version, { image: null }))
    expect(calls.one('Version', version, ['image', 'filmstrip_image'])).toMatchObject({
      image: null,
      filmstrip_image: null,
    })
    expect(events.map((event) => event.attribute_name)).toEqual(['image'])
  })
})

describe('update', () => {
  it('moves updated_at and updated_by, also for scripts that leave no events', async () => {
    const calls = new Calls()
    await calls.clock.advance(5000)
    const silent = calls.as(silentScript)
    expect(calls.eventsOf(() => silent.update('Shot', 1, { description: 'quiet' }))).toEqual([])
    expect(calls.one('Shot', 1, ['description', 'updated_at', 'updated_by'])).toMatchObject({
      description: 'quiet',
      updated_at: '2026-01-14T12:30:05Z',
      updated_by: { name: 'noisy-import' },
    })
  })

  it('that changes nothing changes nothing', async () => {
    const calls = new Calls()
    const { code } = calls.one('Shot', 1, ['code'])!
    const before = calls.one('Shot', 1, ['updated_at'])
    await calls.clock.advance(5000)
    expect(calls.eventsOf(() => calls.update('Shot', 1, { code }))).toEqual([])
    expect(calls.one('Shot', 1, ['updated_at'])).toEqual(before)
  })

  it('of a retired or unknown row is refused', () => {
    const calls = new Calls()
    calls.delete('Version', 1)
    for (const id of [1, 9999]) {
      const found = calls.fault('update', { type: 'Version', id, fields: fieldList({ code: 'x' }) })
      expect(found).toMatchObject({
        error_code: 104,
        message: `Entity of type [Version] with id=${id} does not exist.`,
      })
    }
  })

  it.each([
    ['set', [2, 3], [2, 3]],
    ['add', [2, 3], [1, 2, 3]],
    ['remove', [1], []],
    [undefined, [2], [2]],
  ])('of a list can %s', (mode, given, expected) => {
    const calls = new Calls()
    const { id } = calls.create('Shot', {
      code: 's',
      project,
      assets: [link('Asset', 1)],
      parent_shots: [link('Shot', 1)],
    })
    calls.update('Shot', id, { assets: given.map((one) => link('Asset', one)) }, mode)
    calls.update('Shot', id, { parent_shots: given.map((one) => link('Shot', one)) }, mode)
    const row = calls.one('Shot', id, ['assets', 'parent_shots'])!
    expect(idsOf(row.assets)).toEqual(expected)
    expect(idsOf(row.parent_shots)).toEqual(expected)
  })

  it('in an unknown mode is a fault', () => {
    const calls = new Calls()
    const fields = fieldList({ assets: [] }, 'toggle')
    expect(calls.fault('update', { type: 'Shot', id: 1, fields }).error_code).toBe(103)
  })

  it('of a first or last name puts the name together', () => {
    const calls = new Calls()
    calls.update('HumanUser', 1, { lastname: 'Ek' })
    expect(calls.one('HumanUser', 1, ['name', 'cached_display_name'])).toMatchObject({
      name: 'Ada Ek',
      cached_display_name: 'Ada Ek',
    })
  })
})

describe('the other side of links', () => {
  it('a single link shows in the list of its target, and moves from one to the other', () => {
    const calls = new Calls()
    const task = calls.create('Task', { content: 't', project, entity: link('Shot', 1) }).id
    const tasksOf = (type: string, id: number) => idsOf(calls.one(type, id, ['tasks'])?.tasks)
    expect(tasksOf('Shot', 1)).toContain(task)
    calls.update('Task', task, { entity: link('Asset', 1) })
    expect(tasksOf('Shot', 1)).not.toContain(task)
    expect(tasksOf('Asset', 1)).toContain(task)
  })

  it('lists on both sides show the same link', () => {
    const calls = new Calls()
    const shot = calls.create('Shot', { code: 's', project, assets: [link('Asset', 1), link('Asset', 2)] }).id
    const shotsOf = (id: number) => idsOf(calls.one('Asset', id, ['shots'])?.shots)
    expect(shotsOf(1)).toContain(shot)
    calls.update('Asset', 1, { shots: [] })
    expect(idsOf(calls.one('Shot', shot, ['assets'])?.assets)).toEqual([2])
  })

  it('a shot put into another sequence leaves the first', () => {
    const calls = new Calls()
    const shotsOf = (id: number) => idsOf(calls.one('Sequence', id, ['shots'])?.shots)
    const [shot] = shotsOf(1)
    calls.update('Sequence', 2, { shots: [link('Shot', shot!)] }, 'add')
    expect(shotsOf(1)).not.toContain(shot)
    expect(shotsOf(2)).toContain(shot)
    expect(calls.one('Shot', shot!, ['sg_sequence'])?.sg_sequence).toMatchObject({ id: 2 })
  })

  it('lists with an order keep it in their connection rows', () => {
    const calls = new Calls()
    const playlist = calls.create('Playlist', {
      code: 'p',
      project,
      versions: [link('Version', 5), link('Version', 2)],
    }).id
    const versions = () => idsOf(calls.one('Playlist', playlist, ['versions'])?.versions)
    expect(versions()).toEqual([5, 2])
    const connections = calls.read(
      'PlaylistVersionConnection',
      ['version'],
      [leaf('playlist', 'is', link('Playlist', playlist))],
    )
    const of2 = connections.find((row) => (row.version as Row).id === 2)!
    calls.update('PlaylistVersionConnection', of2.id, { sg_sort_order: 1 })
    expect(versions()).toEqual([2, 5])
    expect(idsOf(calls.one('Version', 2, ['playlists'])?.playlists)).toContain(playlist)
  })

  it('links between tasks are rows of their own, seen from both ends', () => {
    const calls = new Calls()
    const [a, b] = ['a', 'b'].map((content) => calls.create('Task', { content, project }).id)
    calls.update('Task', b!, { upstream_tasks: [link('Task', a!)] })
    expect(idsOf(calls.one('Task', a!, ['downstream_tasks'])?.downstream_tasks)).toEqual([b])
    const [dependency] = calls.read('TaskDependency', ['task'], [leaf('dependent_task', 'is', link('Task', b!))])
    expect(dependency?.task).toMatchObject({ id: a })
    calls.update('Task', a!, { downstream_tasks: [] })
    expect(calls.one('TaskDependency', dependency!.id, ['id'])).toBeUndefined()
  })

  it('a note that loses its replies deletes them', () => {
    const calls = new Calls()
    const note = calls.create('Note', { subject: 'n', project }).id
    const reply = calls.create('Reply', { content: 'r', entity: link('Note', note) }).id
    expect(idsOf(calls.one('Note', note, ['replies'])?.replies)).toEqual([reply])
    calls.update('Note', note, { replies: [] })
    expect(calls.read('Reply', ['id'], [leaf('id', 'is', reply)])).toEqual([])
    expect(calls.read('Reply', ['id'], [leaf('id', 'is', reply)], { return_only: 'retired' })).toHaveLength(1)
  })
})

describe('delete and revive', () => {
  it('answer whether they did anything', () => {
    const calls = new Calls()
    expect(calls.delete('Version', 1)).toBe(true)
    expect(calls.delete('Version', 1)).toBe(false)
    expect(calls.revive('Version', 1)).toBe(true)
    expect(calls.revive('Version', 1)).toBe(false)
    expect(calls.fault('delete', { type: 'Version', id: 9999 }).error_code).toBe(104)
    expect(calls.fault('revive', { type: 'Version', id: 9999 }).error_code).toBe(104)
  })

  it('empty the links to the row, and fill them again', () => {
    const calls = new Calls()
    const shot = calls.create('Shot', {
      code: 's',
      project,
      sg_sequence: link('Sequence', 1),
      parent_shots: [link('Shot', 1)],
    }).id
    const seen = () => calls.one('Shot', shot, ['sg_sequence', 'parent_shots'])!
    const found = () =>
      calls.read('Shot', ['id'], [leaf('sg_sequence', 'is', link('Sequence', 1)), leaf('id', 'is', shot)])
    const before = seen()
    calls.delete('Sequence', 1)
    calls.delete('Shot', 1)
    expect(seen()).toMatchObject({ sg_sequence: null, parent_shots: [] })
    expect(found()).toEqual([])
    expect(calls.read('Shot', ['id'], [leaf('sg_sequence', 'is', null), leaf('id', 'is', shot)])).toHaveLength(1)
    calls.revive('Sequence', 1)
    calls.revive('Shot', 1)
    expect(seen()).toEqual(before)
    expect(found()).toHaveLength(1)
  })

  it('a list that is written meanwhile keeps its links to retired rows, unseen', () => {
    const calls = new Calls()
    const [one, two, three] = [link('Shot', 1), link('Shot', 2), link('Shot', 3)]
    const shot = calls.create('Shot', { code: 's', project, parent_shots: [one, two] }).id
    const parents = () => idsOf(calls.one('Shot', shot, ['parent_shots'])?.parent_shots)
    calls.delete('Shot', 1)
    calls.update('Shot', shot, { parent_shots: [two, three] })
    expect(parents()).toEqual([2, 3])
    calls.revive('Shot', 1)
    expect(parents()).toEqual([1, 2, 3])
  })

  it('of a shot take its versions along, and bring back those', () => {
    const calls = new Calls()
    const shot = calls.create('Shot', { code: 's', project }).id
    const make = (code: string) => calls.create('Version', { code, project, entity: link('Shot', shot) }).id
    const [kept, gone] = [make('a'), make('b')]
    calls.delete('Version', gone)
    const active = () => calls.read('Version', ['id'], [leaf('id', 'in', kept, gone)]).map((row) => row.id)
    calls.delete('Shot', shot)
    expect(active()).toEqual([])
    calls.revive('Shot', shot)
    expect(active()).toEqual([kept])
  })

  it('of a task retire its dependencies and empty what links to it', () => {
    const calls = new Calls()
    const [a, b] = ['a', 'b'].map((content) => calls.create('Task', { content, project }).id)
    calls.update('Task', b!, { upstream_tasks: [link('Task', a!)] })
    const version = calls.create('Version', { code: 'v', project, sg_task: link('Task', a!) }).id
    calls.delete('Task', a!)
    expect(calls.one('Task', b!, ['upstream_tasks'])?.upstream_tasks).toEqual([])
    expect(calls.one('Version', version, ['sg_task'])?.sg_task).toBeNull()
    expect(calls.read('TaskDependency', ['id'], [leaf('dependent_task', 'is', link('Task', b!))])).toEqual([])
    calls.revive('Task', a!)
    expect(idsOf(calls.one('Task', b!, ['upstream_tasks'])?.upstream_tasks)).toEqual([a])
    expect(calls.one('Version', version, ['sg_task'])?.sg_task).toMatchObject({ id: a })
  })

  it.each([
    [false, '2026-01-14T12:30:00Z'],
    [true, '2026-01-14T12:30:09Z'],
  ])('move updated_at as the switch says: %s', async (retirementMovesUpdatedAt, expected) => {
    const calls = new Calls({ switches: { retirementMovesUpdatedAt } })
    const { id } = calls.create('Version', { code: 'v', project })
    await calls.clock.advance(9000)
    calls.delete('Version', id)
    expect(calls.one('Version', id, ['updated_at'], { return_only: 'retired' })?.updated_at).toBe(expected)
  })
})

describe('the schedule', () => {
  function chain() {
    const calls = new Calls()
    const make = (content: string, start_date: string, more = {}) =>
      calls.create('Task', { content, project, start_date, duration: 960, ...more }).id
    const first = make('first', '2026-02-02')
    const second = make('second', '2026-02-04', { upstream_tasks: [link('Task', first)] })
    const third = make('third', '2026-02-06', { upstream_tasks: [link('Task', second)] })
    const dates = (id: number) => calls.one('Task', id, ['start_date', 'due_date', 'pinned', 'dependency_violation'])!
    return { calls, first, second, third, dates }
  }

  it('works out the due date over working days', () => {
    const { dates, first, third } = chain()
    expect(dates(first).due_date).toBe('2026-02-03')
    expect(dates(third).due_date).toBe('2026-02-09') // Friday and Monday
  })

  it('works out the duration from two dates', () => {
    const { calls, first } = chain()
    calls.update('Task', first, { due_date: '2026-02-06' })
    expect(calls.one('Task', first, ['duration'])?.duration).toBe(5 * 480)
  })

  it('moves what comes after', () => {
    const { calls, dates, first, second, third } = chain()
    calls.update('Task', first, { start_date: '2026-02-09' })
    expect(dates(first).due_date).toBe('2026-02-10')
    expect(dates(second)).toMatchObject({ start_date: '2026-02-11', due_date: '2026-02-12', pinned: false })
    expect(dates(third)).toMatchObject({ start_date: '2026-02-13', due_date: '2026-02-16' })
  })

  it('leaves pinned tasks and shows the violation', () => {
    const { calls, dates, first, second, third } = chain()
    calls.update('Task', second, { pinned: true })
    calls.update('Task', first, { start_date: '2026-02-09' })
    expect(dates(second)).toMatchObject({ start_date: '2026-02-04', dependency_violation: true })
    expect(dates(third).start_date).toBe('2026-02-06')
    calls.update('Task', first, { start_date: '2026-02-02' })
    expect(dates(second).dependency_violation).toBe(false)
  })

  it('pins a task that is moved by hand', () => {
    const { calls, dates, second } = chain()
    calls.update('Task', second, { start_date: '2026-03-02' })
    expect(dates(second)).toMatchObject({ start_date: '2026-03-02', pinned: true })
  })
})

describe('batch', () => {
  const request = (request_type: string, type: string, more: object) => ({ request_type, type, ...more })

  it('answers in order', () => {
    const calls = new Calls()
    const results = calls.call<unknown[]>('batch', [
      request('create', 'Shot', { fields: fieldList({ code: 'b', project }) }),
      request('update', 'Shot', { id: 1, fields: fieldList({ description: 'x' }) }),
      request('delete', 'Version', { id: 1 }),
    ])
    expect(results).toEqual([
      expect.objectContaining({ type: 'Shot', code: 'b' }),
      { type: 'Shot', id: 1, description: 'x' },
      true,
    ])
  })

  it('is all or nothing: no row, no event, only ids that are gone for good', () => {
    const calls = new Calls()
    const [before, lastId] = [calls.one('Shot', 1, ['description', 'updated_at']), calls.lastEventId()]
    const found = calls.fault('batch', [
      request('update', 'Shot', { id: 1, fields: fieldList({ description: 'never' }) }),
      request('create', 'Shot', { fields: fieldList({ code: 'never', project }) }),
      request('update', 'Shot', { id: 9999, fields: [] }),
    ])
    expect(found.error_code).toBe(104)
    expect(calls.one('Shot', 1, ['description', 'updated_at'])).toEqual(before)
    expect(calls.events(lastId)).toEqual([])
    const next = calls.create('Shot', { code: 'after', project })
    expect(calls.read('Shot', ['id'], [leaf('id', 'is', next.id - 1)])).toEqual([])
    expect(calls.events(lastId)[0]!.id).toBeGreaterThan(lastId + 1)
  })

  it('may not hold anything else', () => {
    const calls = new Calls()
    expect(calls.fault('batch', [request('read', 'Shot', {})]).error_code).toBe(103)
    expect(calls.fault('batch', {}).error_code).toBe(103)
  })

  it('a later request sees what an earlier one has written', () => {
    const calls = new Calls().as(everything)
    const next = Math.max(...calls.read('Sequence', ['id']).map((row) => row.id)) + 1
    const results = calls.call<Row[]>('batch', [
      request('create', 'Sequence', { fields: fieldList({ code: 'q', project }) }),
      request('create', 'Shot', { fields: fieldList({ code: 's', project, sg_sequence: link('Sequence', next) }) }),
    ])
    expect(results[1]!.sg_sequence).toMatchObject({ name: 'q' })
  })
})
