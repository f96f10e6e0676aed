import { describe, expect, it } from 'vitest'
import type { AuthParams, Row } from '../../src/shotgrid/wire.ts'
import { Calls, everything, fieldList, leaf, link, person, readArgs } from './calls.ts'

const vendorScript = { script_name: 'vendor-portal', script_key: 'vendor-key' }
const ids = (rows: readonly Row[]) => rows.map((row) => row.id)

describe('credentials', () => {
  const calls = new Calls()
  const ask = (auth: AuthParams) => calls.as(auth).raw('read', readArgs('Project', ['id'], []))

  it('info needs none', () => {
    expect(calls.site.call({ method_name: 'info', params: [] })).toMatchObject({
      results: { version: [8, 60, 0], api_max_entities_per_page: 500, user_authentication_method: 'default' },
    })
  })

  it.each([
    [{ script_name: 'sgcache', script_key: 'wrong' }, 102, "Can't authenticate script 'sgcache'"],
    [{ script_name: 'nobody', script_key: 'sandbox-key' }, 102, "Can't authenticate script 'nobody'"],
    [{ script_name: 'sgcache' }, 102, "Can't authenticate script 'sgcache'"],
    [{ user_login: 'ivy', user_password: 'wrong' }, 102, "Can't authenticate user 'ivy'."],
    [{ user_login: 'nobody', user_password: 'sandbox' }, 102, "Can't authenticate user 'nobody'."],
    [{ session_token: 'deadbeef' }, 102, "Can't authenticate session token ending with 'beef'"],
    [{}, 102, "Can't authenticate session token ending with ''"],
    [{ user_login: 'tess', user_password: 'sandbox' }, 106, 'Two-factor'],
    [{ ...everything, sudo_as_login: 'nobody' }, 102, "Can't authenticate user 'nobody'."],
    [{ ...person('ivy'), sudo_as_login: 'ada' }, 102, 'may not act as'],
  ])('%j are refused with %i', (auth, code, message) => {
    expect(ask(auth)).toMatchObject({ exception: true, error_code: code, message: expect.stringContaining(message) })
  })

  it.each([
    [everything],
    [{ ...everything, product: 'rv', session_uuid: 'x' }],
    [{ script_name: 'SGCACHE', script_key: 'sandbox-key' }],
    [person('ivy')],
    [{ ...person('tess'), auth_token: '123456' }],
    [{ ...everything, sudo_as_login: 'ivy' }],
  ])('%j are accepted', (auth) => {
    expect(ask(auth)).toHaveProperty('results')
  })

  it('are looked at before the request', () => {
    expect(calls.as({ script_name: 'x', script_key: 'y' }).fault('explode', {}).error_code).toBe(102)
  })

  it('no credentials at all are none', () => {
    expect(calls.site.call({ method_name: 'read', params: [] })).toMatchObject({ error_code: 102 })
  })

  it.each([
    ['saml2', 108],
    ['oxygen', 110],
  ] as const)('logins are refused where the site uses %s', (authenticationMethod, code) => {
    const other = new Calls({ switches: { authenticationMethod } })
    expect(other.as(person('ivy')).fault('read', readArgs('Project', [], [])).error_code).toBe(code)
    expect(other.read('Project', ['id']).length).toBeGreaterThan(0)
  })

  it('a session token stands for its user', () => {
    const other = new Calls()
    const { session_id } = other.as(person('ivy')).call<{ session_id: string }>('get_session_token')
    const session = other.as({ session_token: session_id, reject_if_expired: true })
    expect(ids(session.read('Project', ['id']))).toEqual(ids(other.as(person('ivy')).read('Project', ['id'])))
    expect(other.as(person('ivy')).call('get_session_token')).toEqual({ session_id })
  })

  it('can be revoked and changed at any time, and then sessions end', () => {
    const other = new Calls()
    const { session_id } = other.as(person('max')).call<{ session_id: string }>('get_session_token')
    const refused = (auth: AuthParams) => other.as(auth).fault('read', readArgs('Project', [], [])).error_code
    other.site.revoke('max')
    expect(refused(person('max'))).toBe(102)
    expect(refused({ session_token: session_id })).toBe(102)
    other.site.rotate('vendor-portal', 'new')
    expect(refused(vendorScript)).toBe(102)
    expect(other.as({ ...vendorScript, script_key: 'new' }).read('Project', ['id'])).toHaveLength(1)
  })

  it('of people who are disabled or deleted let nobody in', () => {
    const other = new Calls()
    const { id } = other.site.identity('max')
    other.update('HumanUser', id, { sg_status_list: 'dis' })
    expect(other.as(person('max')).fault('read', readArgs('Project', [], [])).error_code).toBe(102)
    other.update('HumanUser', id, { sg_status_list: 'act' })
    expect(other.as(person('max')).read('Project', ['id']).length).toBeGreaterThan(0)
    other.delete('HumanUser', id)
    expect(other.as(person('max')).fault('read', readArgs('Project', [], [])).error_code).toBe(102)
  })
})

describe('what a role lets see', () => {
  it('only rows of the caller’s projects', () => {
    const calls = new Calls()
    const script = calls.as(vendorScript)
    expect(ids(script.read('Project', ['id']))).toEqual([1])
    const projects = (rows: readonly Row[]) => new Set(rows.map((row) => (row.project as Row).id))
    expect(projects(script.read('Shot', ['project']))).toEqual(new Set([1]))
    expect(projects(calls.read('Shot', ['project'])).size).toBeGreaterThan(1)
    expect(
      script.one('Shot', ids(calls.read('Shot', ['id'], [leaf('project', 'is', link('Project', 2))]))[0]!, ['id']),
    ).toBeUndefined()
  })

  it('changes at once when somebody joins or leaves a project', () => {
    const calls = new Calls()
    const otto = calls.as(person('otto'))
    expect(ids(otto.read('Project', ['id']))).toEqual([1])
    calls.update('Project', 2, { users: [calls.site.identity('otto')] }, 'add')
    expect(ids(otto.read('Project', ['id']))).toEqual([1, 2])
    calls.update('Project', 1, { users: [calls.site.identity('otto')] }, 'remove')
    expect(ids(otto.read('Project', ['id']))).toEqual([2])
  })

  it('only tasks assigned to the caller, or to a group of theirs', () => {
    const calls = new Calls()
    const otto = calls.as(person('otto'))
    const me = calls.site.identity('otto')
    const make = (content: string, assignee: object) =>
      calls.create('Task', { content, project: link('Project', 1), task_assignees: [assignee] }).id
    const group = link('Group', calls.create('Group', { code: 'g', users: [me] }).id)
    const [mine, ours, theirs] = [make('a', me), make('b', group), make('c', link('HumanUser', 1))]
    const seen = ids(otto.read('Task', ['id'], [leaf('id', 'in', mine, ours, theirs)]))
    expect(seen).toEqual([mine, ours])
    calls.update('Task', theirs, { task_assignees: [me] })
    expect(ids(otto.read('Task', ['id'], [leaf('id', 'is', theirs)]))).toEqual([theirs])
  })

  it('only rows whose field has the value of a rule', () => {
    const calls = new Calls()
    const rows = calls.as(vendorScript).read('Version', ['sg_status_list'])
    expect(rows.every((row) => row.sg_status_list === 'apr')).toBe(true)
    const hidden = calls.read(
      'Version',
      ['id'],
      [leaf('project', 'is', link('Project', 1)), leaf('sg_status_list', 'is', 'rev')],
    )[0]!
    expect(calls.as(vendorScript).one('Version', hidden.id, ['id'])).toBeUndefined()
    calls.update('Version', hidden.id, { sg_status_list: 'apr' })
    expect(calls.as(vendorScript).one('Version', hidden.id, ['id'])).toBeDefined()
  })

  it.each([
    ['absent', false],
    ['null', true],
  ] as const)('hidden fields read %s, also along a path', (hiddenFieldReads, isThere) => {
    const calls = new Calls({ switches: { hiddenFieldReads } }).as(vendorScript)
    const shot = calls.read('Shot', ['sg_bid', 'code'])[0]!
    expect('sg_bid' in shot).toBe(isThere)
    const task = calls.read('Task', ['entity.Shot.sg_bid'])[0]!
    expect('entity.Shot.sg_bid' in task).toBe(isThere)
    expect(calls.fault('read', readArgs('Shot', [], [leaf('sg_bid', 'is', 1)])).message).toBe(
      "API read() Shot.sg_bid doesn't exist.",
    )
    expect(calls.fault('read', readArgs('Task', [], [leaf('entity.Shot.sg_bid', 'is', 1)])).error_code).toBe(103)
  })

  it('hidden fields give no order', () => {
    const calls = new Calls().as(vendorScript)
    const rows = calls.read('Shot', ['id'], [], { sorts: [{ field_name: 'sg_bid', direction: 'desc' }] })
    expect(ids(rows)).toEqual([...ids(rows)].sort((a, b) => a - b))
  })

  it('a hidden type is a fault', () => {
    const calls = new Calls().as(vendorScript)
    expect(calls.fault('read', readArgs('ApiUser', ['id'], [])).message).toContain('cannot be accessed')
    expect(calls.fault('summarize', { ...readArgs('ApiUser', [], []), summaries: [] }).error_code).toBe(103)
  })

  it.each(['absent', 'fault'] as const)('a hidden type in a path is %s', (hiddenTypeInPath) => {
    const calls = new Calls({ switches: { hiddenTypeInPath } }).as(vendorScript)
    const args = readArgs('Shot', ['created_by.ApiUser.firstname'], [])
    if (hiddenTypeInPath === 'fault') expect(calls.fault('read', args).error_code).toBe(103)
    else
      expect(calls.call<{ entities: Row[] }>('read', args).entities[0]).not.toHaveProperty(
        'created_by.ApiUser.firstname',
      )
  })

  it('counts only what it shows', () => {
    const calls = new Calls()
    const args = { ...readArgs('Shot', [], []), summaries: [{ field: 'id', type: 'count' }] }
    const count = (who: Calls) => who.call<{ summaries: { id: number } }>('summarize', args).summaries.id
    expect(count(calls.as(vendorScript))).toBe(calls.as(vendorScript).read('Shot', ['id']).length)
    expect(count(calls)).toBeGreaterThan(count(calls.as(vendorScript)))
  })

  it('the schema shows what may be seen and edited', () => {
    const calls = new Calls()
    const fields = calls
      .as(person('ivy'))
      .call<Record<string, { editable: { value: boolean } }>>('schema_field_read', { type: 'Shot' })
    expect(fields).not.toHaveProperty('sg_bid')
    expect(fields.code!.editable.value).toBe(false)
    expect(fields.description!.editable.value).toBe(true)
    expect(calls.as(person('ivy')).call('schema_read')).not.toHaveProperty('ApiUser')
    expect(calls.as(person('ivy')).call('schema_entity_read')).not.toHaveProperty('ApiUser')
  })

  it('follows its rules as they change', () => {
    const calls = new Calls()
    const ivy = calls.as(person('ivy'))
    expect(ivy.read('Shot', ['sg_bid'])[0]).not.toHaveProperty('sg_bid')
    calls.site.setRole('artist', { everything: true })
    expect(ivy.read('Shot', ['sg_bid'])[0]).toHaveProperty('sg_bid')
  })

  it('acting as a person means seeing what they see', () => {
    const calls = new Calls()
    const sudo = calls.as({ ...everything, sudo_as_login: 'otto' })
    expect(ids(sudo.read('Shot', ['id']))).toEqual(ids(calls.as(person('otto')).read('Shot', ['id'])))
  })
})

describe('what a role lets do', () => {
  const calls = new Calls()
  const project = link('Project', 1)
  calls.update('Project', 1, { users: [calls.site.identity('ivy')] }, 'add')
  const ivy = calls.as(person('ivy'))

  it.each([
    [
      'create',
      { type: 'Task', fields: fieldList({ content: 't', project }) },
      'Entity of type Task cannot be created by this user.',
    ],
    [
      'update',
      { type: 'Shot', id: 1, fields: fieldList({ code: 'x' }) },
      'The field is not editable for this user: [Shot.code].',
    ],
    ['delete', { type: 'Shot', id: 1 }, 'Entity of type Shot cannot be deleted by this user.'],
    ['schema_field_delete', { type: 'Shot', field_name: 'sg_cut_in' }, 'not editable for this user'],
  ])('%s %j is refused', (method, args, message) => {
    expect(ivy.fault(method, args)).toMatchObject({ error_code: 104, message: expect.stringContaining(message) })
  })

  it('what is not seen cannot be written', () => {
    const hidden = calls.create('Shot', { code: 'h', project: link('Project', 2) }).id
    const otto = calls.as(person('otto'))
    const found = otto.fault('update', { type: 'Shot', id: hidden, fields: fieldList({ sg_cut_in: 1 }) })
    expect(found.message).toBe(`Entity of type [Shot] with id=${hidden} does not exist.`)
    expect(otto.fault('update', { type: 'Shot', id: 1, fields: fieldList({ sg_bid: 1 }) }).error_code).toBe(103)
  })

  it('what is allowed is done', () => {
    expect(ivy.update('Shot', 1, { description: 'by ivy' })).toMatchObject({ description: 'by ivy' })
    expect(ivy.create('Version', { code: 'v', project })).toMatchObject({ code: 'v' })
  })
})
