import { describe, expect, it } from 'vitest'
import type { ChangeRecord } from '../../src/cache/change.ts'
import { changesOfEvents } from '../../src/freshness/changes-of-events.ts'
import { Schema, type WireField } from '../../src/shotgrid/schema.ts'
import type { EventLogEntry } from '../../src/shotgrid/wire.ts'

const field = (dataType: string, validTypes: readonly string[] = []): WireField => ({
  data_type: { value: dataType, editable: true },
  properties: { valid_types: { value: validTypes } },
})

const schema = new Schema({
  Project: { name: field('text'), users: field('multi_entity', ['HumanUser']), archived: field('checkbox') },
  Shot: {
    code: field('text'),
    project: field('entity', ['Project']),
    sg_status_list: field('status_list'),
    sg_cut_order: field('number'),
    due: field('date_time'),
    image: field('image'),
    sg_sequence: field('entity', ['Sequence']),
    assets: field('multi_entity', ['Asset']),
    tasks: field('multi_entity', ['Task']),
    parents: field('multi_entity', ['Shot']),
  },
  Sequence: { code: field('text'), project: field('entity', ['Project']), shots: field('multi_entity', ['Shot']) },
  Asset: {
    code: field('text'),
    shots: field('multi_entity', ['Shot']),
    linked_projects: field('multi_entity', ['Project']),
  },
  Task: {
    content: field('text'),
    project: field('entity', ['Project']),
    entity: field('entity', ['Shot', 'Asset']),
    upstream_tasks: field('multi_entity', ['Task']),
  },
  Version: {
    code: field('text'),
    entity: field('entity', ['Shot', 'Asset']),
    playlists: field('multi_entity', ['Playlist']),
  },
  Playlist: { code: field('text'), versions: field('multi_entity', ['Version']) },
  PlaylistVersionConnection: {
    sg_sort_order: field('number'),
    playlist: field('entity', ['Playlist']),
    version: field('entity', ['Version']),
  },
  HumanUser: { name: field('text'), groups: field('multi_entity', ['Group']), sg_status_list: field('status_list') },
  Group: { code: field('text'), users: field('multi_entity', ['HumanUser']) },
  Note: { content: field('text'), replies: field('multi_entity', ['Reply']) },
  PublishedFile: { path: field('url'), path_cache: field('text') },
  LocalStorage: { code: field('text'), linux_path: field('text') },
  CustomEntity06: { code: field('text') },
})

let nextId = 100
function event(eventType: string, more: Partial<EventLogEntry> = {}): EventLogEntry {
  nextId += 1
  return {
    type: 'EventLogEntry',
    id: nextId,
    event_type: eventType,
    attribute_name: null,
    meta: null,
    entity: null,
    project: { type: 'Project', id: 70, name: 'Show' },
    user: { type: 'HumanUser', id: 88, name: 'Ann' },
    session_uuid: null,
    created_at: '2026-01-21T19:47:33Z',
    ...more,
  }
}

/** A change of one field of a Shot, as the site logs it. */
function shotChange(attribute: string, meta: object, more: Partial<EventLogEntry> = {}): EventLogEntry {
  return event('Shotgun_Shot_Change', {
    attribute_name: attribute,
    entity: { type: 'Shot', id: 862, name: 'sh010' },
    meta: { type: 'attribute_change', attribute_name: attribute, entity_type: 'Shot', entity_id: 862, ...meta },
    ...more,
  })
}

const isConsequence = (change: ChangeRecord) => change.reason?.startsWith('after ') === true
const changes = (...events: EventLogEntry[]) => changesOfEvents(events, schema)
const only = (...events: EventLogEntry[]): ChangeRecord => {
  const found = changes(...events).filter((change) => !isConsequence(change))
  expect(found).toHaveLength(1)
  return found[0]!
}

describe('a change of a field', () => {
  it('carries row, field, both values, project, actor, event id and time', () => {
    const told = shotChange('sg_status_list', { field_data_type: 'status_list', old_value: 'wtg', new_value: 'ip' })
    expect(only(told)).toEqual({
      source: 'event',
      kind: 'change',
      type: 'Shot',
      ids: [862],
      field: 'sg_status_list',
      old: 'wtg',
      new: 'ip',
      project: 70,
      eventId: told.id,
      eventAt: Date.parse('2026-01-21T19:47:33Z'),
      actor: 'HumanUser 88',
    })
  })

  it('has no value where the event has none, and null where the event says empty', () => {
    const change = only(shotChange('code', { field_data_type: 'text', new_value: null }))
    expect(change).not.toHaveProperty('old')
    expect(change.new).toBeNull()
  })

  it.each([
    ['due', 'date_time', '2015-07-13 21:54:01 UTC', '2015-07-13T21:54:01Z'],
    ['due', 'date_time', '2015-07-13T21:54:01Z', '2015-07-13T21:54:01Z'],
    [
      'sg_sequence',
      'entity',
      { type: 'Sequence', id: 3, name: 's', status: 'ip', uuid: 'u', valid: 'valid' },
      { type: 'Sequence', id: 3, name: 's' },
    ],
    ['sg_cut_order', 'number', 10, 10],
  ])('brings the spelling of %s (%s) to that of replies', (attribute, dataType, raw, spelled) => {
    expect(only(shotChange(attribute, { field_data_type: dataType, new_value: raw })).new).toEqual(spelled)
  })

  it.each([
    ['a date with fractions', 'due', 'date_time', '2015-07-13 21:54:01.123'],
    ['a number spelled as text', 'sg_cut_order', 'number', '10'],
    ['escaped text', 'code', 'text', 'a &lt; b'],
    ['empty text, which is stored as null', 'code', 'text', ''],
    ['a link that is no longer valid', 'sg_sequence', 'entity', { type: 'Sequence', id: 3, valid: 'retired' }],
    ['a value of a type the field had before it was retyped', 'code', 'number', 4],
  ])('leaves out %s', (_what, attribute, dataType, raw) => {
    expect(only(shotChange(attribute, { field_data_type: dataType, new_value: raw }))).not.toHaveProperty('new')
  })

  it('leaves out values that the site says it has cut', () => {
    const change = only(
      shotChange('code', { field_data_type: 'text', old_value: 'a', new_value: 'b', truncated: true }),
    )
    expect(change).not.toHaveProperty('old')
    expect(change).not.toHaveProperty('new')
  })

  it('hazard 24: never takes a value of a media field, which is a number of a file', () => {
    const change = only(
      shotChange('image', { field_data_type: 'image', old_value: null, new_value: 4711, is_transient: true }),
    )
    expect(change).not.toHaveProperty('old')
    expect(change).not.toHaveProperty('new')
  })

  it('says what came and went for a list of links', () => {
    const change = only(
      shotChange('assets', {
        field_data_type: 'multi_entity',
        added: [{ type: 'Asset', id: 9, name: 'tree', valid: 'valid' }],
        removed: [],
      }),
    )
    expect(change.added).toEqual([{ type: 'Asset', id: 9, name: 'tree' }])
    expect(change.removed).toEqual([])
    expect(change).not.toHaveProperty('new')
  })

  it('says nothing of a list of which only one half is told', () => {
    expect(only(shotChange('assets', { field_data_type: 'multi_entity', added: [] }))).not.toHaveProperty('added')
  })

  it('without meta takes the row of entity and the field of the event, and knows no values', () => {
    const change = only(event('Shotgun_Shot_Change', { entity: { type: 'Shot', id: 5 }, attribute_name: 'code' }))
    expect(change).toMatchObject({ ids: [5], field: 'code' })
    expect(only(event('Shotgun_Shot_Change'))).toMatchObject({ ids: 'any', field: 'any' })
  })

  it('takes both rows when entity and meta disagree, and no values', () => {
    const told = shotChange('code', { field_data_type: 'text', new_value: 'x' }, { entity: { type: 'Shot', id: 1 } })
    expect(only(told).ids).toEqual([1, 862])
    expect(only(told)).not.toHaveProperty('new')
  })

  it('finds types with digits and underscores between the first and the last underscore', () => {
    expect(only(event('Shotgun_CustomEntity06_Change')).type).toBe('CustomEntity06')
    expect(changes(event('Shotgun_Asset_linked_projects_Connection_Change'))[0]!.type).toBe(
      'Asset_linked_projects_Connection',
    )
  })
})

describe('rows that come and go', () => {
  const born = (attribute: string, meta: object) => shotChange(attribute, { in_create: true, ...meta })
  const birth = () =>
    event('Shotgun_Shot_New', {
      entity: { type: 'Shot', id: 862 },
      meta: { type: 'new_entity', entity_type: 'Shot', entity_id: 862 },
    })

  it('hazard 23: folds the field events of a create into one change with its values', () => {
    const told = [
      born('code', { field_data_type: 'text', old_value: null, new_value: 'sh010' }),
      born('sg_sequence', { field_data_type: 'entity', new_value: { type: 'Sequence', id: 3, name: 's' } }),
      born('assets', { field_data_type: 'multi_entity', added: [{ type: 'Asset', id: 9 }], removed: [] }),
      born('image', { field_data_type: 'image', new_value: 12 }),
      birth(),
    ]
    const change = only(...told)
    expect(change).toMatchObject({ kind: 'create', ids: [862], field: 'any', eventId: told.at(-1)!.id })
    expect(change.values).toEqual({
      code: 'sh010',
      sg_sequence: { type: 'Sequence', id: 3, name: 's' },
      assets: [{ type: 'Asset', id: 9 }],
    })
  })

  it('leaves a field of which two events of the create differ unknown', () => {
    const told = [
      born('code', { field_data_type: 'text', new_value: 'a' }),
      born('code', { field_data_type: 'text', new_value: 'b' }),
      birth(),
    ]
    expect(only(...told).values).toEqual({})
  })

  it('takes field events of a create that is not in the batch as plain changes', () => {
    expect(only(born('code', { field_data_type: 'text', new_value: 'sh010' }))).toMatchObject({
      kind: 'change',
      field: 'code',
      new: 'sh010',
    })
  })

  it('does not fold what the create did to another row', () => {
    const inverse = event('Shotgun_Shot_Change', {
      attribute_name: 'tasks',
      entity: { type: 'Shot', id: 862 },
      meta: {
        attribute_name: 'tasks',
        actual_attribute_changed: 'Task.entity',
        original_event_log_entry_id: 1,
        entity_type: 'Task',
        entity_id: 5,
        in_create: true,
        added: [{ type: 'Task', id: 5 }],
        removed: [],
      },
    })
    expect(changes(inverse, birth()).map((change) => [change.kind, change.field])).toEqual([
      ['change', 'tasks'],
      ['create', 'any'],
    ])
  })

  it('hazard 5: finds a retired row, whose entity reads null, by meta', () => {
    const meta = { type: 'entity_retirement', id: 862, entity_id: 862, entity_type: 'Shot', class_name: 'Shot' }
    expect(changes(event('Shotgun_Shot_Retirement', { meta }))[0]).toMatchObject({
      kind: 'retire',
      type: 'Shot',
      ids: [862],
    })
    expect(changes(event('Shotgun_Shot_Retirement'))[0]).toMatchObject({ kind: 'retire', ids: 'any' })
  })

  it('folds the retirement date into the retirement', () => {
    const date = shotChange(
      'retirement_date',
      { field_data_type: 'date_time', new_value: '2026-01-21 19:47:33 UTC' },
      { entity: null },
    )
    const retirement = event('Shotgun_Sequence_Retirement', { meta: { entity_type: 'Sequence', entity_id: 3 } })
    const ofSequence = event('Shotgun_Sequence_Change', {
      attribute_name: 'retirement_date',
      meta: { attribute_name: 'retirement_date', entity_type: 'Sequence', entity_id: 3 },
    })
    expect(only(date)).toMatchObject({ kind: 'change', field: 'retirement_date' })
    expect(changes(ofSequence, retirement).map((change) => change.kind)).toEqual(['retire', 'retire'])
  })

  it('says that a revived row is back', () => {
    expect(changes(event('Shotgun_Task_Revival', { entity: { type: 'Task', id: 7 } }))[0]).toMatchObject({
      kind: 'revive',
      ids: [7],
    })
  })

  it('hazard 12: rows that go with another one go by its event too', () => {
    const gone = changes(event('Shotgun_Shot_Retirement', { meta: { entity_type: 'Shot', entity_id: 862 } }))
    expect(gone).toContainEqual(expect.objectContaining({ kind: 'retire', type: 'Version', ids: 'any' }))
    expect(changes(event('Shotgun_Project_Revival', { entity: { type: 'Project', id: 70 } }))).toContainEqual(
      expect.objectContaining({ kind: 'flush', type: '*' }),
    )
  })
})

describe('the inverse side of a link', () => {
  const meta = {
    attribute_name: 'tasks',
    actual_attribute_changed: 'Task.entity',
    original_event_log_entry_id: 2011758,
    entity_type: 'Task',
    entity_id: 67380,
    field_data_type: 'entity',
    added: [{ type: 'Task', id: 67380, name: 'anim' }],
    removed: [],
  }
  const inverse = (more: Partial<EventLogEntry> = {}, metaMore: object = {}) =>
    event('Shotgun_Shot_Change', {
      attribute_name: 'tasks',
      entity: { type: 'Shot', id: 862 },
      meta: { ...meta, ...metaMore },
      ...more,
    })

  it('hazard 6: concerns the row of entity, not the one that meta describes', () => {
    const change = only(inverse())
    expect(change).toMatchObject({ type: 'Shot', ids: [862], field: 'tasks', added: [{ type: 'Task', id: 67380 }] })
    expect(change).not.toHaveProperty('project')
  })

  it('hazard 6: concerns any row when entity is null', () => {
    expect(only(inverse({ entity: null }))).toMatchObject({ type: 'Shot', ids: 'any', field: 'tasks' })
  })

  it('hazard 6: does not trust meta between rows of one type', () => {
    const own = inverse(
      { entity: null, attribute_name: 'parents' },
      { attribute_name: 'parents', actual_attribute_changed: 'Shot.children', entity_type: 'Shot', entity_id: 9 },
    )
    expect(only(own)).toMatchObject({ type: 'Shot', ids: 'any', field: 'parents' })
  })

  it('takes the link itself as changed when no event of its own is named', () => {
    expect(changes(inverse({}, { original_event_log_entry_id: null }))).toContainEqual(
      expect.objectContaining({ kind: 'change', type: 'Task', ids: [67380], field: 'entity' }),
    )
  })

  it('does not believe lists that leave out the row they are about', () => {
    expect(only(inverse({}, { added: [{ type: 'Task', id: 1 }] }))).not.toHaveProperty('added')
  })
})

describe('changes that reach beyond their row', () => {
  it('hazard 18: an edited field definition is a change of an unnamed schema', () => {
    expect(only(event('Shotgun_DisplayColumn_Change', { entity: { type: 'DisplayColumn', id: 4 } }))).toMatchObject({
      kind: 'schema',
      type: '*',
    })
    expect(only(event('Shotgun_DisplayColumn_New')).kind).toBe('schema')
    expect(only(event('Shotgun_Preferences_Change', { meta: { old: 1, new: 2, pref: 'x' } })).kind).toBe('schema')
    expect(only(event('Shotgun_ProjectConfiguration_Update')).kind).toBe('schema')
  })

  it.each([
    ['Shotgun_Project_Change', 'users', 'Project'],
    ['Shotgun_Group_Change', 'users', 'Group'],
    ['Shotgun_HumanUser_Change', 'groups', 'HumanUser'],
    ['Shotgun_HumanUser_Change', 'permission_rule_set', 'HumanUser'],
    ['Shotgun_HumanUser_Change', 'projects', 'HumanUser'],
    ['Shotgun_HumanUser_Change', 'sg_status_list', 'HumanUser'],
    ['Shotgun_ApiUser_Change', 'permission_rule_set', 'ApiUser'],
  ])('hazard 16: %s of %s changes who may see what, and the row', (name, attribute, type) => {
    const found = changes(event(name, { attribute_name: attribute, entity: { type, id: 2 } }))
    expect(found[0]).toMatchObject({ kind: 'change', type, ids: [2], field: attribute })
    expect(found.map((change) => [change.kind, change.type])).toContainEqual(['access', '*'])
  })

  it.each(['NewRule', 'ChangeRule', 'DeleteRule'])(
    'hazard 16: PermissionRuleSet_%s changes who may see what',
    (action) => {
      expect(changes(event(`Shotgun_PermissionRuleSet_${action}`)).map((change) => change.kind)).toContain('access')
    },
  )

  it('does not take an ordinary field of a person for access', () => {
    expect(
      only(event('Shotgun_HumanUser_Change', { attribute_name: 'name', entity: { type: 'HumanUser', id: 2 } })).kind,
    ).toBe('change')
  })

  it('hazard 17: an archived project is an ordinary change of Project.archived', () => {
    const told = event('Shotgun_Project_Change', {
      attribute_name: 'archived',
      entity: { type: 'Project', id: 70 },
      meta: {
        attribute_name: 'archived',
        entity_type: 'Project',
        entity_id: 70,
        field_data_type: 'checkbox',
        old_value: false,
        new_value: true,
      },
    })
    expect(only(told)).toMatchObject({ type: 'Project', ids: [70], field: 'archived', old: false, new: true })
  })

  it('passes on a moved storage root as an ordinary change', () => {
    expect(
      only(
        event('Shotgun_LocalStorage_Change', {
          attribute_name: 'linux_path',
          entity: { type: 'LocalStorage', id: 3 },
          project: null,
        }),
      ),
    ).toMatchObject({
      type: 'LocalStorage',
      ids: [3],
      field: 'linux_path',
      project: 'none',
    })
  })

  it('hazard 11: a connection concerns the lists at both of its ends', () => {
    const found = changes(
      event('Shotgun_PlaylistVersionConnection_Change', {
        attribute_name: 'sg_sort_order',
        entity: { type: 'PlaylistVersionConnection', id: 1 },
      }),
    )
    expect(found.map((change) => [change.type, change.ids, change.field])).toEqual([
      ['PlaylistVersionConnection', [1], 'sg_sort_order'],
      ['Playlist', 'any', 'versions'],
      ['Version', 'any', 'playlists'],
    ])
  })

  it('hazard 11: a new connection that tells its ends concerns those rows alone', () => {
    const join = (attribute: string, value: object) =>
      event('Shotgun_PlaylistVersionConnection_Change', {
        attribute_name: attribute,
        entity: { type: 'PlaylistVersionConnection', id: 1 },
        meta: {
          attribute_name: attribute,
          entity_type: 'PlaylistVersionConnection',
          entity_id: 1,
          field_data_type: 'entity',
          new_value: value,
          in_create: true,
        },
      })
    const birth = event('Shotgun_PlaylistVersionConnection_New', {
      entity: { type: 'PlaylistVersionConnection', id: 1 },
    })
    const found = changes(
      join('playlist', { type: 'Playlist', id: 4 }),
      join('version', { type: 'Version', id: 6 }),
      birth,
    )
    expect(found.map((change) => [change.kind, change.type, change.ids])).toEqual([
      ['create', 'PlaylistVersionConnection', [1]],
      ['change', 'Playlist', [4]],
      ['change', 'Version', [6]],
    ])
  })

  it('hazard 11: finds the ends of a connection named after a field, and flushes when the name tells nothing', () => {
    const named = changes(event('Shotgun_Asset_linked_projects_Connection_New'))
    expect(named.map((change) => [change.type, change.field])).toEqual([
      ['Asset_linked_projects_Connection', 'any'],
      ['Asset', 'linked_projects'],
    ])
    expect(changes(event('Shotgun_XyzConnection_New'))).toContainEqual(
      expect.objectContaining({ kind: 'flush', type: '*' }),
    )
  })
})

describe('the other side of a link that has no event of its own', () => {
  const said = (...events: EventLogEntry[]) =>
    changes(...events).map((change) => [change.kind, change.type, change.ids, change.field])
  const taskEntity = (meta: object) =>
    event('Shotgun_Task_Change', {
      attribute_name: 'entity',
      entity: { type: 'Task', id: 5 },
      meta: { attribute_name: 'entity', entity_type: 'Task', entity_id: 5, field_data_type: 'entity', ...meta },
    })

  it('is the list of the old and the new target', () => {
    const told = taskEntity({ old_value: { type: 'Shot', id: 1 }, new_value: { type: 'Shot', id: 2 } })
    expect(said(told)).toContainEqual(['change', 'Shot', [1], 'tasks'])
    expect(said(told)).toContainEqual(['change', 'Shot', [2], 'tasks'])
  })

  it('is the list of any row when the targets are not known', () => {
    expect(said(taskEntity({ new_value: { type: 'Shot', id: 2 } }))).toContainEqual(['change', 'Shot', 'any', 'tasks'])
  })

  it('is the list at the other end of a list', () => {
    const told = shotChange('assets', {
      field_data_type: 'multi_entity',
      added: [{ type: 'Asset', id: 9 }],
      removed: [],
    })
    expect(said(told)).toContainEqual(['change', 'Asset', [9], 'shots'])
  })

  it('is the single link of a row put into a list, and every list that it may have left', () => {
    const told = event('Shotgun_Sequence_Change', {
      attribute_name: 'shots',
      entity: { type: 'Sequence', id: 3 },
      meta: {
        attribute_name: 'shots',
        entity_type: 'Sequence',
        entity_id: 3,
        field_data_type: 'multi_entity',
        added: [{ type: 'Shot', id: 7 }],
        removed: [],
      },
    })
    expect(said(told)).toContainEqual(['change', 'Shot', [7], 'sg_sequence'])
    expect(said(told)).toContainEqual(['change', 'Sequence', 'any', 'shots'])
  })

  it('follows from the values of a create', () => {
    const born = taskEntity({ in_create: true, old_value: null, new_value: { type: 'Shot', id: 2 } })
    const birth = event('Shotgun_Task_New', {
      entity: { type: 'Task', id: 5 },
      meta: { entity_type: 'Task', entity_id: 5 },
    })
    expect(said(born, birth)).toEqual([
      ['create', 'Task', [5], 'any'],
      ['change', 'Shot', [2], 'tasks'],
    ])
  })

  it('follows from a create whose link cannot be read, too', () => {
    const born = taskEntity({ in_create: true, truncated: true })
    const birth = event('Shotgun_Task_New', {
      entity: { type: 'Task', id: 5 },
      meta: { entity_type: 'Task', entity_id: 5 },
    })
    expect(said(born, birth)).toContainEqual(['change', 'Shot', 'any', 'tasks'])
  })

  it('hazard 11: rows of a dependency type are the lists of the rows they join', () => {
    const gone = event('Shotgun_TaskDependency_Retirement', { meta: { entity_type: 'TaskDependency', entity_id: 4 } })
    expect(said(gone)).toContainEqual(['change', 'Task', 'any', 'upstream_tasks'])
  })

  it('takes fields that follow from another for changed: the path of a file in plain text', () => {
    const told = event('Shotgun_PublishedFile_Change', {
      attribute_name: 'path',
      entity: { type: 'PublishedFile', id: 2 },
    })
    expect(said(told)).toContainEqual(['change', 'PublishedFile', [2], 'path_cache'])
  })

  it('hazard 12: replies that leave their note are retired with it', () => {
    const told = event('Shotgun_Note_Change', {
      attribute_name: 'replies',
      entity: { type: 'Note', id: 2 },
      meta: {
        attribute_name: 'replies',
        entity_type: 'Note',
        entity_id: 2,
        field_data_type: 'multi_entity',
        added: [],
        removed: [{ type: 'Reply', id: 8 }],
      },
    })
    expect(said(told)).toContainEqual(['retire', 'Reply', [8], 'any'])
  })

  it('hazard 10: a retired reply may have left its note, whose updated_at then moved', () => {
    const told = event('Shotgun_Reply_Retirement', { meta: { entity_type: 'Reply', entity_id: 8 } })
    expect(said(told)).toContainEqual(['change', 'Note', 'any', 'replies'])
  })
})

describe('what is not a change of data', () => {
  it.each([
    'Shotgun_Reading_Change',
    'Shotgun_User_Login',
    'Shotgun_User_FailedLogin',
    'Shotgun_Attachment_View',
    'Shotgun_ActionMenuItem_Triggered',
    'CRS_Thing_Done',
    'SG_RV_Session_Validate',
    'Toolkit_Folders_Create',
    'Studio_Render_Done',
  ])('takes %s for activity', (name) => {
    expect(changes(event(name, { entity: { type: 'Note', id: 1 } }))).toEqual([])
  })

  it('never drops what it cannot read: the type named, or everything, is flushed', () => {
    expect(only(event('Shotgun_Shot_Merged'))).toMatchObject({ kind: 'flush', type: 'Shot' })
    expect(only(event('Shotgun_'))).toMatchObject({ kind: 'flush', type: '*' })
    expect(only(event(null as unknown as string))).toMatchObject({ kind: 'flush', type: '*' }) // not what the type promises
    expect(
      changes(event('Shotgun_Shot_Merged', { entity: { type: 'Asset', id: 3 } })).map((change) => change.type),
    ).toEqual(['Shot', 'Asset'])
  })

  it('believes an unheard-of application that names a row', () => {
    expect(only(event('Flow_Shot_Change', { entity: { type: 'Shot', id: 3 } }))).toMatchObject({
      kind: 'change',
      ids: [3],
    })
  })

  it('knows no project when none is named but the type has projects: it may be retired', () => {
    expect(only(event('Shotgun_Shot_Change', { project: null }))).not.toHaveProperty('project')
  })

  it('takes both rows when the name and the entity of an event are of different types', () => {
    expect(
      changes(event('Shotgun_Shot_Change', { entity: { type: 'Asset', id: 3 } })).map((change) => [
        change.type,
        change.ids,
      ]),
    ).toEqual([
      ['Shot', 'any'],
      ['Asset', [3]],
    ])
  })
})
