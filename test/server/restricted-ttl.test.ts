/** How long answers live that hang on what a caller may see. */
import { afterEach, describe, expect, it } from 'vitest'
import { mintToken } from '../../src/cli/mint-token.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { Running } from '../../src/server/start.ts'
import type { AuthParams } from '../../src/shotgrid/wire.ts'
import { PythonClient } from '../support/python-client.ts'
import type { Post } from '../support/python-wire.ts'
import { serveSite } from '../support/served-site.ts'

const key = 'a key of at least thirty-two bytes, for tests'
const scopes = ['default', 'crew']
const sandbox = createSandbox({ size: 'tiny' })
let running: Running
afterEach(() => running.close())

async function open(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
  running = await serveSite({
    sandbox,
    settings: {
      'auth.mode': 'jwt',
      'auth.key': key,
      'shotgrid.scripts': ['sgcache'],
      'cache.entity_ttl': '1h',
      'cache.query_ttl': '30m',
      ...settings,
    },
    scopes: { crew: { sees: 'restricted', script: 'renderfarm', key: 'farm-key', scripts: [] } },
  })
}

/** The seconds that the second answer says are left to it. */
async function nativeTtl(scope: string, path: string): Promise<number> {
  const token = await mintToken(
    { key, audience: 'sgcache', scopeClaim: 'scope', scopes, isAskedFor: true },
    { scope, subject: 'a test', ttl: '1h' },
    Date.now(),
  )
  const ask = () => fetch(`${running.address}${path}`, { headers: { authorization: `Bearer ${token}` } })
  await (await ask()).text()
  return ttlIn(await ask())
}

async function dropInTtl(auth: AuthParams, method: string, args: object): Promise<number> {
  let last: Response | undefined
  const post: Post = async (body, headers) => {
    const { connection: _, ...others } = headers
    last = await fetch(`${running.address}/api3/json`, { method: 'POST', body: new Uint8Array(body), headers: others })
    return { status: last.status, headers: {}, body: Buffer.from(await last.arrayBuffer()) }
  }
  const client = new PythonClient({ post, auth })
  await client.call(method, args)
  await client.call(method, args)
  return ttlIn(last!) // there were calls
}

function ttlIn(reply: Response): number {
  const status = reply.headers.get('cache-status')
  const ttl = /^sgcache; hit; ttl=(\d+)$/.exec(status ?? '')?.[1]
  if (ttl === undefined) throw new Error(`no hit: ${reply.status} ${status}`)
  return Number(ttl)
}

const row = '/entity/Shot/1?fields=code'
const query = `/query?q=${encodeURIComponent(JSON.stringify({ entity_type: 'Shot', filters: [], fields: ['code'] }))}`
const read = {
  type: 'Shot',
  return_fields: ['code'],
  filters: { logical_operator: 'and', conditions: [] },
  return_only: 'active',
  paging: { entities_per_page: 10, current_page: 1 },
}
const farm: AuthParams = { script_name: 'renderfarm', script_key: 'farm-key' }
const trusted: AuthParams = { script_name: 'sgcache', script_key: 'sandbox-key' }

describe('an answer of a restricted scope', () => {
  it('lives for five minutes by default, however long others live', async () => {
    await open()
    expect(await nativeTtl('default', row)).toBeGreaterThan(3000)
    expect(await nativeTtl('default', query)).toBeGreaterThan(1500)
    for (const path of [row, query]) {
      const ttl = await nativeTtl('crew', path)
      expect(ttl).toBeLessThanOrEqual(300)
      expect(ttl).toBeGreaterThan(200)
    }
  })

  it('lives as long as cache.restricted_ttl says, and no longer than others of its type', async () => {
    await open({ 'cache.restricted_ttl': '20m', 'cache.ttl_by_type': { Shot: '10m' } })
    expect(await nativeTtl('crew', row)).toBeLessThanOrEqual(600)
    expect(await nativeTtl('crew', row)).toBeGreaterThan(500)
    const sequence = await nativeTtl('crew', '/entity/Sequence/1?fields=code')
    expect(sequence).toBeLessThanOrEqual(1200)
    expect(sequence).toBeGreaterThan(1100)
  })
})

describe('an answer to a caller with credentials of his own', () => {
  it('lives for that long too, rows and schema alike, unless his script shares a scope that sees everything', async () => {
    await open({ 'cache.restricted_ttl': '2m' })
    expect(await dropInTtl(farm, 'read', read)).toBeLessThanOrEqual(120)
    expect(await dropInTtl(farm, 'schema_read', {})).toBeLessThanOrEqual(120)
    expect(await dropInTtl(trusted, 'read', read)).toBeGreaterThan(1500)
    expect(await dropInTtl(trusted, 'schema_read', {})).toBeGreaterThan(120)
  })
})
