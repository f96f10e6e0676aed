/**
 * What the read routes have in common: who asks, what they ask of the cache, the answer within its time, and the memo
 * that lets the fast lane answer the same text the next time.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from '../../cache/cache.ts'
import type { Clock } from '../../clock.ts'
import type { Reader, ReaderHints, Scope } from '../../reads/reader.ts'
import type { ReadCall } from '../../shotgrid/call.ts'
import type { Schema } from '../../shotgrid/schema.ts'
import { hintsOf } from '../answer/cache-control.ts'
import type { Replies } from '../answer/replies.ts'
import type { Asked, RequestMemo } from '../answer/request-memo.ts'
import type { View } from '../answer/shown.ts'
import type { Authenticator } from '../authenticator.ts'
import { settledWithin, withinTime } from '../http/within-time.ts'
import { checkCall, checkType, checkValueCounts } from '../query/check-call.ts'

export interface ReadRouteOptions {
  readonly reader: Reader
  readonly authenticator: Authenticator
  readonly memo: RequestMemo
  readonly replies: Replies
  readonly clock: Clock
  readonly timeoutMs: number
}

/** What one route makes of a request. */
export interface AskedRead {
  readonly view: View
  readonly ask: (scope: Scope, hints: ReaderHints) => Promise<Answer>
  readonly learn: (scope: Scope, asked: Asked) => void
}

export class ReadRoute {
  readonly #options: ReadRouteOptions

  constructor(options: ReadRouteOptions) {
    this.#options = options
  }

  /** Rejects before anything is sent; afterwards the reply is Node's. */
  async answer(request: FastifyRequest, reply: FastifyReply, understand: () => Promise<AskedRead>): Promise<void> {
    const { authenticator, replies, timeoutMs, clock } = this.#options
    const { scope } = await authenticator.identify(request.headers.authorization)
    const hints = { ...hintsOf(request.headers), mayRevalidate: true }
    const { answer, view } = await withinTime(this.#ask(scope, hints, understand), timeoutMs, clock)
    request.outcome = answer.outcome
    replies.send(request.raw, reply.raw, answer, view)
    reply.hijack()
  }

  /** Refuses what the site's schema does not have. What one schema does not have, a newer one may. */
  async check(call: ReadCall): Promise<void> {
    checkValueCounts(call.filters)
    await this.#againstSchema((schema) => checkCall(call, schema))
  }

  async checkType(type: string): Promise<void> {
    await this.#againstSchema((schema) => checkType(type, schema))
  }

  async #ask(scope: Scope, hints: ReaderHints, understand: () => Promise<AskedRead>) {
    const { ask, learn, view } = await understand()
    const schema = this.#options.reader.schemas.last
    const answer = await ask(scope, hints)
    // Only what was understood by one schema alone: a change meanwhile is learned the next time.
    if (schema === this.#options.reader.schemas.last) learn(scope, { question: questionOf(answer), view, schema })
    return { answer, view }
  }

  async #againstSchema(check: (schema: Schema) => void): Promise<void> {
    const { schemas } = this.#options.reader
    if (!schemas.last) await settledWithin(schemas.current(), schemaPatienceMs, this.#options.clock)
    const { last } = schemas
    if (!last) return // not known: ShotGrid decides
    try {
      check(last)
    } catch (error) {
      const current = await schemas.current().catch(() => undefined)
      if (!current || current === last) throw error
      check(current)
    }
  }
}

/** How long the first requests wait for the schema; with ShotGrid down they go on without it. */
const schemaPatienceMs = 3000

function questionOf({ entry }: Answer): Asked['question'] {
  return { key: entry.key, scope: entry.scope, type: entry.type, call: entry.call }
}
