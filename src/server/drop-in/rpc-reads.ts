/**
 * Reads of the JSON-RPC through the cache: rows, summaries, the schema, `info`.
 *
 * What is not understood goes to the site as it came. What fails is answered in the site's own words where it has any,
 * byte for byte.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer, Question, ReadHints } from '../../cache/answer.ts'
import type { Cache } from '../../cache/cache.ts'
import type { Entry } from '../../cache/entry.ts'
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'
import type { Reader, Scope } from '../../reads/reader.ts'
import { ShotGridClient } from '../../shotgrid/client.ts'
import type { AuthParams } from '../../shotgrid/wire.ts'
import { asksForMore, hintsOf } from '../answer/cache-control.ts'
import { type Caller, type CallerOptions, callerOf } from './caller.ts'
import { contextOf, hasContext } from './context.ts'
import type { DropInEvent } from './drop-in-event.ts'
import type { CallEnvelope } from './envelope.ts'
import { replyHeaders } from './forwarded-headers.ts'
import { type Identity, identityOf } from './identity.ts'
import { KnownBodies } from './known-bodies.ts'
import { detailOf, replyToError } from './own-replies.ts'
import { ProvenReads } from './proven-reads.ts'
import { understand } from './read-calls.ts'
import { ReadReplies, type ReadRepliesOptions } from './read-reply.ts'
import { loadSiteCall, type SiteCall, siteCall, siteQuestion } from './site-calls.ts'
import { type SitePass, sendReply } from './site-pass.ts'

export interface RpcReadsOptions extends CallerOptions, ReadRepliesOptions {
  readonly url: string
  readonly cache: Cache
  readonly reader: Reader
  readonly clock: Clock
  readonly passes: SitePass
  readonly scopeOf: (script: string) => Omit<Scope, 'client'> | undefined
  readonly salt: Buffer
  readonly memoBytes: number
  readonly offer?: (entry: Entry) => void
  readonly report: (event: DropInEvent) => void
}

/** One request to the JSON-RPC. */
export interface RpcRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The bytes that came. */
  readonly received: Buffer
  readonly envelope: CallEnvelope
}

type Read = (hints: ReadHints) => Promise<Answer>

export class RpcReads {
  readonly #options: RpcReadsOptions
  readonly #reads: ProvenReads
  readonly #known: KnownBodies
  readonly #replies: ReadReplies

  constructor(options: RpcReadsOptions) {
    this.#options = options
    this.#reads = new ProvenReads({ cache: options.cache, proofs: options.proofs })
    this.#replies = new ReadReplies(options)
    this.#known = new KnownBodies(options.memoBytes, options.salt)
  }

  /** The hot path: known bytes of a proven caller, and a fresh entry. False if it is anything else. */
  hit(request: IncomingMessage, response: ServerResponse, body: Buffer): boolean {
    const { headers } = request
    if (asksForMore(headers) || hasContext(headers)) return false
    const { proofs, cache, clock, report } = this.#options
    const known = this.#known.get(body)
    if (!known || (known.identity !== undefined && !proofs.isGood(known.identity))) return false
    const entry = cache.peek(known.question)
    if (!entry) return false
    const now = clock.now()
    this.#replies.hit(response, entry, now)
    this.#options.offer?.(entry)
    report({ kind: 'read', outcome: 'hit', ageMs: now - entry.fetchedAt, bytes: entry.body.length })
    return true
  }

  /** `read` and `summarize`. */
  async rows(rpc: RpcRequest): Promise<void> {
    const caller = this.#callerOf(rpc)
    if (!caller) return this.#uncached(rpc, 'credentials')
    const understood = understand(rpc.envelope.method, rpc.envelope.args)
    if ('pass' in understood) return this.#uncached(rpc, understood.pass)
    const { reader } = this.#options
    const { call } = understood
    const question = reader.question(caller.scope, call)
    await this.#answer(rpc, question, caller, (hints) => reader.read(caller.scope, call, hints))
  }

  /** The schema, and `info`, which needs no credentials and is the same for everybody. */
  async site(rpc: RpcRequest): Promise<void> {
    const { method, args, auth } = rpc.envelope
    const call = siteCall(method, args)
    if (!call) return this.#uncached(rpc, 'arguments')
    if (method === 'info' && !auth && !hasContext(rpc.request.headers)) return this.#info(rpc, call)
    const caller = this.#callerOf(rpc)
    if (!caller || method === 'info') return this.#uncached(rpc, 'credentials')
    const { cache, url, reader } = this.#options
    const { scope } = caller
    const question = siteQuestion(scope.name, url, call)
    const maxTtlMs = reader.ttlMs(question.type, 'query', scope.sees)
    const load = (signal: AbortSignal) => loadSiteCall(scope.client, call, maxTtlMs, signal)
    await this.#answer(rpc, question, caller, (hints) => cache.read(question, load, hints))
  }

  async #info(rpc: RpcRequest, call: SiteCall): Promise<void> {
    const { cache, url, upstream, reader } = this.#options
    const question = siteQuestion('site', url, call)
    const client = new ShotGridClient({ ...upstream, auth: {} })
    const load = (signal: AbortSignal) =>
      loadSiteCall(client, call, reader.ttlMs(question.type, 'query', 'everything'), signal)
    await this.#answer(rpc, question, undefined, (hints) => cache.read(question, load, hints))
  }

  async pass({ request, response, envelope }: RpcRequest, detail: string): Promise<void> {
    this.#options.report({ kind: 'pass', detail })
    await this.#options.passes.through({ request, response, body: envelope.body, changes: [], detail })
  }

  /** A read that the site has to answer; for who wants a cached answer or none, there is none. */
  async #uncached(rpc: RpcRequest, detail: string): Promise<void> {
    const { onlyIfCached } = hintsIn(rpc)
    if (onlyIfCached) throw new SgcacheError('NOT_CACHED', { reason: detail })
    await this.pass(rpc, detail)
  }

  async #answer(rpc: RpcRequest, question: Question, caller: Caller | undefined, read: Read): Promise<void> {
    const { clock, report, offer } = this.#options
    try {
      const hints = hintsIn(rpc)
      const answer = await (caller ? this.#reads.answer(caller, question, () => read(hints)) : read(hints))
      if (!answer) return await this.pass(rpc, 'credentials not proven')
      this.#learn(rpc, question, caller)
      if (answer.outcome === 'hit') offer?.(answer.entry)
      report({ kind: 'read', outcome: answer.outcome, ageMs: answer.ageMs, bytes: answer.entry.body.length })
      this.#replies.send(rpc.response, answer, clock.now())
    } catch (error) {
      report({ kind: 'failed', error })
      await this.#fail(rpc, caller, error)
    }
  }

  #learn({ request, received, envelope }: RpcRequest, question: Question, caller: Caller | undefined): void {
    if (envelope.body !== received || hasContext(request.headers)) return
    this.#known.learn(received, { question, identity: caller?.identity.digest })
  }

  async #fail(rpc: RpcRequest, caller: Caller | undefined, error: unknown): Promise<void> {
    const isFault = error instanceof SgcacheError && error.code === 'UPSTREAM_FAULT'
    const refusal = isFault ? caller?.refusal() : undefined
    if (refusal) {
      const headers = replyHeaders(refusal.headers, this.#options.url, undefined)
      sendReply(rpc.response, { ...refusal, headers }, 'fault')
    } else if (isFault && error.details.faultCode === undefined) {
      // Another request of the same question was refused, and its reply is gone: the site is asked again.
      await this.pass(rpc, 'fault')
    } else {
      sendReply(rpc.response, replyToError(error), detailOf(error))
    }
  }

  #callerOf({ request, envelope: { auth } }: RpcRequest): Caller | undefined {
    const context = contextOf(request.headers)
    const identity = auth && identityOf(auth, context, this.#options.salt)
    if (!identity) return undefined
    const scope = hasContext(context) ? ownScope(identity) : this.#scopeOf(identity)
    return callerOf(this.#options, identity, auth satisfies AuthParams, { ...context }, scope)
  }

  /** Scripts share a scope only if the operator put them there; acting for a person, they see what the person sees. */
  #scopeOf(identity: Identity): Omit<Scope, 'client'> {
    const { kind, name, sudo } = identity
    const shared = kind === 'script' && name !== undefined && sudo === undefined && this.#options.scopeOf(name)
    return shared || ownScope(identity)
  }
}

/** What the caller asks of the cache, by headers or as members of the credentials. */
function hintsIn({ request, envelope }: RpcRequest): ReadHints {
  return hintsOf({ ...request.headers, ...envelope.wishes })
}

function ownScope({ digest }: Identity): Omit<Scope, 'client'> {
  return { name: `caller-${digest}`, sees: 'restricted' }
}
