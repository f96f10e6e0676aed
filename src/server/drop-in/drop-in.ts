/**
 * The drop-in API: to an unmodified `shotgun_api3` client, sgcache is the site.
 *
 * Takes the paths that the client knows and answers them; all others go on to `next`. It works on plain requests and
 * responses of Node, since what goes through is streamed and what is hit is sent as it stands.
 *
 *     POST /api3/json   reads are answered from cache, writes are recorded, the rest goes through
 *     /upload/* /file_serve/* /thumbnail/* /api/v1* /internal_api/app_session_request*   go through
 *     /detail/* /page/*   are pages for people: the browser is sent to the site
 */
import { setMaxListeners } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ChangeRecord } from '../../cache/change.ts'
import { flushOf } from '../../freshness/side-effects-of-writes.ts'
import { receiveBody } from '../http/receive-body.ts'
import { verdictOf } from './caller.ts'
import { contextOf } from './context.ts'
import type { DropInOptions } from './drop-in-options.ts'
import { type CallEnvelope, parseEnvelope } from './envelope.ts'
import { callHeaders, replyHeaders } from './forwarded-headers.ts'
import { identityOf } from './identity.ts'
import { isKnownMethod, methodClass } from './methods.ts'
import { detailOf, replyToError } from './own-replies.ts'
import { effectsOfPass, tellsInBody } from './pass-effects.ts'
import { Proofs } from './proofs.ts'
import { beginningOf } from './request-body.ts'
import { RpcReads, type RpcRequest } from './rpc-reads.ts'
import { SitePass, sendReply } from './site-pass.ts'
import { isWebPage, sendToSite } from './web-pages.ts'
import { WriteThrough } from './write-through.ts'

export class DropIn {
  readonly #options: DropInOptions
  readonly #proofs: Proofs
  readonly #reads: RpcReads
  readonly #writes: WriteThrough
  readonly #passes: SitePass
  readonly #ended = new AbortController()
  /** What was sent to the site and is not answered yet. */
  readonly #open = new Set<ServerResponse>()

  constructor(options: DropInOptions) {
    this.#options = options
    const { log, clock, url, pass, suspects, upstream, reader, proofIntervalMs: intervalMs, graceMs } = options
    const { transport } = upstream
    const { signal: ended } = this.#ended
    setMaxListeners(0, ended)
    this.#proofs = new Proofs({ clock, window: log.window, intervalMs, graceMs })
    this.#writes = new WriteThrough({ ...options, url, transport, ended, schemas: reader.schemas })
    this.#passes = new SitePass({
      url,
      pass,
      ended,
      record: (changes) => this.#writes.record(changes),
      doubt: (changes) => {
        suspects.watch(changes)
        return this.#writes.record(changes)
      },
    })
    const headSeq = () => this.#headSeq()
    this.#reads = new RpcReads({ ...options, proofs: this.#proofs, passes: this.#passes, headSeq })
  }

  /** What is not ours goes on to `next`. */
  listener(next: RequestListener): RequestListener {
    return (request, response) => {
      const { url = '/' } = request
      if (this.#options.isStopping()) response.shouldKeepAlive = false
      if (url === '/api3/json' && request.method === 'POST') this.#receive(request, response)
      else if (isPassed(url)) this.#guard(response, () => this.#passOther(request, response))
      else if (isWebPage(request)) sendToSite(request, response, this.#options.url)
      else next(request, response)
    }
  }

  /**
   * Answers what still waits for the site, before all connections are closed: a write on one that closes without an
   * answer would be sent again. Resolves when the answers are on their way.
   */
  async giveUp(): Promise<void> {
    for (const response of this.#open) response.shouldKeepAlive = false
    this.#ended.abort(new Error('sgcache was stopped'))
    await Promise.allSettled([...this.#open].map((response) => finished(response)))
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { bodyLimitBytes } = this.#options
    const length = request.headers['content-length']
    if (length === undefined) {
      this.#guard(response, () => this.#receiveUnmeasured(request, response))
    } else if (Number(length) > bodyLimitBytes) {
      this.#guard(response, () => this.#passLarge(request, response, request))
    } else {
      receiveBody(request, bodyLimitBytes, (received) => {
        if (received) this.#guard(response, () => this.#answer(request, response, received))
      })
    }
  }

  /** A hit is answered at once. */
  #answer(request: IncomingMessage, response: ServerResponse, received: Buffer): Promise<void> | undefined {
    if (this.#reads.hit(request, response, received)) return undefined
    const envelope = parseEnvelope(received) ?? unreadable(received)
    return this.#call({ request, response, received, envelope })
  }

  /** A body that does not tell its length. */
  async #receiveUnmeasured(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { head, isWhole, body } = await beginningOf(request, this.#options.bodyLimitBytes + 1)
    return isWhole ? this.#answer(request, response, head) : this.#passLarge(request, response, body)
  }

  /** What is too large to be understood may be any write. */
  #passLarge(request: IncomingMessage, response: ServerResponse, body: Readable): Promise<void> {
    this.#mustAnswer(response)
    const changes: readonly ChangeRecord[] = [flushOf('*', 'a request too large to be read')]
    return this.#passes.through({ request, response, body, changes, detail: 'large request' })
  }

  #call(rpc: RpcRequest): Promise<void> {
    const { method } = rpc.envelope
    const kind = methodClass(method)
    if (kind === 'read') return this.#reads.rows(rpc)
    if (kind === 'site') return this.#reads.site(rpc)
    return kind === 'pass' ? this.#reads.pass(rpc, method) : this.#write(rpc)
  }

  async #write({ request, response, envelope }: RpcRequest): Promise<void> {
    this.#mustAnswer(response)
    const { clock, salt, log, url } = this.#options
    const sentAt = clock.monotonic()
    const sentSeq = this.#headSeq()
    const { method, args, auth, body } = envelope
    const { reply, isSettled } = await this.#writes.send({ method, args }, body, callHeaders(request.headers))
    const identity = auth && identityOf(auth, contextOf(request.headers), salt)
    // A method that nobody has heard of may be answered to anybody.
    const verdict = isKnownMethod(method) ? verdictOf(reply) : 'unclear'
    if (identity && verdict === 'accepted') this.#proofs.accept(identity, sentAt, sentSeq)
    if (identity && verdict === 'refused') this.#proofs.refuse(identity)
    // Not of a log that does not have the write: whoever asks for that seq would be told that it is seen.
    const seq = isSettled && { 'x-sgcache-seq': String(log.window.head) }
    const headers = { ...replyHeaders(reply.headers, url, undefined), ...seq }
    sendReply(response, { ...reply, headers }, 'write')
  }

  async #passOther(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query = ''] = request.url!.split('?', 2)
    const method = request.method!
    const isSent = request.headers['content-length'] ?? request.headers['transfer-encoding']
    const read = isSent && tellsInBody({ method, path }) ? await beginningOf(request, formHeadBytes) : undefined
    const contentType = request.headers['content-type'] ?? ''
    const head = read?.head ?? Buffer.alloc(0)
    const changes = effectsOfPass({ method, path, query, contentType, head }, this.#options.reader.schemas.last)
    this.#options.report({ kind: 'pass', detail: path.split('/')[1] ?? '' })
    const body = isSent ? (read?.body ?? request) : undefined
    if (changes.length > 0) this.#mustAnswer(response)
    await this.#passes.through({ request, response, body, changes, detail: 'not cached' })
  }

  #mustAnswer(response: ServerResponse): void {
    this.#open.add(response)
    response.once('close', () => this.#open.delete(response))
  }

  /** As far back as a reply now may lag behind. */
  #headSeq(): number {
    return this.#options.log.window.headBefore(this.#options.settleMs)
  }

  /** Whatever goes wrong, the caller gets an answer: a connection that closes without one would be a write sent again. */
  #guard(response: ServerResponse, work: () => Promise<void> | undefined): void {
    const fail = (error: unknown) => {
      this.#options.report({ kind: 'failed', error })
      if (response.headersSent) response.destroy()
      else sendReply(response, replyToError(error), detailOf(error))
    }
    try {
      work()?.catch(fail)
    } catch (error) {
      fail(error) // unlike a rejection it would end the process
    }
  }
}

/** Enough for the fields of a form that come before its file. */
const formHeadBytes = 65_536

function isPassed(url: string): boolean {
  return /^\/(api3\/|upload\/|file_serve\/|thumbnail\/|api\/v1(\.\d+)?\/|internal_api\/app_session_request\b)/.test(url)
}

/** The site shall say what is wrong with it. */
function unreadable(body: Buffer): CallEnvelope {
  return { method: 'unreadable request', args: undefined, body, wishes: {} }
}
