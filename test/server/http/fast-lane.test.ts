/**
 * The fast lane and the router are two ways to one answer. Two servers on one simulated site, one without the lane, are
 * asked the same, and have to answer the same bytes.
 */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'
import type { Running } from '../../../src/server/start.ts'
import { type Asked, exchange, requestText } from '../../support/raw-http.ts'
import { serveSite } from '../../support/served-site.ts'

/** The wall clock stands, so that ages and times to live are the same whenever somebody asks. */
const stands = Date.now()
const clock: Clock = { ...systemClock, now: () => stands }
const bodyLimitBytes = 20_000

let withLane: Running
let withRouter: Running
let etag: string

beforeAll(async () => {
  const sandbox = createSandbox({ size: 'tiny' })
  const settings = { 'server.body_limit': `${bodyLimitBytes}B`, 'events.poll': '1s' }
  withLane = await serveSite({ sandbox, clock, settings })
  withRouter = await serveSite({ sandbox, clock, settings, withFastLane: false })
  for (const { address } of [withLane, withRouter]) {
    for (const path of [row, missing, byGet]) await hitOf(address, path, {})
    await hitOf(address, '/query', post(query))
  }
  etag = /\r\nETag: (.*)\r\n/.exec(await exchange(withLane.address, requestText(row)))![1]!
})
afterAll(async () => {
  await withLane.close()
  await withRouter.close()
})

const row = '/entity/Shot/1?fields=code,sg_sequence'
const missing = '/entity/Shot/999999?fields=code'
const query = JSON.stringify({
  entity_type: 'Shot',
  filters: [['project', 'is', { type: 'Project', id: 1 }]],
  fields: ['code'],
})
const byGet = `/query?q=${encodeURIComponent(query)}`
const json = 'Content-Type: application/json'

function post(body: string, headers: readonly string[] = [json]): Asked {
  return { method: 'POST', headers, body }
}

/** Asks until it is a hit. */
async function hitOf(address: string, path: string, asked: Asked): Promise<string> {
  for (let time = 0; time < 20; time += 1) {
    const reply = await exchange(address, requestText(path, asked))
    if (reply.includes('sgcache; hit')) return reply
  }
  throw new Error(`${path} is never a hit`)
}

/** What moves by itself: the date, and the id of the request in a refusal. */
const still = (reply: string) => reply.replace(/\r\nDate: [^\r]*/, '').replace(/"request_id":"[^"]*"/, '')

async function both(text: string): Promise<[lane: string, router: string]> {
  return [still(await exchange(withLane.address, text)), still(await exchange(withRouter.address, text))]
}

/** Both answer the same, and what is expected. */
async function alike(text: string, expected: RegExp): Promise<string> {
  const [lane, router] = await both(text)
  expect(lane).toBe(router)
  expect(lane).toMatch(expected)
  return lane
}

const hit = /^HTTP\/1\.1 200 OK\r\n(.*\r\n)*Cache-Status: sgcache; hit; ttl=\d+\r\n/
const unchanged = /^HTTP\/1\.1 304 Not Modified\r\n(.*\r\n)*Cache-Status: sgcache; hit; ttl=\d+\r\n/

describe('a hit has the same bytes either way', () => {
  test.each<[string, readonly string[]]>([
    ['nothing', []],
    ['an encoding', ['Accept-Encoding: gzip, deflate, br']],
    ['an encoding that we do not make', ['Accept-Encoding: zstd']],
    ['no encoding', ['Accept-Encoding: identity;q=1, *;q=0']],
    ['an encoding in two headers', ['Accept-Encoding: gzip', 'Accept-Encoding: br']],
    ['an age', ['Cache-Control: max-age=100000']],
    ['a directive that is not ours', ['Cache-Control: no-transform']],
    ['cached answers only', ['Cache-Control: only-if-cached']],
    ['a place in the log', ['X-SGCache-Min-Seq: 0']],
    ['another version', ['If-None-Match: W/"another"']],
    ['an empty version', ['If-None-Match: ']],
    ['a range', ['Range: bytes=0-10']],
    ['a date', ['If-Modified-Since: Fri, 27 Nov 2099 00:00:00 GMT']],
    ['types', ['Accept: text/html']],
    ['odd spelling', ['ACCEPT-encoding: identity', 'uSER-aGENT: x']],
    ['a body that a GET has not', ['Content-Length: 2', 'Content-Type: text/plain', '', 'ab']],
    ['the end of the connection', ['Connection: close']],
    ['an id for the request', ['X-Request-Id: abc']],
    ['a token that nobody asks for', ['Authorization: Bearer nonsense']],
  ])('to a request with %s', async (_, headers) => {
    const text = headers.includes('')
      ? `GET ${row} HTTP/1.1\r\nHost: sgcache\r\n${headers.join('\r\n')}`
      : requestText(row, { headers })
    await alike(text, hit)
  })

  test.each<[string, (etag: string) => string]>([
    ['as it was given', (given) => given],
    ['strong', (given) => given.slice(2)],
    ['in a list', (given) => `"x", ${given}, "y"`],
    ['in a list without spaces', (given) => `"x",${given}`],
    ['as any', () => '*'],
  ])('to a version %s that still stands', async (_, spelled) => {
    for (const method of ['GET', 'HEAD']) {
      const text = requestText(row, { method, headers: [`If-None-Match: ${spelled(etag)}`] })
      expect(await alike(text, unchanged)).not.toContain('Content-Length')
    }
  })

  test.each<[string, string, Asked]>([
    ['a row', row, {}],
    ['its head', row, { method: 'HEAD' }],
    ['a row that is not there, with a version', missing, { headers: ['If-None-Match: *'] }],
    ['a row that is not there', missing, {}],
    ['its head', missing, { method: 'HEAD' }],
    ['a query by GET', byGet, {}],
    ['its head', byGet, { method: 'HEAD' }],
    ['a query', '/query', post(query)],
    ['a query with a version, which is for GET only', '/query', post(query, [json, 'If-None-Match: *'])],
    ['a query in a named character set', '/query', post(query, [`${json}; charset=utf-8`])],
    ['a query of a type in capitals', '/query', post(query, ['CONTENT-TYPE: Application/JSON'])],
    ['the same fields in another order', '/entity/Shot/1?fields=sg_sequence,code', {}],
    ['a field twice', '/entity/Shot/1?fields=code,sg_sequence,code', {}],
    ['fields in two parameters', '/entity/Shot/1?fields=code&fields=sg_sequence', {}],
    ['a path with an escaped letter', '/entity/Sh%6Ft/1?fields=code,sg_sequence', {}],
  ])('of %s', async (_, path, asked) => {
    await alike(requestText(path, asked), /^HTTP\/1\.1 (200|404) /)
    await alike(requestText(path, asked), /^HTTP\/1\.1 (200|404) .*\r\n(.*\r\n)*Cache-Status: sgcache; hit/)
  })

  it('of a body that comes in pieces of unknown length', async () => {
    const head = `POST /query HTTP/1.1\r\nHost: sgcache\r\n${json}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const pieces = query.match(/.{1,30}/g)!.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
    await alike(`${head}${pieces.join('')}0\r\n\r\n`, hit)
  })

  it('of HTTP/1.0, where the connection ends', async () => {
    await alike(`GET ${row} HTTP/1.0\r\n\r\n`, hit)
  })

  it('of HTTP/1.0, where it is asked to stay', async () => {
    await alike(`GET ${row} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`, hit)
  })

  test.each(['gzip', 'br'])('of a large answer as %s', async (encoding) => {
    const tasks = post(JSON.stringify({ entity_type: 'Task', filters: [], fields: ['content', 'entity', 'step'] }), [
      json,
      `Accept-Encoding: ${encoding}`,
    ])
    for (const { address } of [withLane, withRouter]) {
      let reply = await hitOf(address, '/query', tasks)
      while (!reply.includes(`Content-Encoding: ${encoding}`)) reply = await hitOf(address, '/query', tasks)
    }
    await alike(requestText('/query', tasks), hit)
  })
})

describe('what is no hit has the same bytes too', () => {
  test.each<[string, string, Asked, RegExp]>([
    ['a path that there is not', '/entities/Shot/1', {}, /^HTTP\/1\.1 404 .*\r\n(.*\r\n)*(.*)"NO_SUCH_ROUTE"/],
    ['a path in capitals', '/ENTITY/Shot/1', {}, /404/],
    ['a path with too much', '/entity/Shot/1/2?fields=code', {}, /404/],
    ['a path with a slash at the end', '/entity/Shot/1/?fields=code', {}, /404/],
    ['a query without a question', '/query?', {}, /^HTTP\/1\.1 400 /],
    ['a parameter that there is not', `${row}&x=1`, {}, /^HTTP\/1\.1 400 /],
    ['an unknown type', '/entity/Shto/1?fields=code', {}, /^HTTP\/1\.1 400 /],
    ['an id that is none', '/entity/Shot/1x?fields=code', {}, /^HTTP\/1\.1 400 /],
    ['another method', row, { method: 'DELETE' }, /^HTTP\/1\.1 404 /],
    ['the methods of a path', row, { method: 'OPTIONS' }, /^HTTP\/1\.1 404 /],
    ['an age that is none', row, { headers: ['Cache-Control: max-age=x'] }, /^HTTP\/1\.1 400 /],
    ['a place in the log that is none', row, { headers: ['X-SGCache-Min-Seq: x'] }, /^HTTP\/1\.1 400 /],
    ['no body', '/query', { method: 'POST', headers: [json] }, /^HTTP\/1\.1 400 /],
    ['malformed JSON', '/query', post('{"entity_type":'), /^HTTP\/1\.1 400 .*\r\n(.*\r\n)*(.*)"MALFORMED_JSON"/],
    ['a body of another type', '/query', post(query, ['Content-Type: text/plain']), /^HTTP\/1\.1 415 /],
    ['an encoded body', '/query', post(query, [json, 'Content-Encoding: gzip']), /^HTTP\/1\.1 415 /],
    ['a body that is too large', '/query', post(' '.repeat(bodyLimitBytes + 1)), /^HTTP\/1\.1 413 /],
  ])('%s', async (_, path, asked, expected) => {
    await alike(requestText(path, asked), expected)
  })

  it('a body that turns out to be too large while it comes, whatever its end would ask', async () => {
    const head = `POST /query HTTP/1.1\r\nHost: sgcache\r\n${json}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
    const text = `${head}${chunk(' '.repeat(bodyLimitBytes + 1))}${chunk(query)}0\r\n\r\n`
    await alike(text, /^HTTP\/1\.1 413 .*\r\n(.*\r\n)*(.*)"BODY_TOO_LARGE"/)
  })

  it('a first read, which goes to ShotGrid', async () => {
    await alike(requestText('/entity/Shot/2?fields=code'), /Cache-Status: sgcache; fwd=uri-miss; stored\r\n/)
    await alike(requestText('/entity/Shot/2?fields=code', { headers: ['Cache-Control: no-cache'] }), /fwd=bypass/)
  })
})
