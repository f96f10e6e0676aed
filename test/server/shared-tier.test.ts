/** Two servers that share a Redis or a Postgres, over real connections in front of the simulated site. */
import { Agent, request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import type { Running } from '../../src/server/start.ts'
import { newDatabase, redisIsMissing, sharedRedis } from '../support/servers/shared.ts'
import { until } from '../support/servers/until.ts'
import { listenerBefore, serverBefore } from './drop-in/served.ts'

const dispatcher = new Agent({ connections: 4, pipelining: 1 })
const auth = { script_name: 'sgcache', script_key: 'sandbox-key' }

let sandbox: Sandbox
let site: { address: string; close(): Promise<void> }
const running: Running[] = []

beforeAll(async () => {
  sandbox = createSandbox({ size: 'tiny' })
  site = await sandbox.listen({ port: 0 })
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()))
})
afterAll(async () => {
  await site.close()
  await dispatcher.close()
})

const brisk = { 'events.poll': '200ms', 'events.blind_after': '3s', 'shared.follower_lease': '2s' }

async function open(settings: Readonly<Record<string, unknown>>, begin = serverBefore): Promise<Running> {
  const one = await begin(site.address, { ...brisk, ...settings })
  running.push(one)
  return one
}

async function get(one: Running, path: string) {
  const reply = await request(`${one.address}${path}`, { dispatcher })
  const text = await reply.body.text()
  return { status: reply.statusCode, text, json: () => JSON.parse(text) as Reply }
}

interface Reply {
  readonly source?: string
  readonly data?: { readonly code?: string; readonly description?: string }
  readonly checks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const isHealthy = (one: Running) => async () => (await get(one, '/health')).status === 200

const briefLease = { 'shared.lease': '1s', 'shared.deadline': '500ms' }

type Settings = Readonly<Record<string, unknown>>

function describeServersThatShare(what: string, tier: () => Promise<Settings>): void {
  describe(`servers that share ${what}`, () => {
    const pair = async () => {
      const settings = { ...(await tier()), ...briefLease }
      const both = await Promise.all([open(settings), open(settings)])
      for (const one of both) await until(isHealthy(one), { what: 'both answer from cache' })
      return both as [Running, Running]
    }

    it('answer with what the other has read, and see what the other has written', async () => {
      const [a, b] = await pair()
      const path = '/entity/Shot/1?fields=code'
      expect((await get(a, path)).json().source).toBe('shotgrid')
      await until(async () => (await get(b, path)).json().source === 'cache', { what: 'the entry is stored' })
      const write = { type: 'Shot', id: 1, fields: [{ field_name: 'code', value: 'renamed by a' }] }
      const body = JSON.stringify({ method_name: 'update', params: [auth, write] })
      const headers = { 'content-type': 'application/json' }
      const written = await request(`${a.address}/api3/json`, { method: 'POST', body, headers, dispatcher })
      await written.body.dump()
      expect((await get(b, path)).json().data?.code).toBe('renamed by a')
    })

    it('say in their health and figures how they stand to the log and to each other', async () => {
      const [a, b] = await pair()
      await until(async () => (await get(a, '/health')).json().checks?.log?.processes === 2, { what: 'a sees b' })
      const { checks } = (await get(b, '/health')).json()
      expect(checks?.log).toMatchObject({ ok: true, may_answer: true, epoch_open: true, head: expect.any(Number) })
      const roles = await Promise.all(
        [a, b].map(async (one) => (await get(one, '/health')).json().checks?.events?.role),
      )
      expect(roles.toSorted()).toEqual(['following', 'standing by'])
      const figures = (await get(a, '/metrics')).text
      expect(figures).toMatch(/^sg_cache_processes 2$/m)
      expect(figures).toMatch(/^sg_cache_log_may_answer 1$/m)
      expect(figures).toMatch(/^sg_cache_log_epochs_total 1$/m)
      expect(figures).toMatch(/^sg_ryw_degraded_total 0$/m)
    })

    it('follow on when the one that followed is gone', async () => {
      const [a, b] = await pair()
      const roleOf = async (one: Running) => (await get(one, '/health')).json().checks?.events?.role
      const [first, second] = (await roleOf(a)) === 'following' ? [a, b] : [b, a]
      await first.close()
      await until(async () => (await roleOf(second)) === 'following', { what: 'the other follows' })
    })
  })
}

function describeFollowerByItself(tier: () => Promise<Settings>): void {
  describe('a follower by itself', () => {
    const silent = { script_name: 'noisy-import', script_key: 'noisy-key' }
    const update = (by: object, description: string) => {
      const fields = [{ field_name: 'description', value: description }]
      sandbox.call({ method_name: 'update', params: [by, { type: 'Shot', id: 3, fields }] })
    }

    it('follows and sweeps for servers that leave it to that, and answers no reads', async () => {
      const settings = { ...(await tier()), ...briefLease, 'events.sweep': '1s', 'events.here': false }
      const listener = await open(settings, listenerBefore)
      const server = await open(settings)
      await until(isHealthy(server), { what: 'the server answers from cache' })
      expect((await get(server, '/health')).json().checks?.events?.role).toBe('standing by')
      expect((await get(listener, '/health')).json().checks?.events?.role).toBe('following')
      expect((await get(listener, '/live')).status).toBe(200)
      expect((await get(listener, '/ready')).status).toBe(200)
      expect((await get(listener, '/metrics')).text).toMatch(/^sg_cache_event_blind 0$/m)
      expect((await get(listener, '/entity/Shot/3')).json()).toMatchObject({ error: { code: 'NO_SUCH_ROUTE' } })

      const described = async () => (await get(server, '/entity/Shot/3?fields=description')).json()
      await until(async () => (await described()).source === 'cache', { what: 'it is cached' })
      update(auth, 'with an event')
      await until(async () => (await described()).data?.description === 'with an event', { what: 'the event is seen' })
      await until(async () => (await described()).source === 'cache', { what: 'it is cached again' })
      update(silent, 'without one')
      await until(async () => (await described()).data?.description === 'without one', { what: 'it is swept' })
    })

    it('leaves the servers blind when it is gone, until somebody follows again', async () => {
      const settings = { ...(await tier()), ...briefLease, 'events.here': false }
      const listener = await open(settings, listenerBefore)
      const server = await open(settings)
      await until(isHealthy(server), { what: 'the server answers from cache' })
      await listener.close()
      await until(async () => (await get(server, '/health')).status === 503, { what: 'the server is blind' })
      expect((await get(server, '/health')).json().checks).toMatchObject({ events: { ok: false }, log: { ok: true } })
      expect((await get(server, '/metrics')).text).toMatch(/^sg_cache_event_blind 1$/m)
      expect((await get(server, '/entity/Shot/3?fields=code')).json().source).toBe('shotgrid')
      await open(settings, listenerBefore)
      await until(isHealthy(server), { what: 'the server answers from cache again' })
    })
  })
}

describe.skipIf(await redisIsMissing())('in the redis tier', () => {
  const tier = async () => {
    const { url, prefix } = await sharedRedis()
    return { tier: 'redis', 'redis.url': url, 'redis.prefix': prefix }
  }
  describeServersThatShare('a Redis', tier)
  describeFollowerByItself(tier)
})

describe('in the postgres tier', () => {
  const tier = async () => ({ tier: 'postgres', 'postgres.url': await newDatabase(), 'redis.enabled': false })
  describeServersThatShare('a Postgres', tier)
  describeFollowerByItself(tier)
})

describe.skipIf(await redisIsMissing())('in the postgres tier with Redis', () => {
  describeServersThatShare('both', async () => {
    const { url, prefix } = await sharedRedis()
    const redis = { 'redis.url': url, 'redis.prefix': prefix }
    return { tier: 'postgres', 'postgres.url': await newDatabase(), ...redis }
  })
})

describe('a follower that could not tell anybody', () => {
  it.each([
    [{}, 'the memory tier is one process'],
    [{ tier: 'redis', 'events.enabled': false }, 'events.enabled is false'],
  ])('does not begin: %j', async (settings, reason) => {
    await expect(listenerBefore(site.address, settings)).rejects.toThrow(reason)
  })
})

describe.each([
  ['Redis', { tier: 'redis', 'redis.host': '127.0.0.1', 'redis.port': 1 }],
  ['Postgres', { tier: 'postgres', 'postgres.host': '127.0.0.1', 'postgres.port': 1, 'redis.enabled': false }],
])('a server whose %s is not there', (_, settings) => {
  it('starts, answers from ShotGrid, and says what is the matter', async () => {
    const one = await open(settings)
    const path = '/entity/Shot/2?fields=code'
    for (const _ of [1, 2]) expect((await get(one, path)).json()).toMatchObject({ source: 'shotgrid' })
    const health = await get(one, '/health')
    expect(health.status).toBe(503)
    expect(health.json().checks?.log).toMatchObject({ ok: false, may_answer: false, epoch_open: false })
    expect((await get(one, '/ready')).status).toBe(200)
  })
})
