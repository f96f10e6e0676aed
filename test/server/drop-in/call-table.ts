/**
 * Calls by name: what scripts, Toolkit and desktop applications send. Rows are meant by their place in the simulated
 * studio (seed 1), which both sites of a comparison share.
 */
import type { PythonClient } from '../../support/python-client.ts'
import type { Table } from '../../support/python-wire.ts'

export interface NamedCall {
  readonly name: string
  readonly run: (client: PythonClient) => Promise<unknown>
  /** What the second time is: answered from cache, or sent to the site once more. */
  readonly warm: 'hit' | 'pass' | 'fault'
}

const project = { type: 'Project', id: 1 }
const shot = { type: 'Shot', id: 2 }
const person = { type: 'HumanUser', id: 3 }
const inProject = ['project', 'is', project]
const taskFields = ['content', 'entity', 'step', 'sg_status_list', 'task_assignees', 'project']

const find = (name: string, ...[type, filters, fields, options]: Parameters<PythonClient['find']>): NamedCall => ({
  name: `find ${name}`,
  warm: 'hit',
  run: (client) => client.find(type, filters, fields, options),
})

const findOne = (name: string, ...args: Parameters<PythonClient['findOne']>): NamedCall => ({
  name: `find_one ${name}`,
  warm: 'hit',
  run: (client) => client.findOne(...args),
})

/** The answer is right, and the site is asked each time. */
const passed = (call: NamedCall): NamedCall => ({ ...call, warm: 'pass' })
const faulty = (call: NamedCall): NamedCall => ({ ...call, warm: 'fault' })

const summarize = (name: string, ...args: Parameters<PythonClient['summarize']>): NamedCall => ({
  name: `summarize ${name}`,
  warm: 'hit',
  run: (client) => client.summarize(...args),
})

const call = (name: string, method: string, args: unknown, warm: NamedCall['warm'] = 'pass'): NamedCall => ({
  name,
  warm,
  run: (client) => client.call(method, args),
})

const read = (more: Table): Table => ({
  type: 'Shot',
  return_fields: ['code'],
  filters: { logical_operator: 'and', conditions: [] },
  return_only: 'active',
  paging: { entities_per_page: 3, current_page: 1 },
  api_return_image_urls: true,
  return_paging_info_without_counts: false,
  ...more,
})

const contexts: readonly NamedCall[] = [
  findOne('project by id', 'Project', [['id', 'is', 1]], ['name', 'tank_name', 'archived', 'sg_status']),
  findOne('project by name', 'Project', [['name', 'is', 'Northwind']], ['id']),
  find(
    'projects that are live',
    'Project',
    [
      ['archived', 'is', false],
      ['is_template', 'is', false],
    ],
    ['name', 'tank_name'],
  ),
  passed(find('projects by last access', 'Project', [], ['name', 'last_accessed_by_current_user'])),
  findOne('person by login', 'HumanUser', [['login', 'is', 'ivy']], ['name', 'login', 'email']),
  find('people who are active', 'HumanUser', [['sg_status_list', 'is', 'act']], ['name', 'department', 'groups']),
  find('pipeline configurations', 'PipelineConfiguration', [inProject], ['code', 'linux_path', 'users', 'plugin_ids']),
  find('local storages', 'LocalStorage', [], ['code', 'linux_path', 'mac_path', 'windows_path']),
  find('file types', 'PublishedFileType', [], ['code', 'short_name']),
  find('steps', 'Step', [], ['code', 'short_name', 'entity_type', 'list_order', 'color', 'department']),
  find('steps in order', 'Step', [['entity_type', 'is', 'Shot']], ['code'], { order: [{ field_name: 'list_order' }] }),
  find('statuses', 'Status', [], ['code', 'name', 'icon']),
  find('software', 'Software', [['sg_status_list', 'is', 'act']], ['code', 'engine', 'version_names', 'projects']),
  findOne('task with context', 'Task', [['id', 'is', 10]], taskFields),
  findOne(
    'shot with context',
    'Shot',
    [['id', 'is', 2]],
    ['code', 'project', 'sg_sequence', 'sg_sequence.Sequence.episode'],
  ),
  findOne('asset with context', 'Asset', [['id', 'is', 2]], ['code', 'project', 'sg_asset_type']),
  find('tasks of a shot', 'Task', [['entity', 'is', shot]], taskFields),
  find('tasks of a person', 'Task', [['task_assignees', 'is', person], inProject], taskFields),
  find(
    'tasks of several people',
    'Task',
    [['task_assignees', 'in', [person, { type: 'HumanUser', id: 4 }]]],
    taskFields,
  ),
  find('tasks of any asset', 'Task', [['entity', 'type_is', 'Asset'], inProject], taskFields, { limit: 40 }),
  find('tasks by step', 'Task', [['step', 'is', { type: 'Step', id: 2 }], inProject], taskFields),
  find('tasks by name of entity', 'Task', [['entity', 'name_contains', 'sh00'], inProject], ['content', 'entity']),
  find('filesystem locations', 'FilesystemLocation', [inProject], ['code', 'entity', 'path', 'is_primary']),
]

const lists: readonly NamedCall[] = [
  find('every shot of a project', 'Shot', [inProject], ['code', 'sg_sequence', 'sg_status_list', 'assets', 'tasks']),
  find('every asset of a project', 'Asset', [inProject], ['code', 'sg_asset_type', 'shots', 'tags']),
  find('every sequence of a project', 'Sequence', [inProject], ['code', 'shots', 'episode']),
  find('every task of a project', 'Task', [inProject], [...taskFields, 'start_date', 'due_date']),
  find('everything there is of a type', 'Tag', [], ['name']),
  find('without fields', 'Shot', [inProject]),
  find('with one field twice', 'Shot', [['id', 'is', 3]], ['code', 'code', 'id']),
  find('with an unknown field', 'Shot', [['id', 'is', 3]], ['code', 'sg_nothing']),
  find('retired shots', 'Shot', [], ['code'], { retiredOnly: true }),
  find('without archived projects', 'Shot', [], ['code'], { limit: 20, includeArchivedProjects: false }),
  find('a first page', 'Shot', [], ['code'], { page: 1, limit: 7 }),
  find('a second page', 'Shot', [], ['code'], { page: 2, limit: 7 }),
  find('a page beyond the end', 'Shot', [], ['code'], { page: 900, limit: 7 }),
  find('more than a page, cut', 'Task', [], ['content'], { limit: 501 }),
  find(
    'any of several conditions',
    'Shot',
    [
      ['sg_status_list', 'is', 'ip'],
      ['sg_is_hero', 'is', true],
    ],
    ['code'],
    {
      filterOperator: 'any',
    },
  ),
  find(
    'nested groups',
    'Shot',
    [
      inProject,
      {
        filter_operator: 'any',
        filters: [
          ['sg_status_list', 'is', 'ip'],
          {
            filter_operator: 'all',
            filters: [
              ['sg_cut_order', 'between', 1, 9],
              ['code', 'contains', 'sq'],
            ],
          },
        ],
      },
    ],
    ['code', 'sg_cut_order'],
  ),
  find('an empty group', 'Sequence', [{ filter_operator: 'any', filters: [] }], ['code']),
  find('ordered twice', 'Shot', [inProject], ['code'], {
    order: [{ field_name: 'sg_status_list', direction: 'desc' }, { field_name: 'code' }],
    limit: 12,
  }),
  find('ordered by a far field', 'Shot', [inProject], ['code'], {
    order: [{ field_name: 'sg_sequence.Sequence.code' }],
    limit: 9,
  }),
  find('ordered by nothing there is', 'Shot', [inProject], ['code'], {
    order: [{ field_name: 'sg_nothing' }],
    limit: 9,
  }),
  find('the newest', 'Version', [inProject], ['code', 'created_at'], {
    order: [{ field_name: 'created_at', direction: 'desc' }],
    limit: 5,
  }),
]

const text = ['is', 'is_not', 'contains', 'not_contains', 'starts_with', 'ends_with'].map((relation) =>
  find(`text ${relation}`, 'Shot', [['code', relation, 'nort_sq010_sh0020']], ['code'], { limit: 9 }),
)
const number = ['is', 'is_not', 'greater_than', 'less_than'].map((relation) =>
  find(`number ${relation}`, 'Shot', [['sg_cut_order', relation, 3]], ['code', 'sg_cut_order'], { limit: 9 }),
)
const dates = ['is', 'is_not', 'greater_than', 'less_than'].map((relation) =>
  find(`date ${relation}`, 'Task', [['due_date', relation, '2026-01-12']], ['due_date'], { limit: 9 }),
)
const relative = [
  ['in_last', 7, 'DAY'],
  ['not_in_last', 2, 'WEEK'],
  ['in_next', 1, 'MONTH'],
  ['not_in_next', 4, 'HOUR'],
  ['in_calendar_day', 0],
  ['in_calendar_week', -1],
  ['in_calendar_month', 1],
  ['in_calendar_year', 0],
].map((condition) =>
  find(`date ${condition.join(' ')}`, 'Task', [['due_date', ...condition]], ['due_date'], { limit: 9 }),
)
const links = [
  ['is', shot],
  ['is_not', shot],
  ['in', [shot, { type: 'Asset', id: 2 }]],
  ['not_in', [shot]],
  ['is', null],
  ['type_is', 'Shot'],
  ['type_is_not', 'Shot'],
  ['name_is', 'nort_sq010_sh0020'],
  ['name_contains', 'sh00'],
  ['name_not_contains', 'sh00'],
].map((condition) =>
  find(
    `link ${String(condition[0])} ${JSON.stringify(condition[1])}`,
    'Version',
    [['entity', ...condition]],
    ['code', 'entity'],
    {
      limit: 9,
    },
  ),
)
const linkLists = [
  ['is', person],
  ['is_not', person],
  ['in', [person]],
  ['not_in', [person]],
  ['is', null],
  ['name_contains', 'a'],
].map((condition) =>
  find(
    `link list ${String(condition[0])} ${JSON.stringify(condition[1])}`,
    'Task',
    [['task_assignees', ...condition]],
    ['content'],
    {
      limit: 9,
    },
  ),
)

const values: readonly NamedCall[] = [
  find('text in a list', 'Shot', [['code', 'in', ['nort_sq010_sh0020', 'x']]], ['code']),
  find('text not in a list', 'Shot', [['code', 'not_in', 'a', 'b']], ['code'], { limit: 3 }),
  find('no value', 'Shot', [['description', 'is', null]], ['code'], { limit: 3 }),
  find('ids', 'Shot', [['id', 'in', [5, 3, 4, 99999]]], ['code']),
  find('ids, one by one', 'Shot', [['id', 'in', 5, 3]], ['code']),
  find('status in', 'Shot', [['sg_status_list', 'in', ['ip', 'rev']]], ['code'], { limit: 9 }),
  find('status not in', 'Shot', [['sg_status_list', 'not_in', ['ip']]], ['code'], { limit: 9 }),
  find('checkbox', 'Shot', [['sg_is_hero', 'is', true]], ['code']),
  find('number between', 'Shot', [['sg_cut_order', 'between', 2, 5]], ['code']),
  find('date between', 'Task', [['due_date', 'between', '2026-01-01', '2026-01-20']], ['content'], { limit: 9 }),
  find('far text', 'Task', [['entity.Shot.code', 'starts_with', 'nort']], ['content', 'entity.Shot.code'], {
    limit: 9,
  }),
  find('far link', 'Task', [['entity.Shot.sg_sequence', 'is', { type: 'Sequence', id: 1 }]], ['content'], { limit: 9 }),
  find(
    'two hops away',
    'Version',
    [['sg_task.Task.step.Step.code', 'is', 'comp']],
    ['code', 'sg_task.Task.step.Step.code'],
    { limit: 9 },
  ),
  find('through a list of links', 'Shot', [['assets.Asset.sg_asset_type', 'is', 'Character']], ['code'], { limit: 9 }),
  find(
    'a whole row in a filter',
    'Task',
    [['entity', 'is', { ...shot, name: 'x', code: 'y', sg_status_list: 'ip' }]],
    ['content'],
  ),
  find(
    'every kind of value',
    'Shot',
    [['id', 'is', 2]],
    'sg_complexity sg_bid sg_progress sg_timecode_in sg_length sg_delivery_date sg_turnover_at color tag_list created_by updated_at image'.split(
      ' ',
    ),
  ),
  find('computed values', 'Shot', [['id', 'is', 2]], ['open_notes_count', 'smart_cut_summary']),
  find('files', 'PublishedFile', [inProject], ['code', 'path', 'path_cache', 'version_number', 'image'], { limit: 9 }),
  find(
    'files of a task, newest first',
    'PublishedFile',
    [['task', 'is', { type: 'Task', id: 10 }]],
    ['code', 'version_number'],
    {
      order: [{ field_name: 'version_number', direction: 'desc' }],
    },
  ),
  find('movies', 'Version', [inProject], ['code', 'sg_uploaded_movie', 'image'], { limit: 4 }),
  find('a playlist and its versions', 'Playlist', [inProject], ['code', 'versions', 'notes']),
  find(
    'notes and their links',
    'Note',
    [inProject],
    ['subject', 'content', 'note_links', 'addressings_to', 'replies', 'attachments'],
  ),
  passed(find('notes I have read', 'Note', [inProject], ['subject', 'read_by_current_user'])),
  find('replies', 'Reply', [], ['content', 'entity', 'user']),
  find('templates', 'TaskTemplate', [['entity_type', 'is', 'Shot']], ['code', 'tasks']),
  passed(
    find(
      'dependencies',
      'TaskDependency',
      [['task', 'is', { type: 'Task', id: 10 }]],
      ['task', 'dependent_task', 'offset_days'],
    ),
  ),
  passed(find('connections', 'PlaylistVersionConnection', [], ['playlist', 'version', 'sg_sort_order'])),
  passed(
    find(
      'events',
      'EventLogEntry',
      [['event_type', 'in', ['Shotgun_Shot_Change', 'Toolkit_Folders_Create']]],
      ['meta', 'created_at'],
      { limit: 9 },
    ),
  ),
  passed(
    find('the newest event', 'EventLogEntry', [], ['id'], {
      order: [{ field_name: 'id', direction: 'desc' }],
      limit: 1,
    }),
  ),
  passed(
    find('the latest versions', 'Version', [], ['code'], {
      presets: [{ preset_name: 'LATEST', latest_by: 'ENTITIES_CREATED_AT' }],
      limit: 9,
    }),
  ),
]

const summaries: readonly NamedCall[] = [
  summarize('a count', 'Task', [inProject], [{ field: 'id', type: 'count' }]),
  summarize(
    'several figures',
    'Task',
    [inProject],
    [
      { field: 'id', type: 'record_count' },
      { field: 'due_date', type: 'latest' },
      { field: 'duration', type: 'sum' },
    ],
  ),
  summarize(
    'by status',
    'Task',
    [inProject],
    [{ field: 'id', type: 'count' }],
    [{ field: 'sg_status_list', type: 'exact', direction: 'asc' }],
  ),
  summarize(
    'by entity, then status',
    'Task',
    [inProject],
    [{ field: 'id', type: 'count' }],
    [
      { field: 'entity', type: 'exact', direction: 'asc' },
      { field: 'sg_status_list', type: 'exact', direction: 'desc' },
    ],
  ),
  summarize(
    'by month',
    'Task',
    [],
    [{ field: 'id', type: 'count' }],
    [{ field: 'due_date', type: 'month', direction: 'asc' }],
  ),
  summarize(
    'by letter',
    'Shot',
    [],
    [{ field: 'id', type: 'count' }],
    [{ field: 'code', type: 'firstletter', direction: 'asc' }],
  ),
  summarize('without archived projects', 'Shot', [], [{ field: 'sg_cut_order', type: 'maximum' }], undefined, false),
]

const site: readonly NamedCall[] = [
  { name: 'info', warm: 'hit', run: (client) => client.info() },
  { name: 'schema_read', warm: 'hit', run: (client) => client.schemaRead() },
  { name: 'schema_read of a project', warm: 'hit', run: (client) => client.schemaRead(project) },
  { name: 'schema_entity_read', warm: 'hit', run: (client) => client.schemaEntityRead() },
  { name: 'schema_entity_read of a project', warm: 'hit', run: (client) => client.schemaEntityRead(project) },
  { name: 'schema_field_read', warm: 'hit', run: (client) => client.schemaFieldRead('Shot') },
  { name: 'schema_field_read of one', warm: 'hit', run: (client) => client.schemaFieldRead('Shot', 'sg_status_list') },
  {
    name: 'schema_field_read of one in a project',
    warm: 'hit',
    run: (client) => client.schemaFieldRead('Task', 'step', project),
  },
  faulty({ name: 'schema_field_read of no type', warm: 'hit', run: (client) => client.schemaFieldRead('Nothing') }),
]

const passes: readonly NamedCall[] = [
  call('text_search', 'query_display_name_cache', {
    text: 'nort',
    entity_types: { Shot: { logical_operator: 'and', conditions: [] } },
    project_ids: [],
    max_results: null,
  }),
  call('activity_stream_read', 'activity_stream', {
    type: 'Shot',
    id: 2,
    entity_fields: {},
    min_id: null,
    max_id: null,
    limit: 5,
  }),
  call('note_thread_read', 'note_thread_contents', { note_id: 1, entity_fields: {} }),
  call('followers', 'followers', { entity: shot }),
  call('following', 'following', { user: person }),
  call('preferences_read', 'preferences_read', { prefs: ['hours_per_day'] }),
  call('work_schedule_read', 'work_schedule_read', {
    start_date: '2026-01-01',
    end_date: '2026-01-05',
    project: null,
    user: null,
  }),
  call('get_session_token', 'get_session_token', undefined),
  call('nav_expand', 'nav_expand', { path: '/', seed_entity_field: null, entity_fields: null }, 'fault'),
  call('work_schedule_read of a project', 'work_schedule_read', {
    start_date: '2026-01-12',
    end_date: '2026-01-18',
    project,
    user: null,
  }),
  call('work_schedule_read of a person', 'work_schedule_read', {
    start_date: '2026-01-12',
    end_date: '2026-01-18',
    project: null,
    user: person,
  }),
  call('work_schedule_read without days', 'work_schedule_read', { project }, 'fault'),
  call('preferences_read, all', 'preferences_read', { prefs: [] }),
  call('export_page', 'export_page', { page_id: 1, format: 'csv', layout_name: null }),
  call('export_page of no page', 'export_page', { page_id: 77, format: 'csv', layout_name: null }, 'fault'),
  call('export_page without a format', 'export_page', { page_id: 1, format: null, layout_name: 'x' }, 'fault'),
  call('user_subscriptions_read', 'user_subscriptions_read', undefined),
  call('a method nobody has heard of', 'sing_a_song', { loudly: true }, 'fault'),
  { name: 'authenticate_human_user', warm: 'hit', run: (client) => client.authenticateHumanUser('ivy', 'sandbox') },
  {
    name: 'authenticate_human_user with a wrong password',
    warm: 'fault',
    run: (client) => client.authenticateHumanUser('ivy', 'no'),
  },
]

const odd: readonly NamedCall[] = [
  call(
    'read with totals, as old clients ask',
    'read',
    read({ return_paging_info: true, return_paging_info_without_counts: undefined }),
    'hit',
  ),
  call('read without image addresses', 'read', read({ api_return_image_urls: undefined }), 'hit'),
  call('read with an argument nobody has heard of', 'read', read({ colour: 'green' })),
  call('read without paging', 'read', read({ paging: undefined }), 'pass'),
  call('read of no type', 'read', read({ type: 'Nothing' }), 'fault'),
  call(
    'read with a filter on no field',
    'read',
    read({ filters: { logical_operator: 'and', conditions: [{ path: 'sg_nothing', relation: 'is', values: [1] }] } }),
    'fault',
  ),
  call(
    'read with a wrong operator',
    'read',
    read({
      filters: { logical_operator: 'and', conditions: [{ path: 'code', relation: 'between', values: ['a', 'b'] }] },
    }),
    'fault',
  ),
  call(
    'read with a group in capitals',
    'read',
    read({ filters: { logical_operator: 'AND', conditions: [] } }),
    'fault',
  ),
  call(
    'read with no ids',
    'read',
    read({ filters: { logical_operator: 'and', conditions: [{ path: 'id', relation: 'in', values: [] }] } }),
    'fault',
  ),
  call(
    'summarize without summaries',
    'summarize',
    { type: 'Task', filters: { logical_operator: 'and', conditions: [] } },
    'fault',
  ),
]

export const readTable: readonly NamedCall[] = [
  ...contexts,
  ...lists,
  ...text,
  ...number,
  ...dates,
  ...relative,
  ...links,
  ...linkLists,
  ...values,
  ...summaries,
  ...site,
  ...passes,
  ...odd,
]

const write = (name: string, run: NamedCall['run'], warm: NamedCall['warm'] = 'pass'): NamedCall => ({
  name,
  run,
  warm,
})

const schedule = (more: Table): Table => ({
  description: null,
  project: null,
  user: null,
  recalculate_field: null,
  ...more,
})

/** In this order, on both sites. */
export const writeTable: readonly NamedCall[] = [
  write('create a shot', (client) =>
    client.create('Shot', { code: ' new_shot ', project, sg_status_list: 'ip' }, ['sg_sequence', 'created_by']),
  ),
  write('create a shot from a template', (client) =>
    client.create('Shot', { code: 'templated', project, task_template: { type: 'TaskTemplate', id: 1 } }, ['tasks']),
  ),
  write('create a task', (client) =>
    client.create('Task', { content: 'roto', project, entity: shot, start_date: '2026-02-02', due_date: '2026-02-05' }),
  ),
  write('create a version', (client) =>
    client.create('Version', { code: 'v001', project, entity: shot, description: 'a <b> & c' }),
  ),
  write('create a published file', (client) =>
    client.create('PublishedFile', { code: 'f.ma', project, entity: shot, path: { local_path: '/mnt/shows/x/f.ma' } }),
  ),
  write('create an event', (client) =>
    client.create('EventLogEntry', { event_type: 'Toolkit_Folders_Create', project, meta: { a: 1 } }),
  ),
  write('create without what is required', (client) => client.create('Shot', { project }), 'fault'),
  write('update a status', (client) => client.update('Shot', 2, { sg_status_list: 'fin' })),
  write('update a link', (client) => client.update('Task', 10, { entity: { type: 'Shot', id: 3 } })),
  write('update a list', (client) => client.update('Shot', 2, { assets: [{ type: 'Asset', id: 2 }] })),
  write('add to a list', (client) =>
    client.update('Shot', 2, { assets: [{ type: 'Asset', id: 3 }] }, { assets: 'add' }),
  ),
  write('remove from a list', (client) =>
    client.update('Shot', 2, { assets: [{ type: 'Asset', id: 2 }] }, { assets: 'remove' }),
  ),
  write('update a date', (client) => client.update('Task', 11, { due_date: '2026-03-03' })),
  write('update nothing there is', (client) => client.update('Shot', 999999, { code: 'x' }), 'fault'),
  write(
    'update a field that cannot be',
    (client) => client.update('Shot', 2, { created_at: '2026-01-01T00:00:00Z' }),
    'fault',
  ),
  write('delete', (client) => client.delete('Shot', 4)),
  write('delete again', (client) => client.delete('Shot', 4)),
  write('revive', (client) => client.revive('Shot', 4)),
  write('a batch', (client) =>
    client.batch([
      { request_type: 'create', entity_type: 'Shot', data: { code: 'batched', project } },
      { request_type: 'update', entity_type: 'Shot', entity_id: 5, data: { sg_cut_order: 77 } },
      { request_type: 'delete', entity_type: 'Shot', entity_id: 6 },
    ]),
  ),
  write(
    'a batch that fails',
    (client) =>
      client.batch([
        { request_type: 'update', entity_type: 'Shot', entity_id: 5, data: { sg_cut_order: 78 } },
        { request_type: 'update', entity_type: 'Shot', entity_id: 999999, data: { code: 'x' } },
      ]),
    'fault',
  ),
  write('follow', (client) => client.call('follow', { user: person, entity: shot })),
  write('unfollow', (client) => client.call('unfollow', { user: person, entity: shot })),
  write('touch a project', (client) => client.call('update_project_last_accessed_by_current_user', { project_id: 1 })),
  write('work_schedule_update', (client) =>
    client.call('work_schedule_update', schedule({ date: '2026-01-14', working: false, description: 'a holiday' })),
  ),
  write('work_schedule_update of a project, which moves what is due', (client) =>
    client.call(
      'work_schedule_update',
      schedule({ date: '2026-01-15', working: false, project, recalculate_field: 'due_date' }),
    ),
  ),
  write('work_schedule_update of a person', (client) =>
    client.call('work_schedule_update', schedule({ date: '2026-01-16', working: false, user: person })),
  ),
  write('work_schedule_update without a day', (client) => client.call('work_schedule_update', schedule({})), 'fault'),
  write('user_subscriptions_create', (client) =>
    client.call('user_subscriptions_create', { users: [{ humanUserId: 3, subscription: 'standard' }] }),
  ),
  write('make a field', (client) =>
    client.call('schema_field_create', {
      type: 'Shot',
      data_type: 'text',
      properties: [{ property_name: 'name', value: 'Mood' }],
    }),
  ),
  write('change a field', (client) =>
    client.call('schema_field_update', {
      type: 'Shot',
      field_name: 'sg_mood',
      properties: [{ property_name: 'name', value: 'Moods' }],
    }),
  ),
  write('delete a field', (client) => client.call('schema_field_delete', { type: 'Shot', field_name: 'sg_mood' })),
]
