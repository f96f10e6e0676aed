/**
 * Answers hits before the router sees them. Whatever is not a plain hit goes on to the router untouched, with the body
 * that was read handed over: who asks for something special, who is not known, what is not cached, what is wrong.
 *
 * It decides nothing that the routes would decide otherwise: the identity was proven by the same authenticator, the
 * question was understood by the same routes, the entry is checked by the same cache, the reply is written by the
 * same code. A test holds both to the same bytes.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Cache } from '../../cache/cache.ts'
import type { Entry } from '../../cache/entry.ts'
import type { Clock } from '../../clock.ts'
import type { Scope } from '../../reads/reader.ts'
import type { SchemaSource } from '../../reads/schema-source.ts'
import { asksForMore } from '../answer/cache-control.ts'
import type { Replies } from '../answer/replies.ts'
import type { Asked, RequestMemo } from '../answer/request-memo.ts'
import type { Authenticator } from '../authenticator.ts'
import type { RequestCounts } from '../metrics/request-counts.ts'
import { type ReceivedBodies, receiveBody } from './receive-body.ts'

export interface FastLaneOptions {
  readonly cache: Cache
  readonly schemas: SchemaSource
  readonly authenticator: Authenticator
  readonly memo: RequestMemo
  readonly replies: Replies
  readonly bodies: ReceivedBodies
  readonly counts: RequestCounts
  readonly bodyLimitBytes: number
  readonly clock: Clock
  /** Whether there is a store behind the near cache, to be looked into for what was asked before. */
  readonly looksInStore: boolean
  /** While the server stops the router answers, which closes each connection after its reply. */
  readonly isStopping: () => boolean
}

export function fastLane(options: FastLaneOptions, next: RequestListener): RequestListener {
  const { bodies, bodyLimitBytes, clock, memo } = options
  return (request, response) => {
    const began = clock.monotonic()
    const url = request.url!
    if (options.isStopping()) {
      next(request, response)
    } else if (isReadUrl(request.method!, url)) {
      const asked = question(options, request, (scope) => memo.ofUrl(scope, url))
      const goOn = () => next(request, response)
      if (asked) answer(options, { request, response, asked, began, goOn })
      else goOn()
    } else if (isQueryPost(request, bodyLimitBytes)) {
      receiveBody(request, bodyLimitBytes, (body) => {
        const asked = body && question(options, request, (scope) => memo.ofBody(scope, body.toString('latin1')))
        const goOn = () => {
          bodies.keep(request, body ?? 'too large')
          next(request, response)
        }
        if (asked) answer(options, { request, response, asked, began, goOn })
        else goOn()
      })
    } else {
      next(request, response)
    }
  }
}

/** What is asked, if a known caller asks it as it was asked before and wants nothing special. */
function question(
  { authenticator, schemas }: FastLaneOptions,
  { headers }: IncomingMessage,
  known: (scope: Scope) => Asked | undefined,
): Asked | undefined {
  const identity = asksForMore(headers) ? undefined : authenticator.known(headers.authorization)
  const asked = identity && known(identity.scope)
  return asked?.schema === schemas.last ? asked : undefined
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly asked: Asked
  readonly began: number
  /** To the router. */
  readonly goOn: () => void
}

function answer(options: FastLaneOptions, exchange: Exchange): void {
  const { cache, looksInStore } = options
  const { asked, response, goOn } = exchange
  const near = cache.peek(asked.question)
  if (near) {
    if (!send(options, exchange, near)) goOn()
  } else if (looksInStore) {
    const stored = cache.look(asked.question)
    stored.then((entry) => response.destroyed || (entry && send(options, exchange, entry)) || goOn(), goOn)
  } else {
    goOn()
  }
}

/** False if nothing was sent: the router can still answer, and report what is wrong. */
function send(options: FastLaneOptions, { request, response, asked, began }: Exchange, entry: Entry): boolean {
  try {
    options.replies.hit(request, response, entry, asked.view)
  } catch (error) {
    if (!response.headersSent) return false
    response.destroy(error as Error)
  }
  const seconds = (options.clock.monotonic() - began) / 1000
  options.counts.add(asked.view, request.method!, response.statusCode, seconds)
  return true
}

function isReadUrl(method: string, url: string): boolean {
  return (method === 'GET' || method === 'HEAD') && (url.startsWith('/entity/') || url.startsWith('/query?'))
}

/** A body of unknown length is bounded while it is read; one that says it is too large goes on unread. */
function isQueryPost({ method, url, headers }: IncomingMessage, limitBytes: number): boolean {
  if (method !== 'POST' || url !== '/query' || headers['content-encoding'] !== undefined) return false
  const type = headers['content-type']
  if (type !== 'application/json' && !type?.startsWith('application/json;')) return false
  return headers['content-length'] === undefined || Number(headers['content-length']) <= limitBytes
}
