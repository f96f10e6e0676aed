import { describe, expect, it } from 'vitest'
import type { Row } from '../../src/shotgrid/wire.ts'
import { Calls, everything, leaf, link, person, readArgs } from './calls.ts'

const ids = (rows: readonly Row[]) => rows.map((row) => row.id)

describe('what a row shows', () => {
  const calls = new Calls()

  it('always has type and id, null for no value, and nothing for a field that does not exist', () => {
    const { id } = calls.create('Shot', { code: 's', project: link('Project', 1) })
    const row = calls.one('Shot', id, ['description', 'assets', 'tag_list', 'sg_is_hero', 'nope', 'step_0'])
    expect(row).toEqual({ type: 'Shot', id, description: null, assets: [], tag_list: [], sg_is_hero: false })
  })

  it('links show the name their target has now', () => {
    const shot = calls.read('Shot', ['sg_sequence'])[0]!
    const { id } = shot.sg_sequence as Row
    calls.update('Sequence', id, { code: 'renamed' })
    expect(calls.one('Shot', shot.id, ['sg_sequence'])?.sg_sequence).toEqual({ type: 'Sequence', id, name: 'renamed' })
  })

  it.each([
    ['Task', { content: 'anim' }, 'anim'],
    ['Delivery', { title: 'reel' }, /^#\d+: reel$/],
    ['Note', { subject: 'fix' }, 'fix'],
    ['Shot', { code: 'sh' }, 'sh'],
  ])('the name of a %s comes from its own field', (type, values, name) => {
    const { id } = calls.create(type, { project: link('Project', 1), ...values })
    expect(calls.one(type, id, ['cached_display_name'])?.cached_display_name).toMatch(name)
  })

  it('escapes the less-than sign in text, as the client expects', () => {
    const { id } = calls.create('Shot', { code: 'a<b', project: link('Project', 1) })
    expect(calls.one('Shot', id, ['code'])?.code).toBe('a&lt;b')
  })

  it('hides passwords', () => {
    expect(calls.read('ApiUser', ['salted_password'])[0]?.salted_password).toBe('*******')
  })

  it('works out summaries and calculated fields on every read', () => {
    const { id } = calls.create('Shot', { code: 'n', project: link('Project', 1), sg_cut_in: 1, sg_cut_out: 9 })
    const count = () => calls.one('Shot', id, ['open_notes_count', 'smart_cut_summary'])
    expect(count()).toMatchObject({ open_notes_count: 0, smart_cut_summary: '1-9' })
    const note = calls.create('Note', { subject: 'x', project: link('Project', 1), note_links: [link('Shot', id)] })
    expect(count()).toMatchObject({ open_notes_count: 1 })
    calls.update('Note', note.id, { sg_status_list: 'clsd' })
    expect(count()).toMatchObject({ open_notes_count: 0 })
  })
})

describe('dotted return fields', () => {
  const calls = new Calls()
  const task = calls.read('Task', ['id'], [leaf('entity', 'type_is', 'Shot')])[0]!.id
  const field = (name: string) => {
    const row = calls.one('Task', task, [name])!
    return name in row ? row[name] : 'absent'
  }

  it('are flat values under the whole path', () => {
    expect(field('entity.Shot.sg_sequence.Sequence.code')).toMatch(/_sq/)
    expect(field('entity.Shot.sg_sequence')).toMatchObject({ type: 'Sequence' })
  })

  it('are null when the link leads to another type, or nowhere', () => {
    expect(field('entity.Asset.code')).toBeNull()
    expect(field('template_task.Task.content')).toBeNull()
  })

  it('are absent when the path does not hold together', () => {
    for (const name of ['entity.Version.code', 'entity.Nope.code', 'entity.Shot.nope', 'entity.Shot']) {
      expect(field(name)).toBe('absent')
    }
  })

  it.each([
    ['absent', 'absent'],
    ['null', null],
    ['list', [expect.any(String), expect.any(String)]],
  ] as const)('through a list read as the switch says: %s', (reads, expected) => {
    const shot = new Calls({ switches: { listPathReads: reads } })
    const row = shot.one('Shot', 1, ['tasks.Task.content'])!
    expect('tasks.Task.content' in row ? row['tasks.Task.content'] : 'absent').toEqual(expected)
  })
})

describe('order', () => {
  const calls = new Calls()
  const project = link('Project', 2)
  const make = (code: string, description: string | null) => calls.create('Shot', { code, project, description }).id
  const [b, a, none, B] = [make('b', 'beta'), make('a', 'alpha'), make('n', null), make('B2', 'Beta')]
  const mine = leaf('id', 'in', B, none, a, b)
  const sorted = (...sorts: unknown[]) => ids(calls.read('Shot', ['id'], [mine], { sorts }))

  it('is by ascending id without a sort, whatever the order of an id list', () => {
    expect(ids(calls.read('Shot', ['id'], [mine]))).toEqual([b, a, none, B])
  })

  it('ignores case, breaks ties by id, puts rows without a value last', () => {
    expect(sorted({ field_name: 'description', direction: 'asc' })).toEqual([a, b, B, none])
    expect(sorted({ field_name: 'description' })).toEqual([a, b, B, none])
  })

  it('reverses, ties still by ascending id', () => {
    expect(sorted({ field_name: 'description', direction: 'desc' })).toEqual([none, b, B, a])
    expect(sorted({ field_name: 'id', direction: 'desc' })).toEqual([B, none, a, b])
  })

  it('honours several keys in turn', () => {
    const keys = [{ field_name: 'description' }, { field_name: 'id', direction: 'desc' }]
    expect(sorted(...keys)).toEqual([a, B, b, none])
  })

  it('follows dotted paths and names of links', () => {
    const byProject = calls.read('Sequence', ['project'], [], { sorts: [{ field_name: 'project.Project.name' }] })
    const names = byProject.map((row) => (row.project as { name: string }).name)
    expect(names).toEqual([...names].sort())
    const byLink = calls.read('Sequence', ['project'], [], { sorts: [{ field_name: 'project' }] })
    expect(ids(byLink)).toEqual(ids(byProject))
  })

  it.each(['nope', 'meta', 'sg_versions', 'open_notes_count'])('passes over %s in silence', (field_name) => {
    expect(sorted({ field_name })).toEqual([b, a, none, B])
  })
})

describe('pages', () => {
  const calls = new Calls()
  const total = calls.read('Task', ['id']).length
  const page = (more: object) =>
    calls.call<{ entities: Row[]; paging_info: object }>('read', readArgs('Task', ['id'], [], more as never))

  it('tell whether there is a next one when asked', () => {
    const ask = (current_page: number) =>
      page({ paging: { entities_per_page: total - 1, current_page }, return_paging_info_without_counts: true })
    expect(ask(1).paging_info).toEqual({ current_page: 1, entities_per_page: total - 1, has_next_page: true })
    expect(ask(2).paging_info).toMatchObject({ has_next_page: false })
    expect(ask(1).entities).toHaveLength(total - 1)
    expect(ask(2).entities).toHaveLength(1)
    expect(ask(3).entities).toHaveLength(0)
  })

  it('a page that is just full has no next one', () => {
    const paging = { entities_per_page: total, current_page: 1 }
    expect(page({ paging, return_paging_info_without_counts: true }).paging_info).toMatchObject({
      has_next_page: false,
    })
  })

  it('count when asked', () => {
    const info = page({ paging: { entities_per_page: 10, current_page: 2 }, return_paging_info: true }).paging_info
    expect(info).toEqual({
      current_page: 2,
      page_count: Math.ceil(total / 10),
      entity_count: total,
      entities_per_page: 10,
    })
  })

  it('have number 0 when nothing is found and counts are asked for', () => {
    const args = readArgs('Task', ['id'], [leaf('id', 'is', -1)], { return_paging_info: true })
    expect(calls.call<{ paging_info: object }>('read', args).paging_info).toMatchObject({
      current_page: 0,
      entity_count: 0,
    })
  })

  it('say nothing of more pages when not asked', () => {
    expect(page({ return_paging_info_without_counts: false }).paging_info).toEqual({
      current_page: 1,
      entities_per_page: 500,
    })
  })

  it('are refused without a positive number', () => {
    const args = readArgs('Task', ['id'], [], { paging: { entities_per_page: 0, current_page: 1 } })
    expect(calls.fault('read', args).error_code).toBe(103)
  })
})

describe('rows that are not active', () => {
  it('are found when retired ones are asked for, and only then', () => {
    const calls = new Calls()
    calls.delete('Version', 1)
    const only = (return_only: string) => ids(calls.read('Version', ['id'], [leaf('id', 'is', 1)], { return_only }))
    expect(only('active')).toEqual([])
    expect(only('retired')).toEqual([1])
    expect(calls.fault('read', readArgs('Version', [], [], { return_only: 'both' })).error_code).toBe(103)
  })

  it('of archived projects are left out when the caller says so', () => {
    const calls = new Calls()
    const archived = calls.read('Project', ['id'], [leaf('archived', 'is', true)])[0]!
    const projectsOf = (type: string, more: object) =>
      new Set(calls.read(type, ['project'], [], more as never).map((row) => (row.project as Row | null)?.id))
    expect(projectsOf('Shot', {}).has(archived.id)).toBe(true)
    expect(projectsOf('Shot', { include_archived_projects: false }).has(archived.id)).toBe(false)
    const projects = calls.read('Project', ['id'], [], { include_archived_projects: false })
    expect(ids(projects)).not.toContain(archived.id)
    calls.update('Project', archived.id, { archived: false })
    expect(projectsOf('Shot', { include_archived_projects: false }).has(archived.id)).toBe(true)
  })
})

describe('filter presets', () => {
  const calls = new Calls()
  const project = link('Project', 1)
  const entity = link('Shot', calls.create('Shot', { code: 'p', project }).id)
  const mine = leaf('entity', 'is', entity)
  const latest = (type: string, latest_by: string) =>
    ids(calls.read(type, ['id'], [mine], { additional_filter_presets: [{ preset_name: 'LATEST', latest_by }] }))

  it('LATEST by creation keeps the newest Version of a row', async () => {
    calls.create('Version', { code: 'v1', project, entity })
    await calls.clock.advance(2000)
    const newest = calls.create('Version', { code: 'v2', project, entity }).id
    expect(latest('Version', 'ENTITIES_CREATED_AT')).toEqual([newest])
    calls.delete('Version', newest)
    expect(latest('Version', 'ENTITIES_CREATED_AT')).toEqual([newest - 1])
  })

  it('LATEST by step keeps one Version a step', () => {
    const step = (id: number) =>
      link('Task', calls.create('Task', { content: `t${id}`, project, entity, step: link('Step', id) }).id)
    const [one, two] = [step(1), step(2)]
    const ofStep = (code: string, sg_task: object) => calls.create('Version', { code, project, entity, sg_task }).id
    const made = [ofStep('s1', one), ofStep('s1b', one), ofStep('s2', two)]
    const found = latest('Version', 'BY_PIPELINE_STEP_NUMBER_AND_ENTITIES_CREATED_AT')
    expect(found).toEqual(expect.arrayContaining([made[1], made[2]]))
    expect(found).not.toContain(made[0])
  })

  it('LATEST by number keeps the highest version of each published file', () => {
    const publish = (name: string, version_number: number) =>
      calls.create('PublishedFile', { code: `${name}${version_number}`, name, project, entity, version_number }).id
    const [a2, , b1] = [publish('a', 2), publish('a', 1), publish('b', 1)]
    expect(latest('PublishedFile', 'VERSION_NUMBER')).toEqual([a2, b1])
  })

  it.each([
    [[{ preset_name: 'NEWEST', latest_by: 'VERSION_NUMBER' }]],
    [[{ preset_name: 'LATEST', latest_by: 'nope' }]],
    [[{ preset_name: 'LATEST' }]],
    [['LATEST']],
    ['LATEST'],
    [
      [
        { preset_name: 'LATEST', latest_by: 'ENTITIES_CREATED_AT' },
        { preset_name: 'LATEST', latest_by: 'ENTITIES_CREATED_AT' },
      ],
    ],
  ])('%j is a fault', (presets) => {
    const args = readArgs('Version', ['id'], [], { additional_filter_presets: presets })
    expect(calls.fault('read', args).error_code).toBe(103)
  })

  it('LATEST on a type without it is a fault', () => {
    const presets = [{ preset_name: 'LATEST', latest_by: 'ENTITIES_CREATED_AT' }]
    expect(calls.fault('read', readArgs('Shot', ['id'], [], { additional_filter_presets: presets })).error_code).toBe(
      103,
    )
  })
})

describe('files and pictures', () => {
  it('images are signed anew on each read, for a limited time', async () => {
    const calls = new Calls()
    const [row] = calls.read('Version', ['image'], [leaf('image', 'is_not', null)])
    const image = () => String(calls.one('Version', row!.id, ['image'], { api_return_image_urls: true })?.image)
    const [one, two] = [image(), image()]
    expect(one).toMatch(/^http.*expires=\d+&signature=[0-9a-f]+$/)
    expect(one).not.toBe(two)
    expect(Number(/expires=(\d+)/.exec(one)?.[1]) * 1000 - calls.clock.now()).toBe(900_000)
    expect(calls.one('Version', row!.id, ['image'])?.image).not.toContain('signature')
  })

  it('a local path is worked out from the storage, which is another row', () => {
    const calls = new Calls()
    const file = () => calls.one('PublishedFile', 1, ['path'])?.path as Record<string, unknown>
    expect(file()).toMatchObject({
      type: 'Attachment',
      link_type: 'local',
      local_path_windows: expect.stringMatching(/^S:\\shows\\/),
    })
    expect(file()).not.toHaveProperty('url')
    const { id } = file().local_storage as Row
    calls.update('LocalStorage', id, { linux_path: '/new' })
    expect(file().local_path_linux).toMatch(/^\/new\//)
    calls.update('LocalStorage', id, { mac_path: null })
    expect(file().local_path_mac).toBeNull()
  })

  it('a web link stays as it was given, a path is taken apart by the storages', () => {
    const calls = new Calls()
    calls.update('PublishedFile', 1, { path: { url: 'http://example.test/', name: 'site' } })
    expect(calls.one('PublishedFile', 1, ['path'])?.path).toMatchObject({
      link_type: 'web',
      url: 'http://example.test/',
      name: 'site',
    })
    calls.update('PublishedFile', 1, { path: { local_path: '/mnt/shows/x/y.ma' } })
    expect(calls.one('PublishedFile', 1, ['path'])?.path).toMatchObject({ link_type: 'local', relative_path: 'x/y.ma' })
    const elsewhere = {
      type: 'PublishedFile',
      id: 1,
      fields: [{ field_name: 'path', value: { local_path: '/nowhere/x' } }],
    }
    expect(calls.fault('update', elsewhere).error_code).toBe(104)
  })
})

describe('values that depend on who asks', () => {
  it('differ between callers and can be filtered by', () => {
    const calls = new Calls()
    const [ada, max] = [calls.as(person('ada')), calls.as(person('max'))]
    ada.call('update_project_last_accessed_by_current_user', { project_id: 1 })
    const field = 'last_accessed_by_current_user'
    expect(ada.one('Project', 1, [field])?.[field]).toBe('2026-01-14T12:30:00Z')
    expect(max.one('Project', 1, [field])?.[field]).toBeNull()
    expect(ids(ada.read('Project', ['id'], [leaf(field, 'is_not', null)]))).toEqual([1])
    expect(ids(max.read('Project', ['id'], [leaf(field, 'is_not', null)]))).toEqual([])
  })

  it('can be set without changing the row', () => {
    const calls = new Calls()
    const before = calls.one('Version', 1, ['updated_at'])
    calls.as(person('ada')).update('Version', 1, { viewed_by_current_user: true })
    expect(calls.as(person('ada')).one('Version', 1, ['viewed_by_current_user'])).toMatchObject({
      viewed_by_current_user: true,
    })
    expect(calls.as(everything).one('Version', 1, ['viewed_by_current_user'])).toMatchObject({
      viewed_by_current_user: false,
    })
    expect(calls.one('Version', 1, ['updated_at'])).toEqual(before)
  })

  it('can be read though no schema shows them', () => {
    const calls = new Calls()
    expect(calls.one('Note', 1, ['read_by_current_user'])).toMatchObject({ read_by_current_user: 'unread' })
    expect(calls.site.schema().Note).not.toHaveProperty('read_by_current_user')
  })
})

describe('faults of reads', () => {
  const calls = new Calls()
  it.each([
    ['Nope', 'API read() invalid/missing string entity \'type\': "Nope"'],
    [undefined, "API read() invalid/missing string entity 'type'"],
  ])('type %s', (type, message) => {
    const found = calls.fault('read', {
      type,
      return_fields: ['id'],
      filters: { logical_operator: 'and', conditions: [] },
    })
    expect(found).toMatchObject({ exception: true, error_code: 103 })
    expect(found.message).toContain(message)
  })

  it('missing filters and fields that are no list', () => {
    expect(calls.fault('read', { type: 'Shot', return_fields: ['id'] }).error_code).toBe(103)
    expect(calls.fault('read', readArgs('Shot', 'code' as never, [])).error_code).toBe(103)
  })

  it('a method that nobody knows', () => {
    expect(calls.fault('explode', {}).error_code).toBe(103)
  })
})
