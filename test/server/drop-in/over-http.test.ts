/**
 * The whole server over real connections: what goes through as it is, in both directions, and what of it is noticed.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import type { Running } from '../../../src/server/start.ts'
import { PythonClient } from '../../support/python-client.ts'
import type { Post } from '../../support/python-wire.ts'
import { script } from './drop-in-world.ts'
import { serverBefore } from './served.ts'

const dispatcher = new Agent({ connections: 4, pipelining: 1 })

function postTo(address: () => string): Post {
  return async (body, headers) => {
    const { connection: _, ...rest } = headers
    const reply = await request(`${address()}/api3/json`, { method: 'POST', body, headers: rest, dispatcher })
    return { status: reply.statusCode, headers: reply.headers, body: Buffer.from(await reply.body.arrayBuffer()) }
  }
}

afterAll(() => dispatcher.close())

describe('before the simulated site', () => {
  let sandbox: Sandbox
  let site: { address: string; close(): Promise<void> }
  let running: Running
  beforeAll(async () => {
    sandbox = createSandbox({ size: 'tiny' })
    site = await sandbox.listen({ port: 0 })
    running = await serverBefore(site.address, { 'drop_in.body_limit': '1MB' })
  })
  afterAll(async () => {
    await running.close()
    await site.close()
  })
  const client = () => new PythonClient({ post: postTo(() => running.address), auth: script })
  const form = (fields: Readonly<Record<string, string>>, file?: { name: string; bytes: Buffer }) => {
    const data = new FormData()
    for (const [name, value] of Object.entries({ script_name: 'sgcache', script_key: 'sandbox-key', ...fields })) {
      data.set(name, value)
    }
    if (file) data.set(file.name, new Blob([new Uint8Array(file.bytes)]), 'picture.png')
    return new Response(data)
  }
  const upload = async (path: string, filled: Response) => {
    const headers = { 'content-type': filled.headers.get('content-type')! }
    const body = Buffer.from(await filled.arrayBuffer())
    const reply = await request(`${running.address}${path}`, { method: 'POST', headers, body, dispatcher })
    return { status: reply.statusCode, text: await reply.body.text() }
  }

  it('reads, writes and reads again as a script does', async () => {
    const sg = client()
    const found = await sg.findOne('Shot', [['id', 'is', 1]], ['code', 'description'])
    expect(found).toMatchObject({ type: 'Shot', id: 1 })
    await sg.findOne('Shot', [['id', 'is', 1]], ['code', 'description'])
    expect(sg.lastHeaders['cache-status']).toMatch(/^sgcache; hit/)
    await sg.update('Shot', 1, { description: 'new' })
    expect(sg.lastHeaders.connection).toBe('keep-alive')
    expect(await sg.findOne('Shot', [['id', 'is', 1]], ['code', 'description'])).toMatchObject({ description: 'new' })
  })

  it('shares entries with the native API', async () => {
    const sg = client()
    const filters = [['code', 'contains', 'sh']]
    await sg.find('Shot', filters, ['code'], { limit: 3 })
    const body = JSON.stringify({ entity_type: 'Shot', filters, fields: ['code'], limit: 3 })
    const headers = { 'content-type': 'application/json' }
    const reply = await request(`${running.address}/query`, { method: 'POST', body, headers, dispatcher })
    expect(await reply.body.json()).toMatchObject({ source: 'cache' })
  })

  it('answers from cache a call that does not tell its length, and passes on what is too long', async () => {
    const args = {
      type: 'Shot',
      return_fields: ['code'],
      filters: { logical_operator: 'and', conditions: [] },
      return_only: 'active',
      paging: { entities_per_page: 3, current_page: 1 },
    }
    const ask = async (blanks: number) => {
      const envelope = JSON.stringify({ method_name: 'read', params: [script, args] }) + ' '.repeat(blanks)
      const body = Readable.from([Buffer.from(envelope)])
      const reply = await request(`${running.address}/api3/json`, { method: 'POST', body, dispatcher })
      return { status: reply.headers['cache-status'], answer: await reply.body.json() }
    }
    const { answer } = await ask(0)
    expect(await ask(0)).toEqual({ status: expect.stringMatching(/^sgcache; hit/), answer })
    expect(await ask(2_000)).toMatchObject({ status: expect.stringMatching(/^sgcache; hit/) })
    expect(await ask(2_000_000)).toEqual({ status: 'sgcache; fwd=bypass; detail="large request"', answer })
  })

  it('shows an uploaded picture at once', async () => {
    const sg = client()
    const picture = () => sg.findOne('Version', [['id', 'is', 1]], ['image', 'updated_at'])
    const before = await picture()
    const bytes = randomBytes(300_000)
    const filled = form({ entity_type: 'Version', entity_id: '1' }, { name: 'thumb_image', bytes })
    const { status, text } = await upload('/upload/publish_thumbnail', filled)
    expect({ status, text }).toEqual({ status: 200, text: expect.stringMatching(/^1:\d+/) })
    expect((await picture())?.image).not.toEqual(before?.image)
  })

  it('shows an attached file at once', async () => {
    const sg = client()
    const files = () => sg.find('Attachment', [], ['filename'])
    const before = await files()
    const fields = { entity_type: 'Shot', entity_id: '1', display_name: 'notes.txt' }
    const { text } = await upload('/upload/upload_file', form(fields, { name: 'file', bytes: Buffer.from('x') }))
    expect(text).toMatch(/^1:\d+/)
    expect((await files()).length).toBe(before.length + 1)
  })

  it('passes a failed upload on as it is', async () => {
    const fields = { entity_type: 'Version', entity_id: '999999' }
    const { status, text } = await upload('/upload/publish_thumbnail', form(fields))
    expect({ status, text }).toEqual({ status: 200, text: expect.stringMatching(/^0\n/) })
  })

  it('leaves the native API to itself', async () => {
    const reply = await request(`${running.address}/entity/Shot/1?fields=code`, { dispatcher })
    expect(reply.statusCode).toBe(200)
    expect(await reply.body.json()).toMatchObject({ data: { id: 1 } })
  })
})

describe('before a site of another kind', () => {
  type Handle = (request: IncomingMessage, response: ServerResponse) => void
  let handle: Handle = (_request, response) => response.end()
  let server: Server
  let running: Running
  let url: string
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/api3/json') response.writeHead(503).end()
      else handle(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    running = await serverBefore(url, { 'events.enabled': false })
  })
  afterAll(async () => {
    await running.close()
    server.closeAllConnections()
    server.close()
  })
  afterEach(() => {
    handle = (_request, response) => response.end()
  })

  it('a request goes through with method, path, query, headers, cookies and body, and so does its answer', async () => {
    let seen: unknown
    handle = (incoming, response) => {
      const { method, url: path, headers } = incoming
      const { cookie, 'x-own': own, host, authorization } = headers
      seen = { method, path, cookie, own, host, authorization }
      response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'x-theirs': 'yes', 'content-type': 'text/plain' })
      incoming.pipe(response)
    }
    const reply = await request(`${running.address}/api/v1.1/entity/shots/_search?page[size]=3`, {
      method: 'POST',
      body: 'hello',
      headers: { cookie: 'c=3', 'x-own': 'mine', authorization: 'Bearer token' },
      dispatcher,
    })
    expect(seen).toEqual({
      method: 'POST',
      path: '/api/v1.1/entity/shots/_search?page[size]=3',
      cookie: 'c=3',
      own: 'mine',
      host: new URL(url).host,
      authorization: 'Bearer token',
    })
    expect({ status: reply.statusCode, ...reply.headers }).toMatchObject({
      status: 201,
      'set-cookie': ['a=1', 'b=2'],
      'x-theirs': 'yes',
      'cache-status': 'sgcache; fwd=bypass; detail="not cached"',
    })
    expect(await reply.body.text()).toBe('hello')
  })

  it('a redirect within the site stays with us, one to a storage does not', async () => {
    const locationFor = async (location: string) => {
      handle = (_request, response) => response.writeHead(302, { location }).end()
      const reply = await request(`${running.address}/file_serve/attachment/7`, { dispatcher })
      await reply.body.dump()
      return reply.headers.location
    }
    expect(await locationFor(`${url}/file_serve/attachment/7?x=1`)).toBe(
      `${running.address}/file_serve/attachment/7?x=1`,
    )
    expect(await locationFor('https://storage.example/a?signature=b')).toBe('https://storage.example/a?signature=b')
    expect(await locationFor(`${url}.evil.example/a`)).toBe(`${url}.evil.example/a`)
  })

  it('signing in by the browser goes through, and other pages of the site do not', async () => {
    handle = (incoming, response) => response.end(`${incoming.method} ${incoming.url}`)
    const ask = async (method: 'POST' | 'PUT', path: string) => {
      const reply = await request(`${running.address}${path}`, { method, body: 'appName=x', dispatcher })
      const text = await reply.body.text()
      return reply.statusCode === 200 ? text : reply.statusCode
    }
    const path = '/internal_api/app_session_request'
    expect(await ask('POST', path)).toBe(`POST ${path}`)
    expect(await ask('PUT', `${path}/4711`)).toBe(`PUT ${path}/4711`)
    expect(await ask('POST', '/internal_api/something_else')).toBe(404)
  })

  it('a browser that looks for a page of the site is sent there', async () => {
    for (const path of ['/detail/Task/245', '/page/project_overview?project_id=70']) {
      const reply = await request(`${running.address}${path}`, { dispatcher })
      await reply.body.dump()
      expect({ status: reply.statusCode, location: reply.headers.location }).toEqual({
        status: 302,
        location: `${url}${path}`,
      })
    }
  })

  it('bodies are streamed: the answer begins before the request has ended', async () => {
    handle = (incoming, response) => {
      response.writeHead(200)
      incoming.on('data', (part: Buffer) => response.write(part))
      incoming.on('end', () => response.end())
    }
    const echoed: string[] = []
    let release = () => {}
    const heard = new Promise<void>((resolve) => {
      release = resolve
    })
    async function* parts() {
      yield Buffer.from('first ')
      await heard // of the first part, come back, while this request is still open
      yield Buffer.from('second')
    }
    const reply = await request(`${running.address}/file_serve/echo`, {
      method: 'PUT',
      body: Readable.from(parts()),
      dispatcher,
    })
    for await (const part of reply.body) {
      echoed.push(String(part))
      release()
    }
    expect(echoed.join('')).toBe('first second')
  })

  it('a large download arrives whole', async () => {
    const bytes = randomBytes(20_000_000)
    handle = (_request, response) => response.end(bytes)
    const reply = await request(`${running.address}/thumbnail/1`, { dispatcher })
    expect(Buffer.from(await reply.body.arrayBuffer()).equals(bytes)).toBe(true)
  })

  it('an upload whose answer is lost is told so that no client sends it again', async () => {
    handle = (incoming) => incoming.socket.destroy()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = 'entity_type=Version&entity_id=3&upload_link_info=x'
    const reply = await request(`${running.address}/upload/api_link_file`, {
      method: 'POST',
      body,
      headers,
      dispatcher,
    })
    expect(reply.statusCode).toBe(200)
    expect(await reply.body.text()).toMatch(/^0\n.*Look before you send it again/)
  })

  it('a REST write whose answer is lost, or is 502 or 504, is a 500', async () => {
    const put = async () => {
      const options = { method: 'PUT', body: '{}', dispatcher } as const
      const reply = await request(`${running.address}/api/v1/entity/shots/1`, options)
      await reply.body.dump()
      return reply.statusCode
    }
    handle = (incoming) => incoming.socket.destroy()
    expect(await put()).toBe(500)
    for (const status of [502, 504]) {
      handle = (_request, response) => response.writeHead(status).end()
      expect(await put()).toBe(500)
    }
  })

  it('a download that breaks off breaks off for the caller too', async () => {
    handle = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setImmediate(() => response.destroy())
    }
    const reply = await request(`${running.address}/file_serve/attachment/1`, { dispatcher })
    await expect(reply.body.text()).rejects.toThrow()
  })

  it('what no answer comes to is a 503 in the words of the API', async () => {
    const client = new PythonClient({ post: postTo(() => running.address), auth: script })
    await expect(client.info()).rejects.toMatchObject({ name: 'ProtocolError', status: 503 })
  })
})
