import { describe, expect, it } from 'vitest'
import { parseEnvelope } from '../../../src/server/drop-in/envelope.ts'
import { replyHeaders, requestHeaders } from '../../../src/server/drop-in/forwarded-headers.ts'
import { identityOf } from '../../../src/server/drop-in/identity.ts'
import { effectsOfPass } from '../../../src/server/drop-in/pass-effects.ts'
import { understand } from '../../../src/server/drop-in/read-calls.ts'
import { siteCall, siteQuestion } from '../../../src/server/drop-in/site-calls.ts'
import { Schema, type WireField } from '../../../src/shotgrid/schema.ts'
import type { AuthParams } from '../../../src/shotgrid/wire.ts'

const salt = Buffer.alloc(16, 1)
const script: AuthParams = { script_name: 'farm', script_key: 'secret' }

describe('an identity', () => {
  const digest = (auth: AuthParams, context = {}, from = salt) => identityOf(auth, context, from)?.digest

  it('is the same whatever travels along with the credentials', () => {
    expect(digest({ ...script, session_uuid: 'a', product: 'rv' })).toBe(digest(script))
  })

  it.each<[string, AuthParams, object]>([
    ['secret', { ...script, script_key: 'other' }, {}],
    ['name', { ...script, script_name: 'other' }, {}],
    ['kind of credentials', { user_login: 'farm', user_password: 'secret' }, {}],
    ['person acted for', { ...script, sudo_as_login: 'ivy' }, {}],
    ['language', script, { locale: 'auto' }],
    ['proxy before the site', script, { authorization: 'Basic eA==' }],
  ])('differs by the %s', (_, auth, context) => {
    expect(digest(auth, context)).toBeDefined()
    expect(digest(auth, context)).not.toBe(digest(script))
  })

  it('differs in every process, and holds no secret', () => {
    expect(digest(script, {}, Buffer.alloc(16, 2))).not.toBe(digest(script))
    expect(JSON.stringify(identityOf(script, {}, salt))).not.toContain('secret')
  })

  it.each<[string, AuthParams]>([
    ['no credentials', {}],
    ['a name without a key', { script_name: 'farm' }],
    ['two kinds at once', { ...script, session_token: 't' }],
    ['half of another kind', { ...script, user_login: 'ivy' }],
    ['a one-time code', { user_login: 'ivy', user_password: 'x', auth_token: '1' }],
    ['a person acted for who is no name', { ...script, sudo_as_login: 5 as never }],
  ])('is not made of %s', (_, auth) => {
    expect(identityOf(auth, {}, salt)).toBeUndefined()
  })
})

describe('an envelope', () => {
  const parse = (value: unknown) => parseEnvelope(Buffer.from(JSON.stringify(value)))

  it('is forwarded as the bytes it came in', () => {
    const body = Buffer.from('{ "method_name":"read", "params":[ {"script_name":"é"}, {} ] }')
    expect(parseEnvelope(body)?.body).toBe(body)
  })

  it('is forwarded without what was meant for us', () => {
    const envelope = parse({
      method_name: 'read',
      params: [{ ...script, sgcache_min_seq: 7, sgcache_new: 1 }, { a: 1 }],
    })
    expect(JSON.parse(String(envelope?.body))).toEqual({ method_name: 'read', params: [script, { a: 1 }] })
    expect(envelope?.wishes).toEqual({ 'x-sgcache-min-seq': '7' })
  })

  it.each([
    ['a list', []],
    ['a method that is no name', { method_name: 5, params: [] }],
    ['no parameters', { method_name: 'read' }],
    ['credentials that are no object', { method_name: 'read', params: ['x'] }],
    ['too many parameters', { method_name: 'read', params: [{}, {}, {}] }],
  ])('is not read from %s', (_, value) => {
    expect(parse(value)).toBeUndefined()
  })

  it('is not read from what is no JSON', () => {
    expect(parseEnvelope(Buffer.from('{"method_name"'))).toBeUndefined()
    expect(parseEnvelope(Buffer.alloc(0))).toBeUndefined()
  })
})

describe('a read', () => {
  const read = {
    type: 'Shot',
    return_fields: ['code'],
    filters: { logical_operator: 'and', conditions: [{ path: 'id', relation: 'is', values: [1] }] },
    return_only: 'active',
    paging: { entities_per_page: 1, current_page: 1 },
  }
  const filtered = (node: unknown) => ({ ...read, filters: { logical_operator: 'and', conditions: [node] } })
  const deep = (levels: number): unknown =>
    levels === 0
      ? { path: 'id', relation: 'is', values: [1] }
      : { logical_operator: 'or', conditions: [deep(levels - 1)] }

  it('is understood', () => {
    expect(understand('read', read)).toMatchObject({ call: { operation: 'read', type: 'Shot' } })
    expect(understand('read', filtered(deep(100)))).toHaveProperty('call')
  })

  it.each<[string, unknown]>([
    ['no object', 5],
    ['an unknown argument', { ...read, colour: 1 }],
    ['a name of every object', { ...read, constructor: 1 }],
    ['a missing argument', { ...read, paging: undefined }],
    ['both rows that live and rows that do not', { ...read, return_only: 'both' }],
    ['half a page', { ...read, paging: { entities_per_page: 0.5, current_page: 1 } }],
    ['a page with more to it', { ...read, paging: { ...read.paging, colour: 1 } }],
    ['a type that is a path', { ...read, type: '../Shot' }],
    ['a sort without a field', { ...read, sorts: [{ direction: 'asc' }] }],
    ['a leaf with more to it', filtered({ path: 'id', relation: 'is', values: [1], colour: 1 })],
    ['a leaf whose values are no list', filtered({ path: 'id', relation: 'is', values: 1 })],
    ['an unknown group', filtered({ logical_operator: 'xor', conditions: [] })],
    ['groups within groups without end', filtered(deep(5000))],
    ['a number that loses digits', filtered({ path: 'id', relation: 'is', values: [2 ** 60] })],
    ['a value within values without end', filtered({ path: 'id', relation: 'is', values: [[[[[[[[[1]]]]]]]]] })],
    ['the event log', { ...read, type: 'EventLogEntry' }],
    ['a preset', { ...read, additional_filter_presets: [{ preset_name: 'LATEST' }] }],
    ['a field that depends on who asks', { ...read, return_fields: ['viewed_by_current_user'] }],
    [
      'a filter that depends on who asks',
      filtered({ path: 'a.Project.current_user_favorite', relation: 'is', values: [true] }),
    ],
  ])('goes to the site with %s', (_, args) => {
    expect(understand('read', args)).toHaveProperty('pass')
  })
})

describe('a question about the site', () => {
  it('is told apart by type, field, project, scope and method, not by the order of keys', () => {
    const key = (method: string, args: unknown, scope = 's') => siteQuestion(scope, 'site', siteCall(method, args)!).key
    const one = { type: 'Shot', field_name: 'code', project: { type: 'Project', id: 1 } }
    const same = { project: { id: 1, type: 'Project', name: 'x' }, field_name: 'code', type: 'Shot' }
    expect(key('schema_field_read', same)).toBe(key('schema_field_read', one))
    const others = [
      key('schema_field_read', { ...one, type: 'Task' }),
      key('schema_field_read', { type: 'Shot', project: one.project }),
      key('schema_field_read', { ...one, project: { type: 'Project', id: 2 } }),
      key('schema_field_read', one, 't'),
      key('schema_read', {}),
      key('schema_entity_read', {}),
    ]
    expect(new Set([...others, key('schema_field_read', one)]).size).toBe(7)
  })

  it('goes to the site with what is not known', () => {
    expect(siteCall('schema_read', { depth: 3 })).toBeUndefined()
    expect(siteCall('info', { type: 'Shot' })).toBeUndefined()
    expect(siteCall('schema_read', [])).toBeUndefined()
  })
})

describe('headers', () => {
  it('of one connection, and hints to us, stay behind', () => {
    const headers = {
      host: 'here',
      connection: 'keep-alive, x-hop',
      'x-hop': '1',
      te: 'x',
      'x-sgcache-min-seq': '1',
      cookie: 'c',
    }
    expect(requestHeaders(headers)).toEqual({ cookie: 'c' })
    expect(replyHeaders({ 'transfer-encoding': 'chunked', etag: 'e' }, 'http://site', undefined)).toEqual({ etag: 'e' })
  })
})

describe('what a request beside the calls may change', () => {
  const field = (dataType: string, ...validTypes: string[]): WireField => ({
    data_type: { value: dataType, editable: true },
    properties: { valid_types: { value: validTypes } },
  })
  const schema = new Schema({
    Version: { image: field('image'), sg_uploaded_movie: field('url'), code: field('text') },
    PublishedFile: { path: field('url') },
    HumanUser: { image: field('image'), login: field('text') },
    Note: { attachments: field('multi_entity', 'Attachment') },
    Attachment: { filename: field('text') },
    Task: { entity: field('entity', 'Version') },
    Project: { name: field('text') },
  })
  const effects = (method: string, path: string, body = '', contentType = 'application/x-www-form-urlencoded') =>
    effectsOfPass({ method, path, query: '', contentType, head: Buffer.from(body) }, schema)
  const words = (changes: ReturnType<typeof effects>) =>
    changes.map(({ kind, type, ids, field: name }) => `${kind} ${type} ${ids} ${name}`)

  it('is the files of the row that an upload names', () => {
    expect(words(effects('POST', '/upload/api_link_file', 'entity_type=Version&entity_id=3'))).toEqual([
      'flush Attachment any any',
      'change Version 3 image',
      'change Version 3 sg_uploaded_movie',
    ])
  })

  it('is found in a form of several parts', () => {
    const part = (name: string, value: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    const body = `${part('entity_id', '3')}${part('entity_type', 'Version')}--b\r\nContent-Disposition: form-data; name="file"`
    expect(words(effects('POST', '/upload/upload_file', body, 'multipart/form-data; boundary=b'))).toContain(
      'change Version 3 image',
    )
  })

  it('is the pictures of all rows that share one', () => {
    const changes = words(
      effects('POST', '/upload/share_thumbnail', 'entities=Version_1,Version_2&source_entity=Version_9'),
    )
    expect(changes).toEqual(expect.arrayContaining(['change Version 1 image', 'change Version 2 image']))
  })

  it('is no change of access when a person gets a picture', () => {
    const changes = words(effects('POST', '/upload/publish_thumbnail', 'entity_type=HumanUser&entity_id=3'))
    expect(changes.filter((change) => change.startsWith('access'))).toEqual([])
  })

  it.each([
    ['POST', '/upload/api_get_upload_link_info'],
    ['GET', '/file_serve/attachment/1'],
    ['GET', '/api/v1.1/entity/versions/1'],
    ['POST', '/api/v1/entity/versions/_search'],
    ['POST', '/api/v1/auth/access_token'],
    ['POST', '/api/v1.1/hierarchy/_expand'],
    ['POST', '/internal_api/app_session_request'],
    ['PUT', '/internal_api/app_session_request/4711'],
    ['PUT', '/api/v1.1/entity/projects/7/_update_last_accessed'],
  ])('is nothing: %s %s', (method, path) => {
    expect(effects(method, path)).toEqual([])
  })

  it.each([
    ['POST', '/upload/publish_thumbnail'],
    ['POST', '/upload/something_new'],
    ['POST', '/api/v1/entity/_batch'],
    ['POST', '/api/v1/exec'],
    ['PUT', '/api/v1/entity/somethings/1'],
    ['POST', '/api3/other'],
  ])('is anything when it cannot be told: %s %s', (method, path) => {
    expect(words(effects(method, path))).toEqual(['flush * any any'])
  })

  it('is the type that a REST path names', () => {
    expect(words(effects('PUT', '/api/v1.1/entity/published_files/7'))).toContain('flush PublishedFile any any')
    expect(words(effects('POST', '/api/v1/entity/PublishedFile'))).toContain('flush PublishedFile any any')
    expect(words(effects('DELETE', '/api/v1/entity/projects/7'))).toContain('flush * any any')
  })

  it('is the schema', () => {
    expect(words(effects('POST', '/api/v1/schema/Shot/fields'))).toEqual(['schema * any any'])
  })
})
