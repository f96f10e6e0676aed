/** Two servers of the Postgres tier, in front of the simulated site, fill the tables that people query. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import type { Running } from '../../src/server/start.ts'
import { askPostgres } from '../support/servers/postgres.ts'
import { newDatabase } from '../support/servers/shared.ts'
import { until } from '../support/servers/until.ts'
import { serverBefore } from './drop-in/served.ts'

const sgcache = { script_name: 'sgcache', script_key: 'sandbox-key' }

let sandbox: Sandbox
let site: { address: string; close(): Promise<void> }
let url: string
const running: Running[] = []

beforeAll(async () => {
  sandbox = createSandbox({ size: 'tiny' })
  site = await sandbox.listen({ port: 0 })
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()))
})
afterAll(() => site.close())

async function open(settings: Readonly<Record<string, unknown>> = {}): Promise<Running> {
  const brisk = { 'events.poll': '200ms', 'events.sweep': '0s', 'warm.types': [], 'postgres.record_interval': '200ms' }
  const tier = { tier: 'postgres', 'postgres.url': url, 'redis.enabled': false }
  const one = await serverBefore(site.address, { ...brisk, ...tier, ...settings })
  running.push(one)
  await until(async () => (await fetch(`${one.address}/health`)).status === 200, { what: 'it answers from cache' })
  return one
}

const get = async (one: Running, path: string) => (await fetch(`${one.address}${path}`)).text()

const says = (one: Running, path: string, text: string) =>
  until(async () => (await get(one, path)).includes(text), { what: `${path} says ${text}` })

async function rpc(one: Running, method: string, args: object): Promise<string> {
  const body = JSON.stringify({ method_name: method, params: [sgcache, args] })
  return (await fetch(`${one.address}/api3/json`, { method: 'POST', body })).text()
}

/** The first row, once there is one. */
async function row(statement: string): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> | undefined
  const ask = async () => {
    found = (await askPostgres(url, statement).catch(() => []))[0]
    return found !== undefined
  }
  await until(ask, { what: statement })
  return found!
}

test('what they read, answer and are told is there within moments, and the rest when they stop', async () => {
  url = await newDatabase()
  const [one, other] = [await open(), await open()]
  const path = '/entity/Shot/1?fields=code,sg_status_list'
  await get(one, path)
  for (const server of [one, one, other]) await says(server, path, '"cache"')
  const seen = await row(`select data from sgcache.entities where entity_type = 'Shot' and entity_id = 1`)
  expect(Object.keys(seen.data as object).sort()).toEqual(['code', 'sg_status_list'])
  await row("select 1 from sgcache.query_cache where entity_type = 'Shot' and hit_count >= 3 and fetch_count >= 1")
  await row(
    "select 1 from sgcache.cache_stats where endpoint = 'entity' and hit_count >= 3 and miss_count >= 1 and bytes > 0",
  )
  await row(
    "select 1 from sgcache.cache_latency where endpoint = 'entity' group by endpoint having sum(request_count) >= 4",
  )
  await rpc(one, 'update', { type: 'Shot', id: 1, fields: [{ field_name: 'sg_status_list', value: 'omt' }] })
  await row(`select 1 from sgcache.entities where data @> '{"sg_status_list": "omt"}' and entity_id = 1`)
  const line = await row(
    `select actor_type, new_value from sgcache.who_changed_what where entity_type = 'Shot' and entity_id = 1`,
  )
  expect(line).toEqual({ actor_type: 'ApiUser', new_value: 'omt' })
  await row("select 1 from sgcache.event_log where source = 'write' and entity_id = 1")
  await row("select 1 from sgcache.cache_stats where endpoint = 'api3' and request_count >= 1")
  expect(await get(one, '/metrics')).toMatch(/^sg_records_changes_total \d+$/m)
  await says(one, path, 'omt')
  await says(one, path, '"cache"')
  await Promise.all(running.splice(0).map((server) => server.close()))
  const [left] = await askPostgres(url, 'select count(*)::int as waiting from sgcache.event_inbox')
  expect(left).toEqual({ waiting: 0 })
})

test('nothing is there of scopes that do not see everything', async () => {
  url = await newDatabase()
  const one = await open({ 'shotgrid.sees': 'restricted' })
  const path = '/entity/Shot/2?fields=code'
  await get(one, path)
  await says(one, path, '"cache"')
  const asked = await row("select key, filters, fields from sgcache.query_cache where entity_type = 'Shot'")
  expect(asked).toEqual({ key: 'default:Shot:read', filters: null, fields: null })
  expect(await askPostgres(url, 'select * from sgcache.entities')).toEqual([])
})

test('nothing is written, not even an inbox, where people are not to query', async () => {
  url = await newDatabase()
  const one = await open({ 'postgres.people': false })
  await get(one, '/entity/Shot/3?fields=code')
  const head = async () => Number((await askPostgres(url, 'select head from sgcache.log_head'))[0]!.head)
  const before = await head()
  const fields = [{ field_name: 'description', value: 'seen' }]
  sandbox.call({ method_name: 'update', params: [sgcache, { type: 'Shot', id: 3, fields }] })
  await until(async () => (await head()) > before, { what: 'the event is in the log' })
  for (const table of ['event_inbox', 'event_log', 'entities', 'query_cache', 'cache_stats']) {
    expect(await askPostgres(url, `select * from sgcache.${table}`)).toEqual([])
  }
})
