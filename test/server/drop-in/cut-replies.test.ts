/**
 * Connections to the site that break in the middle of a reply, at every byte of it: the write may have been applied, is
 * sent once, and the client gets an answer on which it does not send it again.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type HttpTransport, httpTransport } from '../../../src/shotgrid/http-transport.ts'
import type { PythonClient } from '../../support/python-client.ts'
import { ProtocolError } from '../../support/python-wire.ts'
import { type DropInWorld, openDropInWorld, script } from './drop-in-world.ts'
import { serverBefore } from './served.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port

const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
const forms: Readonly<Record<string, (body: string) => string>> = {
  'that tells its length': (body) => `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  'in chunks': (body) => {
    const middle = Math.floor(body.length / 2)
    const chunks = [body.slice(0, middle), body.slice(middle), '']
    const framed = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`)
    return `${head}Transfer-Encoding: chunked\r\n\r\n${framed.join('')}`
  },
  'that ends with its connection': (body) => `${head}Connection: close\r\n\r\n${body}`,
}

const writes: Readonly<Record<string, { results: unknown; send: (client: PythonClient) => Promise<unknown> }>> = {
  create: {
    results: { type: 'Shot', id: 900, code: 'é' },
    send: (client) => client.create('Shot', { code: 'é', project: { type: 'Project', id: 1 } }),
  },
  update: {
    results: { type: 'Shot', id: 1, description: 'é' },
    send: (client) => client.update('Shot', 1, { description: 'é' }),
  },
  delete: { results: true, send: (client) => client.delete('Shot', 1) },
  batch: {
    results: [{ type: 'Shot', id: 1, code: 'x' }, true],
    send: (client) =>
      client.batch([
        { request_type: 'update', entity_type: 'Shot', entity_id: 1, data: { code: 'x' } },
        { request_type: 'delete', entity_type: 'Shot', entity_id: 2 },
      ]),
  },
}

/** A site that sends the first bytes of a reply and hangs up, or cuts the line. */
class HangingSite {
  reply = Buffer.alloc(0)
  bytes = 0
  asked = 0
  isHarsh = false
  readonly server = createServer((socket) => this.#answer(socket))

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    closers.push(() => this.server.close())
    return addressOf(this.server)
  }

  #answer(socket: Socket): void {
    socket.on('error', () => {})
    socket.once('data', () => {
      this.asked += 1
      const part = this.reply.subarray(0, this.bytes)
      if (this.isHarsh) socket.write(part, () => socket.resetAndDestroy())
      else socket.end(part)
    })
  }
}

async function open(): Promise<{ site: HangingSite; world: DropInWorld; client: PythonClient }> {
  const site = new HangingSite()
  const url = await site.listen()
  const limits = { connections: 2, connectTimeoutMs: 2000, answerTimeoutMs: 5000, maxReplyBytes: 1_000_000 }
  const network: HttpTransport = httpTransport({ url, ...limits })
  closers.push(() => network.close())
  const isWrite = (body: Buffer) => /"method_name": ?"(create|update|delete|batch)"/.test(body.toString())
  const world = openDropInWorld({
    size: 'tiny',
    transport: (sandbox) => (request) => (isWrite(request.body) ? network.transport(request) : sandbox(request)),
  })
  closers.push(() => world.close())
  const client = world.client(script, { retries: true })
  await client.info()
  return { site, world, client }
}

describe.each(Object.keys(forms))('a reply %s', (form) => {
  it.each(Object.keys(writes))('to a %s, cut at any byte', async (name) => {
    const { results, send } = writes[name]!
    const { site, world, client } = await open()
    site.reply = Buffer.from(forms[form]!(JSON.stringify({ results })))
    for (site.bytes = 0; site.bytes <= site.reply.length; site.bytes += 1) {
      const seq = world.backend.log.window.head
      site.asked = 0
      const outcome = await send(client).catch((error: unknown) => error)
      const isWhole = site.bytes === site.reply.length
      expect({ bytes: site.bytes, outcome, asked: site.asked }).toEqual({
        bytes: site.bytes,
        outcome: isWhole ? results : new ProtocolError(500),
        asked: 1,
      })
      expect(world.backend.log.window.head).toBeGreaterThan(seq)
    }
  })
})

it('a line that is cut rather than closed makes no difference', async () => {
  const { results, send } = writes.update!
  const { site, world, client } = await open()
  site.isHarsh = true
  site.reply = Buffer.from(forms['that tells its length']!(JSON.stringify({ results })))
  for (site.bytes = 1; site.bytes < site.reply.length; site.bytes += 1) {
    const seq = world.backend.log.window.head
    site.asked = 0
    await expect(send(client)).rejects.toEqual(new ProtocolError(500))
    expect(site.asked).toBe(1)
    expect(world.backend.log.window.head).toBeGreaterThan(seq)
  }
})

/** Sends a request over a socket of its own and returns every byte that comes until it closes. */
function exchange(address: string, path: string, type: string, body: string): Promise<string> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      const headers = `Host: ${hostname}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
      socket.write(`POST ${path} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n${body}`)
    })
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(parts).toString()))
  })
}

describe('what goes through', () => {
  const envelope = JSON.stringify({ method_name: 'batch', params: [script, [{ padding: 'x'.repeat(3000) }]] })
  const form = 'entity_type=Version&entity_id=3&upload_link_info=x'

  it.each<[string, string, string, string]>([
    ['an upload', '/upload/api_link_file', 'application/x-www-form-urlencoded', form],
    ['a call too large to be read', '/api3/json', 'application/json', envelope],
    ['a REST write', '/api/v1/entity/shots', 'application/json', '{"code":"x"}'],
  ])(
    '%s, its reply cut at any byte, is answered with a status that is not tried again',
    async (_, path, type, body) => {
      const site = new HangingSite()
      const url = await site.listen()
      site.reply = Buffer.from(forms['that tells its length']!('1:4271\n'))
      const running = await serverBefore(url, { 'events.enabled': false, 'drop_in.body_limit': '1KB' })
      closers.push(() => running.close())
      for (site.bytes = 0; site.bytes <= site.reply.length; site.bytes += 1) {
        site.asked = 0
        const answer = await exchange(running.address, path, type, body)
        expect({ bytes: site.bytes, answer }).toMatchObject({ answer: expect.stringMatching(/^HTTP\/1\.1 (200|500) /) })
        expect(site.asked).toBe(1)
      }
    },
  )
})
