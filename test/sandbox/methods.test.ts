import { describe, expect, it } from 'vitest'
import { isWrite } from '../../src/sandbox/methods.ts'
import type { Row } from '../../src/shotgrid/wire.ts'
import { Calls, link, person } from './calls.ts'

const project = link('Project', 1)

describe('follows', () => {
  it('leave no event and move no updated_at', () => {
    const calls = new Calls()
    const [user, entity] = [calls.site.identity('ivy'), link('Shot', 1)]
    const before = calls.one('Shot', 1, ['updated_at'])
    const events = calls.eventsOf(() => {
      expect(calls.call('follow', { user, entity })).toMatchObject({ followed: true, entity: { id: 1 } })
    })
    expect(events).toEqual([])
    expect(calls.one('Shot', 1, ['updated_at'])).toEqual(before)
    expect(calls.call('followers', { entity })).toEqual([{ ...user, status: 'act', valid: 'valid' }])
    expect(calls.call('following', { user })).toEqual([entity])
    expect(calls.call('following', { user, entity_type: 'Asset' })).toEqual([])
    expect(calls.call('following', { user, project: link('Project', 2) })).toEqual([])
    expect(calls.call('following', { user, project })).toEqual([entity])
    expect(calls.call('unfollow', { user, entity })).toMatchObject({ unfollowed: true })
    expect(calls.call('followers', { entity })).toEqual([])
  })

  it('need rows that are there', () => {
    const calls = new Calls()
    expect(calls.fault('followers', { entity: link('Shot', 9999) }).error_code).toBe(104)
    expect(calls.fault('followers', {}).error_code).toBe(103)
  })
})

describe('text search', () => {
  it('finds rows whose name holds every word, of the types and projects asked for', () => {
    const calls = new Calls()
    const { id } = calls.create('Shot', { code: 'harbour dawn', project })
    const search = (text: string, more: object = {}) =>
      calls.call<{ matches: Row[]; terms: string[] }>('query_display_name_cache', {
        text,
        entity_types: { Shot: null },
        ...more,
      })
    expect(search('DAWN harb')).toMatchObject({
      matches: [{ id, type: 'Shot', name: 'harbour dawn', project_id: 1, image: null, links: ['', ''], status: 'wtg' }],
      terms: ['dawn', 'harb'],
    })
    expect(search('harbour', { project_ids: [2] }).matches).toEqual([])
    expect(search('nort', { max_results: 1 }).matches).toHaveLength(1)
    const ofStatus = {
      logical_operator: 'and',
      conditions: [{ path: 'sg_status_list', relation: 'is', values: ['fin'] }],
    }
    expect(search('harbour', { entity_types: { Shot: ofStatus } }).matches).toEqual([])
  })

  it('needs three characters and known types', () => {
    const calls = new Calls()
    expect(calls.fault('query_display_name_cache', { text: 'ab', entity_types: { Shot: null } }).error_code).toBe(103)
    expect(calls.fault('query_display_name_cache', { text: 'abc', entity_types: { Nope: null } }).error_code).toBe(103)
  })

  it('says what a row is linked to', () => {
    const calls = new Calls()
    const task = calls.create('Task', { content: 'sculpting', project, entity: link('Asset', 1) })
    const found = calls.call<{ matches: Row[] }>('query_display_name_cache', {
      text: 'sculpt',
      entity_types: { Task: null },
    })
    expect(found.matches).toMatchObject([{ id: task.id, links: ['Asset', 'lamp'] }])
  })
})

describe('threads and streams', () => {
  it('a thread is the note, then what was added to it', async () => {
    const calls = new Calls()
    const note = calls.create('Note', { subject: 'n', content: 'c', project }).id
    const first = calls.create('Reply', { content: 'first', entity: link('Note', note) }).id
    await calls.clock.advance(1000)
    const second = calls.create('Reply', { content: 'second', entity: link('Note', note) }).id
    const thread = calls.call<Row[]>('note_thread_contents', { note_id: note, entity_fields: { Reply: ['entity'] } })
    expect(thread.map((row) => [row.type, row.id])).toEqual([
      ['Note', note],
      ['Reply', first],
      ['Reply', second],
    ])
    expect(thread[1]).toMatchObject({ content: 'first', entity: { type: 'Note', id: note } })
    expect(thread[0]).toMatchObject({ content: 'c', read_by_current_user: 'unread' })
  })

  it('a stream is what happened to a row, newest first', () => {
    const calls = new Calls()
    const { id } = calls.create('Shot', { code: 's', project })
    calls.update('Shot', id, { description: 'x' })
    const stream = calls.call<{ updates: Row[]; latest_update_id: number; earliest_update_id: number }>(
      'activity_stream',
      { type: 'Shot', id, limit: 2 },
    )
    expect(stream).toMatchObject({ entity_type: 'Shot', entity_id: id, latest_update_id: calls.lastEventId() })
    expect(stream.updates.map((update) => update.update_type)).toEqual(['update', 'create'])
    const older = calls.call<{ updates: Row[] }>('activity_stream', {
      type: 'Shot',
      id,
      max_id: stream.earliest_update_id - 1,
    })
    expect(older.updates.length).toBeGreaterThan(0)
    expect(older.updates.every((update) => update.id < stream.earliest_update_id)).toBe(true)
  })
})

describe('the site’s settings', () => {
  it('the work week has weekends off', () => {
    const days = new Calls().call<Record<string, { working: boolean }>>('work_schedule_read', {
      start_date: '2026-01-15',
      end_date: '2026-01-19',
    })
    expect(Object.entries(days).map(([day, { working }]) => [day, working])).toEqual([
      ['2026-01-15', true],
      ['2026-01-16', true],
      ['2026-01-17', false],
      ['2026-01-18', false],
      ['2026-01-19', true],
    ])
    expect(new Calls().fault('work_schedule_read', {}).error_code).toBe(103)
  })

  it('an exception of a project or a person comes before the studio’s, and that before the week', () => {
    const calls = new Calls()
    const [thursday, friday] = ['2026-01-15', '2026-01-16']
    const user = calls.site.identity('ivy')
    const read = (more: object) =>
      calls.call<Record<string, object>>('work_schedule_read', { start_date: thursday, end_date: friday, ...more })
    const holiday = { date: thursday, working: false, description: 'a holiday' }
    expect(calls.call('work_schedule_update', holiday)).toEqual({ ...holiday, project: null, user: null })
    expect(calls.call('work_schedule_update', { date: thursday, working: true, user })).toMatchObject({ user })
    calls.call('work_schedule_update', { date: friday, working: false, project })
    const off = { description: 'a holiday', reason: 'STUDIO_EXCEPTION', working: false }
    expect(read({})).toMatchObject({ [thursday]: off, [friday]: { reason: 'STUDIO_WORK_WEEK', working: true } })
    expect(read({ user })).toMatchObject({ [thursday]: { reason: 'USER_EXCEPTION', working: true } })
    expect(read({ project })).toMatchObject({ [friday]: { reason: 'PROJECT_EXCEPTION', working: false } })
    expect(calls.fault('work_schedule_update', { date: thursday, working: true, user, project }).error_code).toBe(103)
    expect(calls.fault('work_schedule_update', { date: 'today', working: true }).error_code).toBe(103)
  })

  it('a day that is no longer worked changes the tasks that go over it', () => {
    const calls = new Calls()
    const dates = { start_date: '2026-01-12', due_date: '2026-01-15' }
    const task = calls.create('Task', { content: 't', project, ...dates }).id
    const other = calls.create('Task', { content: 'o', project: link('Project', 2), ...dates }).id
    const seen = (id: number) => calls.one('Task', id, ['duration', 'due_date'])
    const events = calls.eventsOf(() => {
      calls.call('work_schedule_update', { date: '2026-01-14', working: false, project })
    })
    expect(events.some((event) => event.entity?.id === task && event.attribute_name === 'duration')).toBe(true)
    expect(seen(task)).toMatchObject({ duration: 1440, due_date: '2026-01-15' })
    expect(seen(other)).toMatchObject({ duration: 1920 })
    const friday = { date: '2026-01-13', working: false, recalculate_field: 'due_date' }
    calls.call('work_schedule_update', friday)
    expect(seen(other)).toMatchObject({ due_date: '2026-01-16' })
  })

  it('a page is exported as it stands, for those who see its rows', async () => {
    const calls = new Calls()
    const asked = { page_id: 1, format: 'csv', layout_name: null }
    const envelope = { method_name: 'export_page', params: [calls.auth, asked] }
    const reply = await calls.site.transport()({ path: '/api3/json', body: Buffer.from(JSON.stringify(envelope)) })
    expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8')
    const lines = reply.body.toString().split('\n')
    expect(lines[0]).toBe('Id,Shot Code,Status')
    expect(lines[1]).toMatch(/^1,[\w ]+,\w+$/)
    expect(calls.fault('export_page', { ...asked, page_id: 99 }).message).toBe('Export for Page id=99 not available')
    expect(calls.fault('export_page', { ...asked, format: null }).message).toContain("'format' missing")
  })

  it('subscriptions are for administrators', () => {
    const calls = new Calls()
    const users = [{ humanUserId: 3, subscription: 'standard' }]
    expect(calls.call('user_subscriptions_create', { users })).toEqual({ status: 'success' })
    expect(calls.call('user_subscriptions_read')).toEqual(users)
    expect(calls.as(person('ivy')).fault('user_subscriptions_read').error_code).toBe(104)
  })

  it('preferences can be read, all or by name', () => {
    const calls = new Calls()
    calls.site.setPreference('hours_per_day', 7.5)
    expect(calls.call('preferences_read', { prefs: ['hours_per_day'] })).toEqual({ hours_per_day: 7.5 })
    expect(Object.keys(calls.call('preferences_read', { prefs: [] }))).toHaveLength(2)
  })

  it('the last visit of a project is answered and kept per person', () => {
    const calls = new Calls()
    const visited = calls.as(person('ivy'))
    visited.site.setRole('artist', { everything: true })
    const answer = visited.call<Row[]>('update_project_last_accessed_by_current_user', { project_id: 2 })
    expect(answer).toMatchObject([{ type: 'Project', id: 2, last_accessed_by_current_user: '2026-01-14T12:30:00Z' }])
    const other = { project_id: 1, user_id: calls.site.identity('max').id }
    calls.call('update_project_last_accessed_by_current_user', other)
    const field = 'last_accessed_by_current_user'
    expect(calls.as(person('max')).one('Project', 1, [field])?.[field]).not.toBeNull()
    expect(calls.one('Project', 1, [field])?.[field]).toBeNull()
  })
})

describe('kinds of methods', () => {
  it.each(['info', 'read', 'summarize', 'schema_read', 'get_session_token', 'followers'])(
    '%s changes nothing',
    (method) => {
      expect(isWrite(method)).toBe(false)
    },
  )

  it.each(['create', 'update', 'delete', 'revive', 'batch', 'follow', 'schema_field_create', 'unheard_of'])(
    '%s may',
    (method) => {
      expect(isWrite(method)).toBe(true)
    },
  )
})
