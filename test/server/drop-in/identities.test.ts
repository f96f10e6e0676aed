import { afterEach, describe, expect, it } from 'vitest'
import type { AuthParams } from '../../../src/shotgrid/wire.ts'
import { ProtocolError, type PythonFault } from '../../support/python-wire.ts'
import { type DropInWorld, openDropInWorld, script } from './drop-in-world.ts'

const farm: AuthParams = { script_name: 'renderfarm', script_key: 'farm-key' }
const ivy: AuthParams = { user_login: 'ivy', user_password: 'sandbox' }
const otto: AuthParams = { user_login: 'otto', user_password: 'sandbox' }

let world: DropInWorld
afterEach(() => world.close())
const open = (options: Parameters<typeof openDropInWorld>[0] = {}) => {
  world = openDropInWorld({ size: 'tiny', ...options })
  return world
}

const ask = (auth: AuthParams, more: Parameters<DropInWorld['client']>[1] = {}) =>
  world.client(auth, more).call('read', shots)

/** Without a handshake, so that only this question is counted. */
const shots = {
  type: 'Shot',
  return_fields: ['code', 'sg_status_list'],
  filters: {
    logical_operator: 'and',
    conditions: [{ path: 'project', relation: 'is', values: [{ type: 'Project', id: 1 }] }],
  },
  return_only: 'active',
  paging: { entities_per_page: 500, current_page: 1 },
  api_return_image_urls: true,
  return_paging_info_without_counts: false,
}

async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const before = world.upstreamCalls()
  await work()
  return world.upstreamCalls() - before
}

describe('credentials', () => {
  it('that are wrong get the site’s own fault, however warm the cache is', async () => {
    open()
    await ask(script)
    const wrong = { ...script, script_key: 'guessed' }
    const truth = await world
      .direct(wrong)
      .call('read', shots)
      .catch((error: PythonFault) => error)
    const told = await ask(wrong).catch((error: PythonFault) => error)
    expect(told).toMatchObject({ name: 'AuthenticationFault', code: 102, message: (truth as PythonFault).message })
  })

  it('are proven by the read itself when it goes to the site', async () => {
    open()
    await ask(script)
    await world.clock.advance(61_000)
    const other = { ...shots, return_fields: ['code'] }
    expect(await callsOf(() => world.client(script).call('read', other))).toBe(1)
    expect(await callsOf(() => ask(script))).toBe(0)
  })

  it('are proven again once the interval has passed, by the smallest read, and once for all who wait', async () => {
    open()
    await ask(script)
    expect(await callsOf(() => ask(script))).toBe(0)
    await world.clock.advance(61_000)
    expect(await callsOf(() => Promise.all(Array.from({ length: 20 }, () => ask(script))))).toBe(1)
    expect(world.events.filter((event) => event.kind === 'read').slice(-20)).toEqual(
      Array.from({ length: 20 }, () => expect.objectContaining({ outcome: 'hit' })),
    )
  })

  it('that are revoked stop working within the interval', async () => {
    open({ grouped: ['sgcache', 'renderfarm'] })
    await ask(farm)
    world.sandbox.revoke('renderfarm')
    await world.clock.advance(60_000)
    await expect(ask(farm)).rejects.toMatchObject({ code: 102 })
    await expect(ask(farm)).rejects.toMatchObject({ code: 102 })
    await expect(ask(script)).resolves.toBeDefined()
  })

  it('that are revoked stop working as soon as the log tells of a change of access', async () => {
    open()
    await ask(farm)
    world.sandbox.revoke('renderfarm')
    const type = { type: '*', ids: 'any', field: 'any' } as const
    await world.backend.log.append([{ source: 'event', kind: 'access', ...type }])
    await expect(ask(farm)).rejects.toMatchObject({ code: 102 })
  })

  it('that still hold after a change of access are answered, settle window or not', async () => {
    open({ settleMs: 1000 })
    await world.clock.advance(2000)
    await ask(script)
    const type = { type: '*', ids: 'any', field: 'any' } as const
    await world.backend.log.append([{ source: 'event', kind: 'access', ...type }])
    await expect(ask(script)).resolves.toBeDefined()
    await expect(ask(script)).resolves.toBeDefined()
  })

  it('with a one-time code are worth one request', async () => {
    open()
    const tess = { user_login: 'tess', user_password: 'sandbox', auth_token: '123456' }
    expect(await callsOf(() => ask(tess))).toBe(1)
    expect(await callsOf(() => ask(tess))).toBe(1)
    await expect(ask({ user_login: 'tess', user_password: 'sandbox' })).rejects.toMatchObject({ code: 106 })
  })

  it('are proven by no answer that anybody might get', async () => {
    const toAnybody: Readonly<Record<string, string>> = {
      sing_a_song: '{"results":true}',
      Nothing: '{"exception":true,"message":"API read() invalid/missing string entity","error_code":103}',
    }
    open({
      transport: (site) => (request) => {
        const asked = Object.keys(toAnybody).find((name) => request.body.includes(`"${name}"`))
        if (!asked) return site(request)
        return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(toAnybody[asked]!) })
      },
    })
    await ask(script)
    const stranger = world.client({ ...script, script_key: 'guessed' })
    await stranger.call('sing_a_song')
    await expect(stranger.call('read', shots)).rejects.toMatchObject({ code: 102 })
    await expect(stranger.call('read', { ...shots, type: 'Nothing' })).rejects.toMatchObject({ code: 103 })
    await expect(stranger.call('read', shots)).rejects.toMatchObject({ code: 102 })
  })

  it('of which the site says nothing are the site’s to answer', async () => {
    const isProof = (body: Buffer) => body.includes('"Project"') && body.includes('"values":[0]')
    const fault = '{"exception":true,"message":"no such type","error_code":103}'
    open({
      transport: (site) => (request) =>
        isProof(request.body) ? Promise.resolve({ status: 200, headers: {}, body: Buffer.from(fault) }) : site(request),
    })
    const truth = await ask(script)
    await world.clock.advance(61_000)
    const client = world.client(script)
    expect(await client.call('read', shots)).toEqual(truth)
    expect(client.lastHeaders['cache-status']).toBe('sgcache; fwd=bypass; detail="credentials not proven"')
  })

  it('of several kinds at once are the site’s to judge', async () => {
    open()
    await ask(script)
    expect(await callsOf(() => ask({ ...script, ...ivy }))).toBe(1)
  })

  it('of a session are those of nobody else', async () => {
    open()
    const { session_id: token } = (await world.client(ivy).call('get_session_token')) as { session_id: string }
    expect(await callsOf(() => ask({ session_token: token }))).toBeGreaterThan(0)
    expect(await callsOf(() => ask({ session_token: token }))).toBe(0)
    await expect(ask({ session_token: 'f00' })).rejects.toMatchObject({ code: 102 })
  })
})

describe('one question is one entry', () => {
  it('whatever the order of keys and fields, the session, and what else travels along', async () => {
    open()
    await ask(script, { sessionUuid: 'one' })
    const reordered = {
      paging: { current_page: 1, entities_per_page: 500 },
      return_only: 'active',
      filters: {
        conditions: [{ values: [{ id: 1, name: 'x', type: 'Project' }], path: 'project', relation: 'is' }],
        logical_operator: 'and',
      },
      return_fields: ['sg_status_list', 'code', 'code'],
      type: 'Shot',
      api_return_image_urls: true,
    }
    const client = world.client(script, { sessionUuid: 'two', extraAuth: { product: 'rv' } })
    expect(await callsOf(() => client.call('read', reordered))).toBe(0)
  })

  it('for scripts that the operator put together, and for nobody else', async () => {
    open({ grouped: ['sgcache', 'renderfarm'] })
    await ask(script)
    await ask(farm)
    const reads = () => world.cacheEvents.filter((event) => event.kind === 'miss').length
    const before = reads()
    await ask(farm)
    await ask(script)
    expect(reads()).toBe(before)
    await ask({ script_name: 'noisy-import', script_key: 'noisy-key' })
    await ask(ivy)
    await ask(otto)
    await ask(script, { sudoAsLogin: 'ivy' })
    expect(reads()).toBe(before + 4)
  })

  it('in one language', async () => {
    open()
    await world.client(script).schemaFieldRead('Shot')
    expect(await callsOf(() => world.client(script, { localized: true }).schemaFieldRead('Shot'))).toBeGreaterThan(0)
    expect(await callsOf(() => world.client(script, { localized: true }).schemaFieldRead('Shot'))).toBe(0)
  })
})

describe('with the site down', () => {
  it('who was known is answered from cache, and who was not is told that the site is down', async () => {
    open()
    await ask(script)
    world.sandbox.switches.outage = true
    await world.clock.advance(600_000)
    await expect(ask(script)).resolves.toBeDefined()
    await expect(ask({ ...script, script_key: 'guessed' })).rejects.toEqual(new ProtocolError(503))
    await expect(ask(farm)).rejects.toEqual(new ProtocolError(503))
  })

  it('nobody is answered beyond the grace bound', async () => {
    open()
    await ask(script)
    world.sandbox.switches.outage = true
    await world.clock.advance(3_600_000 + 61_000)
    await expect(ask(script)).rejects.toEqual(new ProtocolError(503))
  })

  it('who the site refuses when it is back is refused', async () => {
    open()
    await ask(farm)
    world.sandbox.switches.outage = true
    await world.clock.advance(120_000)
    await expect(ask(farm)).resolves.toBeDefined()
    world.sandbox.revoke('renderfarm')
    world.sandbox.switches.outage = false
    await world.clock.advance(5_000)
    await expect(ask(farm)).rejects.toMatchObject({ code: 102 })
  })

  it('a page of HTML in its place proves nothing', async () => {
    open()
    await ask(script)
    const wrong = { ...script, script_key: 'guessed' }
    world.sandbox.switches.nextMishaps = ['html']
    await expect(ask(wrong)).rejects.toEqual(new ProtocolError(503))
    await expect(ask(wrong)).rejects.toMatchObject({ code: 102 })
  })
})

describe('secrets', () => {
  it('stand in no key, no entry, no event, and reach the site alone', async () => {
    open()
    const secrets = ['sandbox-key', 'farm-key', 'guessed-secret', 'sandbox"']
    for (const auth of [script, farm, ivy, { ...script, script_key: 'guessed-secret' }]) await ask(auth).catch(() => {})
    await world.client(script).update('Shot', 1, { description: 'x' })
    const kept = [...world.backend.near.values()].map((entry) => [
      entry.key,
      entry.scope,
      entry.call,
      entry.body.toString(),
    ])
    const told = world.events.map((event) => ('error' in event ? [String(event.error), event] : event))
    const text = JSON.stringify([kept, told, world.cacheEvents.map((event) => Object.entries(event).slice(0, 1))])
    for (const secret of secrets) expect(text).not.toContain(secret)
  })
})

describe('wishes', () => {
  it('can be sent as members of the credentials, and do not reach the site', async () => {
    const bodies: string[] = []
    open({
      transport: (site) => (request) => {
        bodies.push(request.body.toString())
        return site(request)
      },
    })
    await ask(script)
    expect(await callsOf(() => ask(script, { extraAuth: { sgcache_cache_control: 'no-cache' } }))).toBe(1)
    expect(await callsOf(() => ask(script, { extraAuth: { sgcache_cache_control: 'max-age=10' } }))).toBe(0)
    await world.clock.advance(11_000)
    expect(await callsOf(() => ask(script, { extraAuth: { sgcache_cache_control: 'max-age=10' } }))).toBe(1)
    expect(await callsOf(() => ask(script, { extraAuth: { sgcache_min_seq: 999 } }))).toBe(1)
    await world.client(script, { extraAuth: { sgcache_min_seq: 1 } }).update('Shot', 1, { description: 'x' })
    expect(bodies.join('')).not.toContain('sgcache_')
  })

  it('for a cached answer or none are refused in a way that is not tried again', async () => {
    open()
    const wish = { extraAuth: { sgcache_cache_control: 'only-if-cached' } }
    await expect(ask(script, wish)).rejects.toMatchObject({ name: 'Fault', message: /only a cached answer/i })
    await ask(script)
    await expect(ask(script, wish)).resolves.toBeDefined()
  })

  it('that make no sense are a fault', async () => {
    open()
    await expect(ask(script, { extraAuth: { sgcache_min_seq: 'soon' } })).rejects.toMatchObject({ name: 'Fault' })
  })
})
