/**
 * Requests that go through to the site as they are, their bodies streamed both ways: a movie of gigabytes takes no
 * more memory than a few packets, and a slow side slows the other down.
 *
 * Sent once, whatever happens. A pool of its own, so that long uploads do not keep reads waiting.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { CallBudget } from '../../shotgrid/call-budget.ts'
import { dispatcherOf, type HttpTransportOptions, transportError } from '../../shotgrid/http-transport.ts'
import type { Transport } from '../../shotgrid/transport.ts'

export interface PassRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readable | Buffer
  readonly signal?: AbortSignal
}

export interface PassReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Has to be read to its end or destroyed. */
  readonly body: Readable
}

/** Rejects with a `TransportError` when no reply begins. */
export type Pass = (request: PassRequest) => Promise<PassReply>

export interface HttpPass {
  readonly pass: Pass
  close(): Promise<void>
}

export function httpPass(options: HttpTransportOptions): HttpPass {
  const dispatcher = dispatcherOf(options)
  const { origin } = new URL(options.url)
  const pass: Pass = async ({ method, path, headers, body, signal }) => {
    try {
      const reply = await dispatcher.request({
        origin,
        path,
        method: method as 'GET', // undici's list of methods is the same as Node's
        headers: { ...headers },
        ...(body && { body }),
        ...(signal && { signal }),
      })
      return { status: reply.statusCode, headers: reply.headers, body: reply.body }
    } catch (error) {
      throw transportError(error)
    }
  }
  return { pass, close: () => dispatcher.close() }
}

/** The same, each waiting for its turn, which lasts until the reply has been read or destroyed. */
export function passWithinBudget(pass: Pass, budget: CallBudget): Pass {
  return async (request) => {
    const end = await budget.begin(request.signal)
    try {
      const reply = await pass(request)
      if (reply.body.closed) end()
      else reply.body.once('close', end)
      return reply
    } catch (error) {
      end()
      throw error
    }
  }
}

/** Over a transport that takes calls whole: a site in the same process, which has no other paths. */
export function passOver(transport: Transport): Pass {
  return async ({ path, body, headers, signal }) => {
    const bytes = body === undefined || Buffer.isBuffer(body) ? (body ?? Buffer.alloc(0)) : await whole(body)
    const reply = await transport({ path, body: bytes, headers, ...(signal && { signal }) })
    return { status: reply.status, headers: { ...reply.headers }, body: Readable.from([reply.body]) }
  }
}

async function whole(body: Readable): Promise<Buffer> {
  return Buffer.concat(await body.toArray())
}
