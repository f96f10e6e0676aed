/** The native API as a client sees it, over real connections in front of the simulated site. */
import { readFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { mintToken } from '../../src/cli/mint-token.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { type Running, start } from '../../src/server/start.ts'

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly raw: Buffer
  readonly body: {
    data?: unknown
    source?: string
    stale?: unknown
    has_more?: boolean
    error?: Record<string, unknown>
  }
}

const auth = { script_name: 'sgcache', script_key: 'sandbox-key' }
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const shots = (more: object = {}) => ({
  entity_type: 'Shot',
  filters: [['project', 'is', { type: 'Project', id: 1 }]],
  fields: ['code', 'sg_status_list'],
  ...more,
})

let sandbox: Sandbox
let site: { address: string; close(): Promise<void> }
let running: Running
let log: string[]

async function open(more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { config } = await loadConfig({
    env: {},
    cwd: '/nonexistent',
    userFolders: [],
    overrides: {
      'shotgrid.url': site.address,
      'shotgrid.script': 'sgcache',
      'shotgrid.key': 'sandbox-key',
      'shotgrid.retries': 0,
      'server.port': 0,
      'cache.settle': '0s',
      'warm.types': [],
      'events.poll': '1s',
      ...more,
    },
  })
  log = []
  const destination = { write: (line: string) => log.push(line) }
  running = await start(config, { signal: new AbortController().signal, log: pino({ level: 'trace' }, destination) })
  await ask('GET', '/entity/LocalStorage/1') // the follower has looked once, and the schema is known
}

function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const type = payload === undefined ? {} : { 'content-type': 'application/json' }
    const call = httpRequest(
      `${running.address}${path}`,
      { method, agent, headers: { ...type, ...headers } },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => {
          const raw = Buffer.concat(parts)
          const isJson = raw[0] === 0x7b
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            raw,
            body: isJson ? (JSON.parse(raw.toString()) as Reply['body']) : {},
          })
        })
      },
    )
    call.on('error', reject)
    call.end(payload)
  })
}

const rename = (id: number, code: string) =>
  sandbox.call({
    method_name: 'update',
    params: [auth, { type: 'Shot', id, fields: [{ field_name: 'code', value: code }] }],
  })

beforeAll(async () => {
  sandbox = createSandbox({ size: 'tiny' })
  site = await sandbox.listen({ port: 0 })
})
afterEach(async () => {
  sandbox.switches.outage = false
  agent.destroy()
  await running.close()
})
afterAll(() => site.close())

describe('reading', () => {
  it('answers a row from ShotGrid first, then from cache, with the same data', async () => {
    await open()
    const first = await ask('GET', '/entity/Shot/1?fields=code,sg_sequence')
    const second = await ask('GET', '/entity/Shot/1?fields=sg_sequence,code')
    expect(first.body.source).toBe('shotgrid')
    expect(second.body.source).toBe('cache')
    expect(second.body.data).toEqual(first.body.data)
    expect(second.body.data).toMatchObject({ type: 'Shot', id: 1, sg_sequence: { type: 'Sequence' } })
    expect(first.headers['cache-status']).toContain('fwd=uri-miss')
    expect(second.headers['cache-status']).toContain('sgcache; hit; ttl=')
    expect(second.headers).toMatchObject({ age: expect.stringMatching(/^\d+$/), 'x-sgcache-seq': expect.any(String) })
  })

  it('answers a query in both notations of the Python client as one question', async () => {
    await open()
    const first = await ask('POST', '/query', shots())
    const wire = {
      logical_operator: 'and',
      conditions: [{ path: 'project', relation: 'is', values: [{ type: 'Project', id: 1 }] }],
    }
    const second = await ask('POST', '/query', shots({ filters: wire, fields: ['sg_status_list', 'code'] }))
    expect(first.body).toMatchObject({ source: 'shotgrid', has_more: false })
    expect(second.body).toMatchObject({ source: 'cache', has_more: false })
    expect(second.body.data).toEqual(first.body.data)
    const got = await ask('GET', `/query?q=${encodeURIComponent(JSON.stringify(shots()))}`)
    expect(got.body).toEqual(second.body)
  })

  it('tells of further pages', async () => {
    await open()
    const page = await ask('POST', '/query', { entity_type: 'Shot', filters: [], fields: ['code'], limit: 5, page: 1 })
    expect(page.body.data).toHaveLength(5)
    expect(page.body.has_more).toBe(true)
  })

  it('caches that nothing is there: an empty list, and a row that is not', async () => {
    await open()
    const none = shots({ filters: [['code', 'is', 'no such shot']] })
    await ask('POST', '/query', none)
    expect((await ask('POST', '/query', none)).body).toMatchObject({ data: [], source: 'cache' })
    const missing = await ask('GET', '/entity/Shot/999999?fields=code')
    const again = await ask('GET', '/entity/Shot/999999?fields=code')
    expect([missing.status, again.status]).toEqual([404, 404])
    expect(again.body.error).toMatchObject({ code: 'NOT_FOUND' })
    expect(again.headers['cache-status']).toContain('hit')
  })

  it('serves a changed value after a look at the event log, and keeps what the change cannot touch', async () => {
    await open()
    await ask('GET', '/entity/Shot/2?fields=code')
    await ask('GET', '/entity/Asset/1?fields=code')
    const before = await ask('GET', '/entity/Shot/2?fields=code')
    rename(2, `renamed ${Date.now()}`)
    let now = before
    while (JSON.stringify(now.body.data) === JSON.stringify(before.body.data)) {
      now = await ask('GET', '/entity/Shot/2?fields=code')
    }
    expect(now.body.data).toMatchObject({ code: expect.stringMatching(/^renamed/) })
    expect((await ask('GET', '/entity/Asset/1?fields=code')).body.source).toBe('cache')
  })

  it('gives a whole row without fields, and parts of it from the same entry', async () => {
    await open()
    const whole = await ask('GET', '/entity/Shot/3')
    expect(Object.keys(whole.body.data as object)).toEqual(expect.arrayContaining(['code', 'project', 'created_at']))
    expect(whole.body.data).not.toHaveProperty('image')
    expect((await ask('GET', '/entity/Shot/3?fields=code')).body.source).toBe('cache')
  })
})

describe('what a caller may ask of the cache', () => {
  it('reads anew for no-cache, and refuses only-if-cached when it must ask', async () => {
    await open()
    await ask('GET', '/entity/Shot/1?fields=code')
    const anew = await ask('GET', '/entity/Shot/1?fields=code', undefined, { 'cache-control': 'no-cache' })
    expect(anew.body.source).toBe('shotgrid')
    expect(anew.headers['cache-status']).toContain('fwd=bypass')
    const only = { 'cache-control': 'only-if-cached' }
    expect((await ask('GET', '/entity/Shot/1?fields=code', undefined, only)).body.source).toBe('cache')
    expect((await ask('GET', '/entity/Shot/4?fields=description', undefined, only)).status).toBe(504)
  })

  it('answers 304 to an ETag that still stands, and the new body when it does not', async () => {
    await open()
    await ask('GET', '/entity/Shot/5?fields=code')
    const { etag } = (await ask('GET', '/entity/Shot/5?fields=code')).headers
    const same = await ask('GET', '/entity/Shot/5?fields=code', undefined, { 'if-none-match': String(etag) })
    expect(same.status).toBe(304)
    expect(same.raw).toHaveLength(0)
    rename(5, `other ${Date.now()}`)
    const noCache = { 'if-none-match': String(etag), 'cache-control': 'no-cache' }
    expect((await ask('GET', '/entity/Shot/5?fields=code', undefined, noCache)).status).toBe(200)
  })

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('compresses a large hit as %s, to the same text', async (encoding, decompress) => {
    await open()
    const query = {
      entity_type: 'Task',
      filters: [],
      fields: ['content', 'entity', 'project', 'step', 'sg_status_list'],
    }
    await ask('POST', '/query', query)
    const plain = await ask('POST', '/query', query)
    let reply = plain
    while (reply.headers['content-encoding'] === undefined) {
      reply = await ask('POST', '/query', query, { 'accept-encoding': encoding })
      expect(reply.status).toBe(200)
    }
    expect(reply.headers['content-encoding']).toBe(encoding)
    expect(decompress(reply.raw).toString()).toBe(plain.raw.toString())
  })
})

describe('a request that cannot be answered', () => {
  it.each<[string, unknown, string, object]>([
    ['an unknown type', shots({ entity_type: 'Shto' }), 'UNKNOWN_ENTITY_TYPE', { value: 'Shto' }],
    ['an unknown field', shots({ fields: ['cod'] }), 'UNKNOWN_FIELD', { value: 'cod' }],
    ['an unknown field in a filter', shots({ filters: [['sg_statu_list', 'is', 'ip']] }), 'UNKNOWN_FIELD', {}],
    [
      'an unknown operator',
      shots({ filters: [['code', 'start_with', 'a']] }),
      'UNKNOWN_OPERATOR',
      { value: 'start_with' },
    ],
    ['malformed JSON', '{"entity_type": "Shot",', 'MALFORMED_JSON', {}],
    ['no object', '[1]', 'INVALID_REQUEST', {}],
    ['an unknown member', shots({ filter: [] }), 'INVALID_REQUEST', {}],
    [
      'a prototype',
      '{"__proto__": {"x": 1}, "entity_type": "Shot", "filters": [], "fields": []}',
      'INVALID_REQUEST',
      {},
    ],
    ['a filter nested too deeply', shots({ filters: nested(2000) }), 'INVALID_REQUEST', {}],
  ])('refuses %s with a code and what would be right', async (_, body, code, details) => {
    await open()
    const reply = await ask('POST', '/query', body)
    expect(reply.status).toBeGreaterThanOrEqual(400)
    expect(reply.status).toBeLessThan(500)
    expect(reply.body.error).toMatchObject({ code, message: expect.any(String), ...details })
    expect((await ask('GET', '/entity/Shot/1?fields=code')).status).toBe(200)
  })

  it('offers the nearest right word', async () => {
    await open()
    const reply = await ask('POST', '/query', shots({ fields: ['sg_status_lst'] }))
    expect(reply.body.error?.message).toContain('sg_status_list')
  })

  it('passes ShotGrid’s own refusal on, and never caches it', async () => {
    await open()
    const bad = shots({ filters: [['sg_cut_order', 'is', 'not a number']] })
    const replies = [await ask('POST', '/query', bad), await ask('POST', '/query', bad)]
    for (const reply of replies) expect(reply.body.error).toMatchObject({ code: 'UPSTREAM_FAULT' })
  })
})

function nested(depth: number): unknown {
  let node: unknown = ['code', 'is', 'x']
  for (let i = 0; i < depth; i += 1) node = { filter_operator: 'all', filters: [node] }
  return [node]
}

describe('with ShotGrid down', () => {
  it('starts, refuses with 503 what it has no answer for, stays ready, and recovers without a restart', async () => {
    sandbox.switches.outage = true
    await open()
    expect(await ask('GET', '/entity/Shot/1?fields=code')).toMatchObject({
      status: 503,
      body: { error: { code: 'UPSTREAM_UNREACHABLE' } },
    })
    expect((await ask('GET', '/ready')).status).toBe(200)
    expect((await ask('GET', '/live')).status).toBe(200)
    sandbox.switches.outage = false
    let reply = await ask('GET', '/entity/Shot/1?fields=code')
    while (reply.status !== 200) reply = await ask('GET', '/entity/Shot/1?fields=code')
    expect(reply.body.data).toMatchObject({ type: 'Shot', id: 1 })
  })

  it('serves the last known answer, labelled with its age', async () => {
    await open({ 'events.blind_after': '2s' })
    await ask('GET', '/entity/Shot/1?fields=code')
    sandbox.switches.outage = true
    // Until it is clear that the event log cannot be looked at, the answer is a hit.
    let reply = await ask('GET', '/entity/Shot/1?fields=code')
    while (reply.body.stale === undefined) reply = await ask('GET', '/entity/Shot/1?fields=code')
    expect(reply.status).toBe(200)
    expect(reply.body).toMatchObject({ source: 'cache', stale: { age_s: expect.any(Number) } })
  })
})

describe('callers', () => {
  const key = 'a key of at least thirty-two bytes, for tests'
  const secured = { 'auth.mode': 'jwt', 'auth.key': key }
  const token = (of: string) =>
    mintToken(
      { key: of, audience: 'sgcache', scopeClaim: 'scope', scopes: ['default'], isAskedFor: true },
      { scope: 'default', subject: 'a test', ttl: '1h' },
      Date.now(),
    )

  it('are let in with a token alone, on a hit as on a miss', async () => {
    await open(secured)
    const good = { authorization: `Bearer ${await token(key)}` }
    const bad = { authorization: `Bearer ${await token('another key of at least thirty-two bytes!')}` }
    const path = '/entity/Shot/1?fields=code'
    expect((await ask('GET', path)).status).toBe(401)
    expect((await ask('GET', path, undefined, good)).status).toBe(200)
    expect((await ask('GET', path, undefined, good)).body.source).toBe('cache')
    for (const headers of [bad, {}, { authorization: 'Bearer x' }]) {
      const reply = await ask('GET', path, undefined, headers)
      expect(reply.status).toBe(401)
      expect(reply.headers['www-authenticate']).toContain('Bearer')
    }
    expect((await ask('GET', '/live')).status).toBe(200)
  })

  it('leave no token, key or body in the log', async () => {
    await open(secured)
    const minted = await token(key)
    await ask('POST', '/query', shots({ filters: [['code', 'is', 'a very private name']] }), {
      authorization: `Bearer ${minted}`,
    })
    await ask('POST', '/query', '{"broken', { authorization: `Bearer ${minted}` })
    const text = log.join('')
    for (const secret of [minted, key, 'sandbox-key', 'a very private name']) expect(text).not.toContain(secret)
  })
})

describe('the fast lane', () => {
  it('answers requests that come together on one connection in order, and a HEAD without a body', async () => {
    await open()
    await ask('GET', '/entity/Shot/1?fields=code')
    const { hostname, port } = new URL(running.address)
    const line = (method: string, path: string, end = '') => `${method} ${path} HTTP/1.1\r\nHost: x\r\n${end}\r\n`
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      let got = ''
      socket.on('data', (part) => {
        got += part.toString('latin1')
      })
      socket.on('end', () => resolve(got))
      socket.on('error', reject)
      const path = '/entity/Shot/1?fields=code'
      socket.write(
        line('GET', path) + line('HEAD', path) + line('GET', '/live') + line('GET', path, 'Connection: close\r\n'),
      )
    })
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(4)
    expect(text.match(/"source":"cache"/g)).toHaveLength(2)
  })

  it('answers like the router, but for the date', async () => {
    const replies: Reply[] = []
    await open()
    for (const headers of [{}, { 'accept-language': 'de' }]) {
      await ask('GET', '/entity/Shot/7?fields=code')
      replies.push(await ask('GET', '/entity/Shot/7?fields=code', undefined, headers as Record<string, string>))
      replies.push(
        await ask('GET', '/entity/Shot/7?fields=code', undefined, {
          ...headers,
          'cache-control': 'max-age=1000',
        } as Record<string, string>),
      )
    }
    for (const reply of replies) {
      expect(reply.raw.toString()).toBe(replies[0]!.raw.toString())
      expect(Object.keys(reply.headers).sort()).toEqual(Object.keys(replies[0]!.headers).sort())
    }
  })
})

describe('for operators', () => {
  it('tells its metrics under the names that dashboards know, and counts hits', async () => {
    await open()
    await ask('GET', '/entity/Shot/1?fields=code')
    await ask('GET', '/entity/Shot/1?fields=code')
    const text = (await ask('GET', '/metrics')).raw.toString()
    expect(text).toMatch(/sg_cache_hits_total\{cache_type="entity"\} [1-9]/)
    expect(text).toMatch(/sg_cache_misses_total\{cache_type="entity"\} [1-9]/)
    expect(text).toMatch(/sg_cache_requests_total\{endpoint="entity",method="GET",status="200"\} [1-9]/)
    expect(text).toContain('sg_cache_request_duration_seconds_bucket')
  })

  it('has every metric in the documentation, and no other', async () => {
    await open()
    const text = (await ask('GET', '/metrics')).raw.toString()
    const told = new Set([...text.matchAll(/^# TYPE (sg_\w+)/gm)].map((match) => match[1]))
    const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
    const documented = new Set([...page.matchAll(/^\| `(sg_\w+)`/gm)].map((match) => match[1]))
    expect(documented).toEqual(told)
  })

  it('keeps idle connections for long, since the Python client fails on one that was closed', async () => {
    await open()
    expect((await ask('GET', '/live')).headers['keep-alive']).toBe('timeout=600')
    await ask('GET', '/entity/Shot/1?fields=code')
    expect((await ask('GET', '/entity/Shot/1?fields=code')).headers['keep-alive']).toBe('timeout=600')
  })

  it('has an OpenAPI 3.1 description that can be browsed', async () => {
    await open()
    const page = await ask('GET', '/docs/json')
    expect(JSON.parse(page.raw.toString())).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) })
    expect((await ask('GET', '/docs/')).status).toBe(200)
  })

  it('is healthy when all parts work', async () => {
    await open()
    let health = await ask('GET', '/health')
    while (health.status !== 200) health = await ask('GET', '/health')
    expect(health.status).toBe(200)
  })

  it('refuses connections after it was closed, and ends without an error', async () => {
    await open()
    await running.close()
    await expect(ask('GET', '/live')).rejects.toThrow(/ECONNREFUSED/)
  })
})
