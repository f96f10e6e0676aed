import { describe, expect, it } from 'vitest'
import type { ChangeRecord } from '../../src/cache/change.ts'
import { changesOfWrite, doubtsOfWrite } from '../../src/freshness/changes-of-writes.ts'
import { Schema, type WireField } from '../../src/shotgrid/schema.ts'

const field = (dataType: string, ...validTypes: string[]): WireField => ({
  data_type: { value: dataType, editable: true },
  properties: { valid_types: { value: validTypes } },
})

const schema = new Schema({
  Project: { name: field('text'), users: field('multi_entity', 'HumanUser'), archived: field('checkbox') },
  Shot: {
    code: field('text'),
    project: field('entity', 'Project'),
    sg_status_list: field('status_list'),
    sg_cut_order: field('number'),
    image: field('image'),
    task_template: field('entity', 'TaskTemplate'),
    sg_sequence: field('entity', 'Sequence'),
    assets: field('multi_entity', 'Asset'),
    tasks: field('multi_entity', 'Task'),
  },
  Sequence: { code: field('text'), shots: field('multi_entity', 'Shot') },
  Asset: { code: field('text'), shots: field('multi_entity', 'Shot') },
  AssetShotConnection: { asset: field('entity', 'Asset'), shot: field('entity', 'Shot') },
  Task: {
    content: field('text'),
    entity: field('entity', 'Shot', 'Asset'),
    start_date: field('date'),
    due_date: field('date'),
    sg_status_list: field('status_list'),
    task_assignees: field('multi_entity', 'HumanUser'),
    upstream_tasks: field('multi_entity', 'Task'),
    downstream_tasks: field('multi_entity', 'Task'),
  },
  TaskDependency: { task: field('entity', 'Task'), dependent_task: field('entity', 'Task') },
  TaskTemplate: { code: field('text') },
  Version: { code: field('text'), entity: field('entity', 'Shot'), sg_uploaded_movie: field('url') },
  Note: { subject: field('text'), user: field('entity', 'HumanUser'), replies: field('multi_entity', 'Reply') },
  Reply: { content: field('text'), entity: field('entity', 'Note') },
  Attachment: { filename: field('text') },
  HumanUser: { name: field('text'), notes: field('multi_entity', 'Note') },
})

const set = (name: string, value: unknown, mode?: string) => ({
  field_name: name,
  value,
  ...(mode && { multi_entity_update_mode: mode }),
})

function update(type: string, id: number, fields: readonly object[], returned: object = {}): readonly ChangeRecord[] {
  const results = { type, id, ...returned }
  return changesOfWrite({ method: 'update', args: { type, id, fields } }, results, schema)
}

function create(type: string, fields: readonly object[], returned: object): readonly ChangeRecord[] {
  return changesOfWrite({ method: 'create', args: { type, fields } }, { type, id: 7, ...returned }, schema)
}

/** Whether some change says that the field of the row may have changed. */
function tells(changes: readonly ChangeRecord[], type: string, name: string, id?: number): boolean {
  return changes.some(
    (change) =>
      (change.kind === 'flush' && (change.type === type || change.type === '*')) ||
      (change.kind === 'change' &&
        change.type === type &&
        (change.field === name || change.field === 'any') &&
        (change.ids === 'any' || (id !== undefined && change.ids.includes(id)))),
  )
}

const kinds = (changes: readonly ChangeRecord[]) => changes.map(({ kind, type }) => `${kind} ${type}`)

describe('an update', () => {
  it('is a change of each field, with the value that came back and none before', () => {
    const [change, ...others] = update('Shot', 5, [set('sg_status_list', 'ip')], { sg_status_list: 'ip' })
    expect(change).toEqual({
      source: 'write',
      kind: 'change',
      type: 'Shot',
      ids: [5],
      field: 'sg_status_list',
      new: 'ip',
    })
    expect(others).toEqual([])
  })

  it('knows a text as the site has trimmed it', () => {
    expect(update('Shot', 5, [set('code', ' a ')], { code: 'a' })[0]).toMatchObject({ new: 'a' })
    expect(update('Shot', 5, [set('code', '')], { code: null })[0]).toMatchObject({ new: null })
  })

  it.each([
    ['that came back otherwise', set('code', 'a'), { code: 'b' }],
    ['that did not come back', set('code', 'a'), {}],
    ['that the site escapes', set('code', 'a<b'), { code: 'a&lt;b' }],
    ['of a field of which nothing is known', set('sg_secret', 1), { sg_secret: 1 }],
  ])('does not know a value %s', (_, sent, returned) => {
    expect(update('Shot', 5, [sent], returned)[0]).not.toHaveProperty('new')
  })

  it('tells what came to a list and what went', () => {
    const asset = { type: 'Asset', id: 9 }
    expect(update('Shot', 5, [set('assets', [asset], 'add')])[0]).toMatchObject({ added: [asset], removed: [] })
    expect(update('Shot', 5, [set('assets', [asset], 'remove')])[0]).toMatchObject({ added: [], removed: [asset] })
  })

  it('of a whole list does not tell who left it', () => {
    const asset = { type: 'Asset', id: 9 }
    const [change] = update('Shot', 5, [set('assets', [asset])], { assets: [asset] })
    expect(change).not.toHaveProperty('removed')
    expect(change).not.toHaveProperty('new')
  })

  it('reaches the other side of a link, of whatever row it was before', () => {
    const shot = { type: 'Shot', id: 5 }
    const changes = update('Task', 1, [set('entity', shot)], { entity: { ...shot, name: 'sh010' } })
    expect(changes[0]).toMatchObject({ new: { type: 'Shot', id: 5 } })
    expect(tells(changes, 'Shot', 'tasks')).toBe(true)
  })

  it('of a list takes its rows out of the lists of others', () => {
    const changes = update('Sequence', 2, [set('shots', [{ type: 'Shot', id: 5 }], 'add')])
    expect(tells(changes, 'Sequence', 'shots')).toBe(true)
    expect(tells(changes, 'Shot', 'sg_sequence', 5)).toBe(true)
  })

  it('of a list that is stored in rows of its own flushes those', () => {
    const changes = update('Shot', 5, [set('assets', [], 'add')])
    expect(kinds(changes)).toContain('flush AssetShotConnection')
  })

  it('of a date may move the dates of every task', () => {
    const changes = update('Task', 1, [set('due_date', '2026-03-01')], { due_date: '2026-03-01' })
    for (const name of ['start_date', 'due_date', 'duration', 'pinned', 'dependency_violation']) {
      expect(tells(changes, 'Task', name)).toBe(true)
    }
    expect(changes[0]).not.toHaveProperty('new')
  })

  it('of a status moves no dates', () => {
    const changes = update('Task', 1, [set('sg_status_list', 'fin')], { sg_status_list: 'fin' })
    expect(tells(changes, 'Task', 'start_date')).toBe(false)
  })

  it('that gives a template makes tasks', () => {
    const changes = update('Shot', 5, [set('task_template', { type: 'TaskTemplate', id: 1 })])
    expect(kinds(changes)).toEqual(expect.arrayContaining(['flush Task', 'flush TaskDependency']))
  })

  it('of a file makes an attachment', () => {
    expect(kinds(update('Version', 3, [set('sg_uploaded_movie', { url: 'http://x' })]))).toContain('flush Attachment')
  })

  it('of who is in a project is a change of access', () => {
    expect(kinds(update('Project', 1, [set('users', [])]))).toContain('access *')
  })

  it('of the replies of a note may retire replies', () => {
    expect(kinds(update('Note', 1, [set('replies', [])]))).toContain('retire Reply')
  })
})

describe('a create', () => {
  it('carries the values that are certain', () => {
    const project = { type: 'Project', id: 1 }
    const [change] = create('Shot', [set('code', ' sh '), set('project', project)], {
      code: 'sh',
      project: { ...project, name: 'Show' },
    })
    expect(change).toMatchObject({ kind: 'create', type: 'Shot', ids: [7] })
    expect(change?.values).toEqual({ code: 'sh', project: { ...project, name: 'Show' } })
  })

  it('is answered with a list of one by some sites', () => {
    const write = { method: 'create', args: { type: 'Shot', fields: [] } }
    expect(changesOfWrite(write, [{ type: 'Shot', id: 8 }], schema)[0]).toMatchObject({ ids: [8] })
  })

  it('tells of a link whose value is not certain by a change of its own', () => {
    const changes = create('Task', [set('entity', { type: 'Shot', id: 5 })], {})
    expect(tells(changes, 'Task', 'entity', 7)).toBe(true)
    expect(tells(changes, 'Shot', 'tasks')).toBe(true)
  })

  it('does not take an empty list in the reply for the truth about rows made along with it', () => {
    const sent = [set('tasks', []), set('task_template', { type: 'TaskTemplate', id: 1 })]
    expect(kinds(create('Shot', sent, { tasks: [] }))).toContain('flush Task')
  })

  it('does not claim dates, which the site works out after its reply', () => {
    const changes = create('Task', [set('start_date', '2026-03-01')], { start_date: '2026-03-01' })
    expect(changes[0]?.values).toEqual({})
  })

  it('may have been given a maker that nobody named, whose lists show it', () => {
    expect(tells(create('Note', [set('subject', 'x')], { subject: 'x' }), 'HumanUser', 'notes')).toBe(true)
  })

  it('of a dependency changes the lists of tasks', () => {
    const changes = create('TaskDependency', [], {})
    expect(tells(changes, 'Task', 'upstream_tasks')).toBe(true)
    expect(tells(changes, 'Task', 'start_date')).toBe(true)
  })
})

describe('a delete', () => {
  const write = (method: string, type: string, results: unknown) =>
    kinds(changesOfWrite({ method, args: { type, id: 5 } }, results, schema))

  it('retires the row and what goes with it', () => {
    expect(write('delete', 'Shot', true)).toEqual(['retire Shot', 'retire Version'])
    expect(write('revive', 'Shot', true)).toEqual(['revive Shot', 'revive Version'])
    expect(write('delete', 'Task', true)).toContain('retire TaskDependency')
  })

  it('of what is deleted already is nothing', () => {
    expect(write('delete', 'Shot', false)).toEqual([])
  })

  it('of a project may take everything along', () => {
    expect(write('delete', 'Project', true)).toContain('flush *')
  })
})

describe('other writes', () => {
  it('in a batch are the changes of its parts', () => {
    const args = [
      { request_type: 'create', type: 'Shot', fields: [set('code', 'a')] },
      { request_type: 'update', type: 'Shot', id: 5, fields: [set('code', 'b')] },
      { request_type: 'delete', type: 'Sequence', id: 2 },
    ]
    const results = [{ type: 'Shot', id: 9, code: 'a' }, { type: 'Shot', id: 5, code: 'b' }, true]
    const changes = changesOfWrite({ method: 'batch', args }, results, schema)
    expect(changes[0]).toMatchObject({ kind: 'create', ids: [9], values: { code: 'a' } })
    expect(changes[1]).toMatchObject({ kind: 'change', ids: [5], new: 'b' })
    expect(kinds(changes)).toEqual(expect.arrayContaining(['retire Sequence']))
  })

  it('of the schema concern everything', () => {
    for (const method of ['schema_field_create', 'schema_field_update', 'schema_field_delete']) {
      expect(kinds(changesOfWrite({ method, args: { type: 'Shot' } }, true, schema))).toEqual(['schema *'])
    }
  })

  it('of the working days move tasks', () => {
    expect(tells(changesOfWrite({ method: 'work_schedule_update', args: {} }, {}, schema), 'Task', 'due_date')).toBe(
      true,
    )
  })

  it('of who follows what say so on both sides', () => {
    const args = { user: { type: 'HumanUser', id: 1 }, entity: { type: 'Shot', id: 5 } }
    const changes = changesOfWrite({ method: 'follow', args }, {}, schema)
    expect(tells(changes, 'Shot', 'followers', 5)).toBe(true)
    expect(tells(changes, 'HumanUser', 'following', 1)).toBe(true)
  })

  it('of one person’s own state change nothing that is cached', () => {
    const write = { method: 'update_project_last_accessed_by_current_user', args: { project_id: 1 } }
    expect(changesOfWrite(write, [], schema)).toEqual([])
  })

  it.each([
    ['a method that nobody has heard of', { method: 'nav_rename', args: {} }],
    ['an update without an id', { method: 'update', args: { type: 'Shot', fields: [] } }],
    ['a create whose fields are no list', { method: 'create', args: { type: 'Shot', fields: {} } }],
    ['a batch that is no list', { method: 'batch', args: {} }],
    ['a name of every object', { method: 'constructor', args: {} }],
  ])('may have changed anything: %s', (_, write) => {
    expect(kinds(changesOfWrite(write, true, schema))).toEqual(['flush *'])
  })

  it('may have changed anything while the schema is not known', () => {
    expect(kinds(changesOfWrite({ method: 'update', args: {} }, {}, undefined))).toEqual(['flush *'])
  })
})

describe('a write of unknown outcome', () => {
  it('is the same changes without values', () => {
    const args = { type: 'Shot', id: 5, fields: [set('code', 'a'), set('assets', [{ type: 'Asset', id: 9 }], 'add')] }
    const doubts = doubtsOfWrite({ method: 'update', args }, schema)
    expect(tells(doubts, 'Shot', 'code', 5)).toBe(true)
    expect(tells(doubts, 'Asset', 'shots')).toBe(true)
    for (const doubt of doubts.filter(({ type }) => type === 'Shot')) {
      expect(doubt).not.toHaveProperty('new')
      expect(doubt).not.toHaveProperty('added')
    }
  })

  it('may have made a row with any id and any links', () => {
    const args = { type: 'Task', fields: [set('entity', { type: 'Shot', id: 5 })] }
    const [doubt, ...others] = doubtsOfWrite({ method: 'create', args }, schema)
    expect(doubt).toMatchObject({ kind: 'create', ids: 'any' })
    expect(doubt).not.toHaveProperty('values')
    expect(tells(others, 'Shot', 'tasks')).toBe(true)
  })

  it('may have retired the row', () => {
    expect(kinds(doubtsOfWrite({ method: 'delete', args: { type: 'Shot', id: 5 } }, schema))).toContain('retire Shot')
  })
})
