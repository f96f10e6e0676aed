import { describe, expect, it } from 'vitest'
import type { EventLogEntry, Row } from '../../src/shotgrid/wire.ts'
import { Calls, everything, fieldList, leaf, link, person, silentScript } from './calls.ts'

const project = link('Project', 1)
const told = (events: readonly EventLogEntry[]) =>
  events.map((event) => [event.event_type, event.attribute_name].filter(Boolean).join(' '))

describe('the event of a changed field', () => {
  it('names row, field, both values, project, user and time', () => {
    const calls = new Calls().as(person('ada'))
    const [event, ...more] = calls.eventsOf(() => calls.update('Task', 5, { sg_priority_1: 'High' }))
    expect(more).toEqual([])
    expect(event).toMatchObject({
      event_type: 'Shotgun_Task_Change',
      attribute_name: 'sg_priority_1',
      entity: { type: 'Task', id: 5 },
      project: { type: 'Project' },
      user: { type: 'HumanUser', name: 'Ada Lindqvist' },
      session_uuid: null,
      created_at: '2026-01-14T12:30:00Z',
      meta: {
        type: 'attribute_change',
        attribute_name: 'sg_priority_1',
        entity_type: 'Task',
        entity_id: 5,
        field_data_type: 'list',
        new_value: 'High',
      },
    })
    expect(event!.meta).not.toHaveProperty('in_create')
  })

  it('is written once a field, in the order given', () => {
    const calls = new Calls()
    const events = calls.eventsOf(() => calls.update('Shot', 1, { description: 'x', sg_cut_in: 7, sg_is_hero: true }))
    expect(told(events)).toEqual([
      'Shotgun_Shot_Change description',
      'Shotgun_Shot_Change sg_cut_in',
      'Shotgun_Shot_Change sg_is_hero',
    ])
  })

  it('spells date-times its own way', () => {
    const calls = new Calls()
    calls.update('Shot', 1, { sg_turnover_at: null })
    const [event] = calls.eventsOf(() => calls.update('Shot', 1, { sg_turnover_at: '2026-01-21T19:47:33Z' }))
    expect(event!.meta).toMatchObject({ old_value: null, new_value: '2026-01-21 19:47:33 UTC' })
  })

  it('shows links with name, status and validity', () => {
    const calls = new Calls()
    const { id } = calls.create('Shot', { code: 's', project })
    const events = calls.eventsOf(() => calls.update('Shot', id, { sg_sequence: link('Sequence', 1) }))
    const name = calls.one('Sequence', 1, ['code'])!.code
    expect(events[0]!.meta).toMatchObject({
      old_value: null,
      new_value: { type: 'Sequence', id: 1, name, valid: 'valid', uuid: null, status: expect.any(String) },
    })
  })

  it('says what came into a list and what left it, without old or new value', () => {
    const calls = new Calls()
    const { id } = calls.create('Shot', { code: 's', project, parent_shots: [link('Shot', 1)] })
    const [event] = calls.eventsOf(() => calls.update('Shot', id, { parent_shots: [link('Shot', 2)] }))
    expect(event!.meta).toMatchObject({
      added: [{ type: 'Shot', id: 2, valid: 'valid' }],
      removed: [{ type: 'Shot', id: 1 }],
      field_data_type: 'multi_entity',
    })
    expect(event!.meta).not.toHaveProperty('new_value')
  })

  it('shows no passwords', () => {
    const calls = new Calls()
    const [event] = calls.eventsOf(() => calls.site.rotate('renderfarm', 'new-key'))
    expect(JSON.stringify(event)).not.toContain('new-key')
    expect(event).toMatchObject({ event_type: 'Shotgun_ApiUser_Change', attribute_name: 'salted_password' })
  })
})

describe('the inverse side of a link', () => {
  it('has an event of the row with the list, whose meta describes the other row', () => {
    const calls = new Calls()
    const task = calls.create('Task', { content: 't', project, entity: link('Shot', 1) }).id
    const [own, removed, added] = calls.eventsOf(() => calls.update('Task', task, { entity: link('Shot', 2) }))
    expect(own).toMatchObject({ event_type: 'Shotgun_Task_Change', attribute_name: 'entity' })
    expect(removed).toMatchObject({
      event_type: 'Shotgun_Shot_Change',
      attribute_name: 'tasks',
      entity: { type: 'Shot', id: 1 },
      meta: {
        attribute_name: 'tasks',
        actual_attribute_changed: 'Task.entity',
        original_event_log_entry_id: own!.id,
        entity_type: 'Task',
        entity_id: task,
        field_data_type: 'entity',
        added: [],
        removed: [{ type: 'Task', id: task, name: 't' }],
      },
    })
    expect(added).toMatchObject({ entity: { type: 'Shot', id: 2 }, meta: { added: [{ id: task }], removed: [] } })
  })

  it('of a list has one too, and the hidden rows between have theirs', () => {
    const calls = new Calls()
    const shot = calls.create('Shot', { code: 's', project }).id
    const events = calls.eventsOf(() => calls.update('Shot', shot, { assets: [link('Asset', 1)] }))
    expect(told(events)).toEqual([
      'Shotgun_AssetShotConnection_Change asset',
      'Shotgun_AssetShotConnection_Change shot',
      'Shotgun_AssetShotConnection_New',
      'Shotgun_Shot_Change assets',
      'Shotgun_Asset_Change shots',
    ])
    expect(events.at(-1)).toMatchObject({
      entity: { type: 'Asset', id: 1 },
      meta: {
        actual_attribute_changed: 'Shot.assets',
        entity_type: 'Shot',
        entity_id: shot,
        added: [{ type: 'Shot', id: shot }],
      },
    })
  })

  it('is left out by a switch, and so are the hidden rows', () => {
    const calls = new Calls({ switches: { backReferenceEvents: false, connectionEvents: false } })
    const shot = calls.create('Shot', { code: 's', project }).id
    const events = calls.eventsOf(() => calls.update('Shot', shot, { assets: [link('Asset', 1)] }))
    expect(told(events)).toEqual(['Shotgun_Shot_Change assets'])
  })

  it.each([
    [false, '2026-01-14T12:30:00Z'],
    [true, '2026-01-14T12:30:09Z'],
  ])('moves updated_at of the row with the list as the switch says: %s', async (inverseMovesUpdatedAt, expected) => {
    const calls = new Calls({ switches: { inverseMovesUpdatedAt } })
    const shot = calls.create('Shot', { code: 's', project }).id
    await calls.clock.advance(9000)
    calls.create('Task', { content: 't', project, entity: link('Shot', shot) })
    expect(calls.one('Shot', shot, ['updated_at'])?.updated_at).toBe(expected)
  })
})

describe('the events of a create', () => {
  it('are one for each populated field, defaults included, marked and before that of the row', () => {
    const calls = new Calls()
    const events = calls.eventsOf(() => calls.create('Shot', { code: 's', project, sg_cut_in: 1 }))
    expect(told(events)).toEqual([
      'Shotgun_Shot_Change sg_status_list',
      'Shotgun_Shot_Change code',
      'Shotgun_Shot_Change project',
      'Shotgun_Shot_Change sg_cut_in',
      'Shotgun_Shot_New',
    ])
    expect(events.slice(0, -1).every((event) => event.meta?.in_create === true)).toBe(true)
    expect(events.at(-1)!.meta).toEqual({ type: 'new_entity', entity_type: 'Shot', entity_id: events[0]!.entity!.id })
  })

  it('are one for a field that is given its default value, too', () => {
    const calls = new Calls()
    const events = calls.eventsOf(() => calls.create('Shot', { code: 's', project, sg_status_list: 'wtg' }))
    expect(told(events).filter((name) => name.endsWith('sg_status_list'))).toHaveLength(1)
  })

  it('mark those of the inverse side as well', () => {
    const calls = new Calls()
    const events = calls.eventsOf(() => calls.create('Task', { content: 't', project, entity: link('Shot', 1) }))
    const inverse = events.find((event) => event.event_type === 'Shotgun_Shot_Change')!
    expect(inverse.meta).toMatchObject({ actual_attribute_changed: 'Task.entity', in_create: true })
    expect(inverse.id).toBeLessThan(events.at(-1)!.id)
  })

  it('of a template come after it, for every task', () => {
    const calls = new Calls()
    const events = calls.eventsOf(() =>
      calls.create('Shot', { code: 's', project, task_template: link('TaskTemplate', 1) }),
    )
    const names = told(events)
    expect(names.filter((name) => name === 'Shotgun_Task_New')).toHaveLength(2)
    expect(names).toContain('Shotgun_TaskDependency_New')
    expect(names.indexOf('Shotgun_Task_New')).toBeGreaterThan(names.indexOf('Shotgun_Shot_New'))
    expect(events.length).toBeGreaterThan(20)
  })
})

describe('deleting and reviving', () => {
  it('a delete is two events, a revival one', () => {
    const calls = new Calls()
    const version = calls.create('Version', { code: 'v', project }).id
    const events = calls.eventsOf(() => calls.delete('Version', version))
    expect(told(events)).toEqual(['Shotgun_Version_Retirement', 'Shotgun_Version_Change retirement_date'])
    expect(events[0]!.meta).toEqual({
      type: 'entity_retirement',
      id: version,
      entity_id: version,
      entity_type: 'Version',
      class_name: 'Version',
      display_name: 'v',
      retirement_date: '2026-01-14 12:30:00 UTC',
    })
    const revival = calls.eventsOf(() => calls.revive('Version', version))
    expect(told(revival)).toEqual(['Shotgun_Version_Revival'])
    expect(revival[0]!.meta).toEqual({ type: 'entity_revival', entity_type: 'Version', entity_id: version })
  })

  it('empties the entity of every event of the row, old ones too, until it is back', () => {
    const calls = new Calls()
    const before = calls.lastEventId()
    const version = calls.create('Version', { code: 'v', project }).id
    const entities = () => calls.events(before).map((event) => event.entity)
    expect(entities()).not.toContain(null)
    calls.delete('Version', version)
    expect(entities().every((entity) => entity === null)).toBe(true)
    calls.revive('Version', version)
    expect(entities()).not.toContain(null)
  })

  function shotWithVersion(calls: Calls) {
    const shot = calls.create('Shot', { code: 's', project }).id
    const version = calls.create('Version', { code: 'v', project, entity: link('Shot', shot) }).id
    return { shot, version }
  }

  it.each([
    [true, 4],
    [false, 2],
  ])('rows that go along have events if the switch says so: %s', (cascadeEvents, count) => {
    const calls = new Calls({ switches: { cascadeEvents } })
    const { shot } = shotWithVersion(calls)
    expect(calls.eventsOf(() => calls.delete('Shot', shot))).toHaveLength(count)
    expect(calls.eventsOf(() => calls.revive('Shot', shot))).toHaveLength(count / 2)
  })

  it('tells of links that now read empty only if the switch says so', () => {
    const calls = new Calls()
    const { version } = shotWithVersion(calls)
    const note = calls.create('Note', { subject: 'n', project, note_links: [link('Version', version)] }).id
    const file = calls.create('PublishedFile', { code: 'f', project, version: link('Version', version) }).id
    expect(calls.eventsOf(() => calls.delete('Version', version))).toHaveLength(2)
    calls.revive('Version', version)
    calls.site.switches.linkRemovalEvents = true
    const events = calls.eventsOf(() => calls.delete('Version', version))
    expect(events.find((event) => event.entity?.type === 'Note')).toMatchObject({
      entity: { id: note },
      attribute_name: 'note_links',
      meta: { removed: [{ type: 'Version', id: version }] },
    })
    expect(events.find((event) => event.entity?.type === 'PublishedFile')).toMatchObject({
      entity: { id: file },
      attribute_name: 'version',
      meta: { old_value: { id: version, valid: 'retired' }, new_value: null },
    })
  })
})

describe('who did it', () => {
  it('a person whom a script acts for is the user, and the script is in meta', () => {
    const calls = new Calls().as({ ...everything, sudo_as_login: 'ivy', session_uuid: 'abc' })
    const [event] = calls.eventsOf(() => calls.update('Version', versionOf(calls), { description: 'x' }))
    expect(event).toMatchObject({
      user: { type: 'HumanUser', name: 'Ivy Tanaka' },
      session_uuid: 'abc',
      meta: { sudo_actual_user: { type: 'ApiUser', name: 'sgcache' } },
    })
  })

  it('a script without events leaves none, takes no ids, and still creates, deletes and revives', () => {
    const calls = new Calls()
    const silent = calls.as(silentScript)
    const before = calls.lastEventId()
    const { id } = silent.create('Version', { code: 'quiet', project })
    silent.update('Version', id, { description: 'x' })
    silent.delete('Version', id)
    silent.revive('Version', id)
    expect(calls.events(before)).toEqual([])
    calls.update('Version', id, { description: 'y' })
    expect(calls.events(before)[0]!.id).toBe(before + 1)
  })

  it.each([
    [false, 0],
    [true, 3],
  ])('a new script leaves events as the switch says: %s', (newScriptsGenerateEvents, count) => {
    const calls = new Calls({ switches: { newScriptsGenerateEvents } })
    const role = calls.read('PermissionRuleSet', ['id'], [leaf('code', 'is', 'api_admin')])[0]!.id
    calls.create('ApiUser', {
      firstname: 'bot',
      salted_password: 'k',
      permission_rule_set: link('PermissionRuleSet', role),
    })
    const bot = calls.as({ script_name: 'bot', script_key: 'k' })
    expect(calls.eventsOf(() => bot.create('Tag', { name: 'loud' })).length).toBe(count === 0 ? 0 : 2)
  })
})

function versionOf(calls: Calls): number {
  return calls.read('Version', ['id'])[0]!.id
}

describe('the project an event is tagged with', () => {
  it('is the row’s own, itself for a project, the note’s for a reply, and none outside projects', () => {
    const calls = new Calls()
    const tagOf = (work: () => void) => calls.eventsOf(work).at(-1)!.project
    expect(tagOf(() => calls.update('Shot', 1, { description: 'p' }))).toMatchObject(project)
    expect(tagOf(() => calls.update('Project', 2, { sg_description: 'p' }))).toMatchObject({ id: 2 })
    expect(tagOf(() => calls.update('Step', 1, { short_name: 'p' }))).toBeNull()
    const note = calls.create('Note', { subject: 'n', project }).id
    expect(tagOf(() => calls.create('Reply', { content: 'r', entity: link('Note', note) }))).toMatchObject(project)
  })
})

describe('other events', () => {
  it('a tool may write its own, but not change any', () => {
    const calls = new Calls()
    const made = calls.create('EventLogEntry', { event_type: 'Toolkit_Folders_Create', project, meta: { a: 1 } })
    expect(calls.events(made.id - 1)).toMatchObject([{ event_type: 'Toolkit_Folders_Create', meta: { a: 1 } }])
    const forged = { type: 'EventLogEntry', fields: fieldList({ event_type: 'Shotgun_Shot_New' }) }
    expect(calls.fault('create', forged).error_code).toBe(104)
    expect(calls.fault('update', { type: 'EventLogEntry', id: made.id, fields: [] }).error_code).toBe(104)
    expect(calls.fault('delete', { type: 'EventLogEntry', id: made.id }).error_code).toBe(104)
  })

  it('reading a note is an event of the note, of a type that is none', () => {
    const calls = new Calls()
    const events = calls.eventsOf(() => calls.update('Note', 1, { read_by_current_user: 'read' }))
    expect(events).toMatchObject([{ event_type: 'Shotgun_Reading_Change', entity: { type: 'Note', id: 1 } }])
  })

  it('schema edits leave events that do not name the type', () => {
    const calls = new Calls()
    const properties = [{ property_name: 'name', value: 'Mood' }]
    const events = calls.eventsOf(() =>
      calls.call('schema_field_create', { type: 'Shot', data_type: 'text', properties }),
    )
    expect(told(events)).toEqual(['Shotgun_DisplayColumn_New'])
    expect(events[0]!.entity).toBeNull()
    expect(JSON.stringify(events[0]!.meta)).not.toContain('Shot')
    const edit = { type: 'Shot', field_name: 'sg_mood', properties: [{ property_name: 'name', value: 'Feel' }] }
    expect(told(calls.eventsOf(() => calls.call('schema_field_update', edit)))).toEqual([
      'Shotgun_DisplayColumn_Change',
    ])
  })

  it.each([
    [false, []],
    [true, ['Shotgun_DisplayColumn_Delete']],
  ])('deleting a field leaves one if the switch says so: %s', (fieldDeletionEvents, expected) => {
    const calls = new Calls({ switches: { fieldDeletionEvents } })
    const gone = { type: 'Shot', field_name: 'sg_bid' }
    expect(told(calls.eventsOf(() => calls.call('schema_field_delete', gone)))).toEqual(expected)
  })

  it('roles and preferences have events that do not say what changed', () => {
    const calls = new Calls()
    expect(told(calls.eventsOf(() => calls.site.setRole('artist', {})))).toEqual([
      'Shotgun_PermissionRuleSet_ChangeRule',
    ])
    const events = calls.eventsOf(() => calls.site.setPreference('hours_per_day', 7))
    expect(events).toMatchObject([
      { event_type: 'Shotgun_Preferences_Change', meta: { pref: 'hours_per_day', old: 8, new: 7 } },
    ])
    expect(events[0]!.meta).not.toHaveProperty('type')
  })

  it('some have no meta at all, if the switch says so', () => {
    const calls = new Calls({ switches: { metaNullShare: 1 } })
    expect(calls.eventsOf(() => calls.update('Shot', 1, { description: 'q' }))).toMatchObject([{ meta: null }])
  })
})

describe('the journal', () => {
  it('tells what really changed, also what leaves no event', () => {
    const calls = new Calls()
    const commits: unknown[] = []
    const stop = calls.site.onCommit((commit) => commits.push(commit))
    calls.as(silentScript).update('Shot', 1, { description: 'j', sg_cut_in: 5 })
    calls.call('update_project_last_accessed_by_current_user', { project_id: 1 })
    stop()
    calls.update('Shot', 1, { description: 'unheard' })
    expect(commits).toMatchObject([
      {
        by: { type: 'ApiUser' },
        eventIds: [],
        changes: [
          {
            kind: 'update',
            type: 'Shot',
            id: 1,
            fields: ['description', 'sg_cut_in'],
            silent: true,
            consequence: false,
          },
        ],
      },
      { changes: [{ kind: 'perUser', type: 'Project', id: 1, silent: true }] },
    ])
  })

  it('tells consequences from what was asked for', () => {
    const calls = new Calls()
    const shot = calls.create('Shot', { code: 's', project }).id
    calls.create('Version', { code: 'v', project, entity: link('Shot', shot) })
    const commits: { changes: readonly { kind: string; type: string; consequence: boolean }[] }[] = []
    calls.site.onCommit((commit) => commits.push(commit))
    calls.delete('Shot', shot)
    expect(commits[0]!.changes.map(({ kind, type, consequence }) => [kind, type, consequence])).toEqual([
      ['retire', 'Shot', false],
      ['retire', 'Version', true],
    ])
  })
})

describe('the event log as rows', () => {
  it('can be asked by id, type, attribute, entity, user, project and time', async () => {
    const calls = new Calls()
    const [event] = calls.eventsOf(() => calls.update('Shot', 1, { description: 'z' }))
    const ask = (...conditions: unknown[]) => calls.read('EventLogEntry', ['id'], conditions).map((row: Row) => row.id)
    for (const condition of [
      leaf('id', 'in', event!.id),
      leaf('event_type', 'starts_with', 'shotgun_shot_'),
      leaf('event_type', 'in', 'Shotgun_Shot_Change', 'x'),
      leaf('attribute_name', 'is', 'description'),
      leaf('entity', 'is', link('Shot', 1)),
      leaf('user', 'is', event!.user),
      leaf('project', 'is', project),
      leaf('created_at', 'greater_than', '2026-01-14T12:29:59Z'),
    ]) {
      expect(ask(condition)).toContain(event!.id)
    }
    expect(ask(leaf('attribute_name', 'is', 'code'))).not.toContain(event!.id)
  })

  it('ids do not begin at 1, and the newest can be asked for', () => {
    const calls = new Calls()
    const newest = calls.read('EventLogEntry', ['id'], [], {
      sorts: [{ field_name: 'id', direction: 'desc' }],
      paging: { entities_per_page: 1, current_page: 1 },
    })
    expect(newest.map((row) => row.id)).toEqual([calls.lastEventId()])
    expect(newest[0]!.id).toBeGreaterThan(1000)
  })

  it('can be culled', () => {
    const calls = new Calls()
    const last = calls.lastEventId()
    calls.site.cullEvents(3)
    expect(calls.events().map((event) => event.id)).toEqual([last - 2, last - 1, last])
  })

  it('culls itself when it has grown past its limit', () => {
    const calls = new Calls({ switches: { eventLogLimit: 10 } })
    for (let i = 0; i < 30; i += 1) calls.update('Shot', 1, { description: `d${i}` })
    expect(calls.events().length).toBeLessThanOrEqual(11)
  })
})
