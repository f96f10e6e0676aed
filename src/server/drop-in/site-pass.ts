/**
 * Takes a request to the site and its answer back, streamed, with the caller's own credentials, cookies and headers.
 *
 * If it may change something, that is in the change log before the caller sees the first byte of the answer. It is
 * sent once. If the site cannot be reached, or goes away before it answers, the answer is one that makes no client
 * send a write again.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ChangeRecord } from '../../cache/change.ts'
import { SgcacheError } from '../../errors.ts'
import { TransportError } from '../../shotgrid/transport.ts'
import { bypass } from '../answer/cache-status.ts'
import { replyHeaders, requestHeaders } from './forwarded-headers.ts'
import { type Reply, unknownOutcomeReply, unreachableReply } from './own-replies.ts'
import type { Pass, PassReply } from './pass-upstream.ts'

export interface SitePassOptions {
  readonly url: string
  readonly pass: Pass
  /** Aborts when no answer can be waited for any longer. */
  readonly ended: AbortSignal
  /** Resolves when the changes count. */
  readonly record: (changes: readonly ChangeRecord[]) => Promise<unknown>
  /** The same for changes that may not have happened yet. */
  readonly doubt: (changes: readonly ChangeRecord[], reason: string) => Promise<unknown>
}

export interface Passage {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: Readable | Buffer | undefined
  /** What the request may change; none if it only reads. */
  readonly changes: readonly ChangeRecord[]
  /** Why it goes to the site. */
  readonly detail: string
}

export class SitePass {
  readonly #options: SitePassOptions

  constructor(options: SitePassOptions) {
    this.#options = options
  }

  /** Answers the request. Never rejects. */
  async through(passage: Passage): Promise<void> {
    const { request, response, changes } = passage
    // Looked at now: a request that was sent on has left its socket.
    const origin = originOf(request)
    let reply: PassReply
    try {
      reply = await this.#send(passage)
    } catch (error) {
      return sendReply(response, await this.#failure(error, passage), passage.detail)
    }
    if (reply.status < 400) await this.#options.record(changes)
    else if (reply.status >= 500 && changes.length > 0) await this.#options.doubt(changes, `HTTP ${reply.status}`)
    const headers = replyHeaders(reply.headers, this.#options.url, origin)
    response.writeHead(finalStatus(reply.status, passage), { ...headers, 'cache-status': bypass(passage.detail) })
    // Node keeps the head back until the first byte of the body; should that never come, the client would hear nothing
    // at all, and send the write again.
    if (changes.length > 0) response.flushHeaders()
    // A connection that breaks in the middle breaks the other one too: neither side takes half for the whole.
    await pipeline(reply.body, response).catch(() => response.destroy())
  }

  #send({ request, response, body }: Passage): Promise<PassReply> {
    const gone = new AbortController()
    const length = Buffer.isBuffer(body) && { 'content-length': String(body.length) }
    response.once('close', () => response.writableFinished || gone.abort())
    return this.#options.pass({
      method: request.method!,
      path: request.url!,
      headers: { ...requestHeaders(request.headers), ...length },
      signal: AbortSignal.any([gone.signal, this.#options.ended]),
      ...(body && { body }),
    })
  }

  async #failure(error: unknown, { request, changes }: Passage): Promise<Reply> {
    const reason = error instanceof Error ? error.message : 'unknown error'
    if (error instanceof TransportError && !error.sent) {
      return unreachableReply(new SgcacheError('UPSTREAM_UNREACHABLE', { url: this.#options.url, reason }))
    }
    if (changes.length === 0) {
      return unreachableReply(new SgcacheError('UPSTREAM_UNREACHABLE', { url: this.#options.url, reason }))
    }
    await this.#options.doubt(changes, reason)
    return isUpload(request) ? uploadFailure(reason) : unknownOutcomeReply(reason)
  }
}

export function sendReply(response: ServerResponse, reply: Reply, detail: string): void {
  if (response.destroyed) return
  const headers = { ...reply.headers, 'content-length': reply.body.length, 'cache-status': bypass(detail) }
  // What is left of a body that was not read to its end would be taken for the next request.
  if (!response.req.complete) Object.assign(headers, { connection: 'close' })
  if (reply.reason === undefined) response.writeHead(reply.status, headers)
  else response.writeHead(reply.status, reply.reason, headers)
  response.end(reply.body)
}

/** On 502 and 504 the Python client sends again, writes too. */
function finalStatus(status: number, { changes }: Passage): number {
  return changes.length > 0 && (status === 502 || status === 504) ? 500 : status
}

function isUpload({ url }: IncomingMessage): boolean {
  return url!.startsWith('/upload/')
}

/** Form posts are sent again on any HTTP error; an answer that begins with 0 is raised as an error at once. */
function uploadFailure(reason: string): Reply {
  const text = `0\nThe connection to ShotGrid failed after the upload was sent (${reason}). Look before you send it again.`
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(text) }
}

/** Where the caller reached us, for redirects. */
function originOf({ headers, socket }: IncomingMessage): string | undefined {
  const isTls = 'encrypted' in socket || headers['x-forwarded-proto'] === 'https'
  return headers.host === undefined ? undefined : `${isTls ? 'https' : 'http'}://${headers.host}`
}
