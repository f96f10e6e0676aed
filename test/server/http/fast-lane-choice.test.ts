/** Which requests the fast lane answers itself, and what it hands on with those that it does not. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it, test } from 'vitest'
import type { Entry } from '../../../src/cache/entry.ts'
import { entityCall } from '../../../src/reads/entity.ts'
import { questionOf } from '../../../src/reads/question.ts'
import type { Scope } from '../../../src/reads/reader.ts'
import { Replies } from '../../../src/server/answer/replies.ts'
import { RequestMemo } from '../../../src/server/answer/request-memo.ts'
import { Authenticator } from '../../../src/server/authenticator.ts'
import { type FastLaneOptions, fastLane } from '../../../src/server/http/fast-lane.ts'
import { ReceivedBodies } from '../../../src/server/http/receive-body.ts'
import { RequestCounts } from '../../../src/server/metrics/request-counts.ts'
import { Schema } from '../../../src/shotgrid/schema.ts'
import { makeEntry } from '../../support/cache-world.ts'
import { type Asked, exchange, requestText } from '../../support/raw-http.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const path = '/entity/Shot/1?fields=code'
const body = '{"entity_type":"Shot"}'
const clock = new VirtualClock()
const scope = { name: 'default', sees: 'everything' } as Scope // its client is not used here
const schema = new Schema({})
const question = questionOf('default', 'https://site', entityCall('Shot', 1, ['code']))
const fresh = makeEntry({
  ...question,
  fetchedAt: clock.now(),
  body: Buffer.from('{"results":{"entities":[{"type":"Shot","id":1}]}}'),
})

let server: Server
let address: string
/** What the router was handed: the body that came with it, if any. */
let handedOn: unknown[]
let entry: Entry | undefined
let lastSchema: Schema | undefined
let isStopping: boolean
let counts: RequestCounts
let bodies: ReceivedBodies
let listener: RequestListener

beforeAll(async () => {
  server = createServer((request, response) => listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

beforeEach(() => {
  handedOn = []
  entry = fresh
  lastSchema = schema
  isStopping = false
  counts = new RequestCounts()
  bodies = new ReceivedBodies()
  const memo = new RequestMemo(100_000)
  memo.learnUrl(scope, path, { question, view: 'entity', schema })
  memo.learnBody(scope, body, { question, view: 'query', schema })
  const options = {
    looksInStore: false,
    cache: { peek: () => entry },
    schemas: {
      get last() {
        return lastSchema
      },
    },
    authenticator: new Authenticator({
      mode: 'none',
      keys: [],
      audience: '',
      scopeClaim: '',
      scopes: new Map(),
      defaultScope: scope,
      clock,
    }),
    memo,
    replies: new Replies({ clock, isStored: () => true, onGrown: () => {}, observe: () => {} }),
    bodies,
    counts,
    bodyLimitBytes: 100,
    clock,
    isStopping: () => isStopping,
  }
  // Of the cache and the schemas the lane uses what is here.
  listener = fastLane(options as unknown as FastLaneOptions, (request, response) => {
    handedOn.push(bodies.of(request)?.toString())
    response.end('router')
  })
})

const json = 'Content-Type: application/json'
const post = (text: string, headers: readonly string[] = [json]): Asked => ({ method: 'POST', headers, body: text })

test.each<[string, string, Asked]>([
  ['a known URL', path, {}],
  ['its head', path, { method: 'HEAD' }],
  ['a known body', '/query', post(body)],
  ['a known body of a named character set', '/query', post(body, [`${json}; charset=utf-8`])],
])('%s is answered by the lane, and counted', async (_, url, asked) => {
  expect(await exchange(address, requestText(url, asked))).toContain('Cache-Status: sgcache; hit')
  expect(handedOn).toEqual([])
  const [counted] = counts.entries()
  expect(counted).toMatchObject({ method: asked.method ?? 'GET', status: 200, count: 1 })
})

test.each<[string, string, Asked, string | undefined]>([
  ['an unknown URL', '/entity/Shot/2?fields=code', {}, undefined],
  ['another path', '/metrics', {}, undefined],
  ['another method', path, { method: 'DELETE' }, undefined],
  ['who asks for more', path, { headers: ['Cache-Control: no-cache'] }, undefined],
  ['who asks for a place in the log', path, { headers: ['X-SGCache-Min-Seq: 0'] }, undefined],
  ['an unknown body, which has been read', '/query', post('{"x":1}'), '{"x":1}'],
  ['a body of a caller who asks for more', '/query', post(body, [json, 'Pragma: no-cache']), body],
  ['a body that says it is too large, unread', '/query', post(' '.repeat(101)), undefined],
  ['a body of another type, unread', '/query', post(body, ['Content-Type: text/plain']), undefined],
  ['an encoded body, unread', '/query', post(body, [json, 'Content-Encoding: gzip']), undefined],
])('%s goes to the router', async (_, url, asked, received) => {
  expect(await exchange(address, requestText(url, asked))).toContain('router')
  expect(handedOn).toEqual([received])
  expect([...counts.entries()]).toEqual([])
})

it('hands on a body that turns out to be too large as such', async () => {
  const text = `POST /query HTTP/1.1\r\nHost: x\r\n${json}\r\nTransfer-Encoding: chunked\r\n\r\n`
  const reply = await exchange(address, `${text}65\r\n${' '.repeat(101)}\r\n0\r\n\r\n`)
  expect(reply).toContain('router')
  expect(handedOn).toEqual(['too large'])
})

test.each<[string, () => void]>([
  ['is not cached, or not fresh', () => (entry = undefined)],
  ['was understood by another schema', () => (lastSchema = new Schema({}))],
  ['comes while the server stops', () => (isStopping = true)],
  [
    'is no reply that can be shown',
    () => {
      entry = makeEntry({ ...question, body: Buffer.from('not a reply') })
    },
  ],
])('what %s goes to the router', async (_, happens) => {
  happens()
  expect(await exchange(address, requestText(path))).toContain('router')
  expect(handedOn).toHaveLength(1)
})
