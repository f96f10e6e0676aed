/**
 * The site over HTTP: the JSON-RPC, uploads, downloads. Connections are kept alive, answers compressed when asked for.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { TransportError, type TransportReply } from '../shotgrid/transport.ts'
import { download } from './downloads.ts'
import { exchange, jsonReply } from './exchange.ts'
import type { Site } from './site.ts'
import { upload } from './uploads.ts'

export interface ListenOptions {
  /** 0: any free one. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
}

export interface Listening {
  /** `http://127.0.0.1:8081` */
  readonly address: string
  close(): Promise<void>
}

/** Below this, compressing costs more than it saves. */
const gzipFromBytes = 1_400
const compress = promisify(gzip)

export async function listen(site: Site, { port, host = '127.0.0.1' }: ListenOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    void answer(site, request, response)
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return { address: addressOf(server, host), close: () => close(server) }
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo // a server on a port has one
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    const body = await bodyOf(request)
    await send(request, response, await route(site, request, body, gone.signal))
  } catch (error) {
    if (!(error instanceof TransportError) && !response.headersSent && !request.destroyed) {
      await send(request, response, jsonReply(500, { message: 'The simulated site has failed.' }))
      return
    }
    // No connection, or one that is cut.
    request.socket.destroy()
  }
}

async function route(site: Site, request: IncomingMessage, body: Buffer, signal: AbortSignal): Promise<TransportReply> {
  const { pathname } = new URL(request.url ?? '/', 'http://site')
  if (pathname === '/api3/json') {
    if (request.method !== 'POST') return jsonReply(405, { message: 'Send a POST.' })
    return exchange(site, { path: pathname, body, signal })
  }
  if (site.world.switches.outage) throw new TransportError('ECONNREFUSED', false)
  if (pathname.startsWith('/upload/') && request.method === 'POST') {
    return upload(site, pathname, String(request.headers['content-type'] ?? ''), body)
  }
  if (pathname.startsWith('/file_serve/')) return download(site, request)
  return jsonReply(404, { errors: [{ status: 404, code: 103, title: `There is nothing at ${pathname}.` }] })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer) // a stream of bytes
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

async function send(request: IncomingMessage, response: ServerResponse, reply: TransportReply): Promise<void> {
  const wantsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const zipped = wantsGzip && reply.body.length >= gzipFromBytes
  const body = zipped ? await compress(reply.body, { level: 1 }) : reply.body
  response.writeHead(reply.status, {
    ...reply.headers,
    'content-length': body.length,
    ...(zipped && { 'content-encoding': 'gzip' }),
  })
  response.end(body)
}
