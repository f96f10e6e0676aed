/** What stands in the headers of every reply: where it comes from and why, how old it is, how much it knows. */
import { afterEach, describe, expect, it } from 'vitest'
import type { AuthParams } from '../../../src/shotgrid/wire.ts'
import type { HttpReply } from '../../support/python-wire.ts'
import { type DropInWorld, injected, openDropInWorld, script } from './drop-in-world.ts'

let world: DropInWorld
afterEach(() => world.close())

const read = {
  type: 'Shot',
  return_fields: ['code', 'description'],
  filters: { logical_operator: 'and', conditions: [{ path: 'id', relation: 'is', values: [1] }] },
  return_only: 'active',
  paging: { entities_per_page: 1, current_page: 1 },
}
const update = { type: 'Shot', id: 1, fields: [{ field_name: 'description', value: 'x' }] }

interface More {
  readonly auth?: AuthParams
  readonly headers?: Readonly<Record<string, string>>
}

/** A world, and a way to send it calls and see the whole reply. */
function open(options: Parameters<typeof openDropInWorld>[0] = {}) {
  world = openDropInWorld({ size: 'tiny', ...options })
  const post = injected(world.listener)
  return (method: string, args?: unknown, { auth = script, headers = {} }: More = {}): Promise<HttpReply> => {
    const params = method === 'info' ? [] : args === undefined ? [auth] : [auth, args]
    return post(Buffer.from(JSON.stringify({ method_name: method, params })), headers)
  }
}
type Call = ReturnType<typeof open>

const statusOf = async (reply: Promise<HttpReply>) => String((await reply).headers['cache-status'])

describe('Cache-Status', () => {
  it('tells a first answer from the next, and from one after a change', async () => {
    const call = open()
    expect(await statusOf(call('read', read))).toBe('sgcache; fwd=uri-miss; stored')
    expect(await statusOf(call('read', read))).toBe('sgcache; hit; ttl=3600')
    await world.clock.advance(30_000)
    expect(await statusOf(call('read', read))).toBe('sgcache; hit; ttl=3570')
    await call('update', update)
    expect(await statusOf(call('read', read))).toBe('sgcache; fwd=stale; stored')
  })

  it('tells that an answer was read for another, too', async () => {
    const call = open()
    world.sandbox.switches.latencyBeforeMs = 100
    const both = Promise.all([statusOf(call('read', read)), statusOf(call('read', read))])
    expect(await world.clock.run(both)).toEqual([
      'sgcache; fwd=uri-miss; stored',
      'sgcache; fwd=uri-miss; stored; collapsed',
    ])
  })

  it.each<[string, (call: Call) => Promise<HttpReply>]>([
    ['no-cache', (call) => call('read', read, { headers: { 'cache-control': 'no-cache' } })],
    ['min-seq', (call) => call('read', read, { headers: { 'x-sgcache-min-seq': '99' } })],
    ['event log', (call) => call('read', { ...read, type: 'EventLogEntry', return_fields: ['meta'] })],
    ['per-user field', (call) => call('read', { ...read, type: 'Note', return_fields: ['read_by_current_user'] })],
    ['filter preset', (call) => call('read', { ...read, additional_filter_presets: [{ preset_name: 'LATEST' }] })],
    ['argument colour', (call) => call('read', { ...read, colour: 'green' })],
    ['argument paging', (call) => call('read', { ...read, paging: undefined })],
    ['arguments', (call) => call('schema_read', { depth: 3 })],
    ['credentials', (call) => call('read', read, { auth: { ...script, session_token: 'x' } })],
    [
      'uncacheable: PlaylistVersionConnection rows change all the time',
      (call) => call('read', { ...read, type: 'PlaylistVersionConnection', return_fields: ['playlist'] }),
    ],
    ['followers', (call) => call('followers', { entity: { type: 'Shot', id: 1 } })],
    ['write', (call) => call('update', update)],
    ['write', (call) => call('update', { ...update, id: 99_999 })],
    ['write', (call) => call('sing_a_song')],
    ['fault', (call) => call('read', { ...read, type: 'Nothing' })],
    ['fault', (call) => call('read', read, { auth: { ...script, script_key: 'guessed' } })],
    ['only-if-cached', (call) => call('summarize', { type: 'Task', filters: read.filters, summaries: [] }, only)],
    ['only-if-cached', (call) => call('read', { ...read, type: 'EventLogEntry' }, only)],
    ['invalid request', (call) => call('read', read, { headers: { 'x-sgcache-min-seq': 'soon' } })],
  ])('says why the site was asked, or nobody: %s', async (detail, send) => {
    const call = open()
    const known = await statusOf(call('read', read))
    expect(known).toMatch(/stored$/)
    expect(await statusOf(send(call))).toMatch(new RegExp(`^sgcache; fwd=bypass; detail="${detail}"(; stored)?$`))
  })

  it('says that an answer is as old as the caller does not want it', async () => {
    const call = open()
    await call('read', read)
    await world.clock.advance(11_000)
    const wish = { headers: { 'cache-control': 'max-age=10' } }
    expect(await statusOf(call('read', read, wish))).toBe('sgcache; fwd=bypass; detail="max-age"; stored')
    expect(await statusOf(call('read', read, wish))).toMatch(/^sgcache; hit/)
  })

  it('labels what is served while the site is down, and says when there is nothing', async () => {
    const call = open()
    await call('read', read)
    world.sandbox.switches.outage = true
    await world.clock.advance(3_600_000)
    expect(await statusOf(call('read', read))).toBe('sgcache; hit; ttl=0; detail="upstream unreachable"')
    expect(await statusOf(call('read', { ...read, return_fields: ['id'] }))).toContain('detail="unreachable"')
    expect(await statusOf(call('update', update))).toBe('sgcache; fwd=bypass; detail="write"')
  })
})

const only: More = { headers: { 'cache-control': 'only-if-cached' } }

describe('Age and X-SGCache-Seq', () => {
  it('say how old an answer is, and how much of the log it knows', async () => {
    const call = open()
    expect((await call('read', read)).headers).toMatchObject({ age: '0', 'x-sgcache-seq': '0' })
    const { headers } = await call('update', { ...update, id: 2 })
    const seq = Number(headers['x-sgcache-seq'])
    expect(seq).toBeGreaterThan(0)
    await world.clock.advance(5_000)
    expect((await call('read', read)).headers).toMatchObject({ age: '5', 'x-sgcache-seq': String(seq) })
  })
})

describe('what is made of an entry to answer with it', () => {
  it('is counted in its memory', async () => {
    const call = open()
    await call('read', read)
    const { bytes } = world.backend.near
    await call('read', read)
    expect(world.backend.near.bytes).toBeGreaterThan(bytes + 200)
  })
})
