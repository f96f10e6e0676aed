/**
 * The network under the ShotGrid client: one undici pool of kept-alive connections to one site.
 *
 * A TLS handshake to a hosted site costs several round trips, so connections are kept and their number is the bound on
 * concurrency; further requests wait in line. It never retries: who knows the method decides.
 */
import { readFileSync } from 'node:fs'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import { type Transport, TransportError } from './transport.ts'

export interface HttpTransportOptions {
  /** The site, `https://studio.shotgrid.autodesk.com`. */
  readonly url: string
  readonly connections: number
  readonly connectTimeoutMs: number
  /** From the request sent to the first byte of the answer, and between two parts of it. */
  readonly answerTimeoutMs: number
  readonly maxReplyBytes: number
  /** A PEM file with the certificates to trust besides none: it replaces the built-in list. */
  readonly caFile?: string
  /** An outbound HTTP proxy, `http://proxy:3128`. */
  readonly proxy?: string
}

export interface HttpTransport {
  readonly transport: Transport
  close(): Promise<void>
}

export function httpTransport(options: HttpTransportOptions): HttpTransport {
  const dispatcher = dispatcherOf(options)
  const origin = new URL(options.url).origin
  const transport: Transport = async ({ path, body, headers, signal, answerTimeoutMs }) => {
    try {
      const reply = await dispatcher.request({
        origin,
        path,
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
        ...(signal && { signal }),
        ...(answerTimeoutMs !== undefined && { headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs }),
      })
      return {
        status: reply.statusCode,
        headers: reply.headers,
        body: await collect(reply.body, options.maxReplyBytes),
      }
    } catch (error) {
      throw transportError(error)
    }
  }
  return { transport, close: () => dispatcher.close() }
}

/** The pool of connections by itself, for who sends something else than calls. */
export function dispatcherOf(options: HttpTransportOptions): Dispatcher {
  const ca = options.caFile === undefined ? undefined : readFileSync(options.caFile)
  const shared = {
    connections: options.connections,
    pipelining: 1,
    headersTimeout: options.answerTimeoutMs,
    bodyTimeout: options.answerTimeoutMs,
    keepAliveTimeout: 30_000,
  }
  if (options.proxy === undefined) {
    return new Agent({ ...shared, connect: { timeout: options.connectTimeoutMs, ...(ca && { ca }) } })
  }
  return new ProxyAgent({ ...shared, uri: options.proxy, ...(ca && { requestTls: { ca } }) })
}

async function collect(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    parts.push(part as Buffer) // undici's body yields Buffers
    bytes += (part as Buffer).length
    if (bytes > maxBytes) throw new TransportError(`the reply is larger than ${maxBytes} bytes`, true)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** What goes wrong before a connection stands, so that nothing can have been sent over it. */
const neverConnected = new Set(['ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

/** The same words also end connections that stood: the system tells so of a network that went away under them. */
const connecting = new Set(['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT'])

/** What an error of the pool says: whether the request may have left. */
export function transportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  const { code, message } = error as { code?: unknown; message?: string }
  const reason = typeof code === 'string' ? code : (message ?? 'unknown error')
  return new TransportError(reason, !failedToConnect(error), error)
}

function failedToConnect(error: unknown): boolean {
  // A name with several addresses: each of them was tried.
  if (error instanceof AggregateError) return error.errors.every(failedToConnect)
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  return typeof code === 'string' && (neverConnected.has(code) || (syscall === 'connect' && connecting.has(code)))
}
