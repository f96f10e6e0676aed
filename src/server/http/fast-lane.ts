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
import type { Clock } from '../../clock.ts'
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
  /** While the server stops the router answers, which closes each connection after its reply. */
  readonly isStopping: () => boolean
}

export function fastLane(options: FastLaneOptions, next: RequestListener): RequestListener {
  const { bodies, bodyLimitBytes, clock } = options
  return (request, response) => {
    const began = clock.monotonic()
    const url = request.url!
    if (options.isStopping()) {
      next(request, response)
    } else if (isReadUrl(request.method!, url)) {
      if (!answerUrl(options, request, response, url, began)) next(request, response)
    } else if (isQueryPost(request, bodyLimitBytes)) {
      receiveBody(request, bodyLimitBytes, (body) => {
        if (body === undefined) return next(request, response)
        if (answerBody(options, request, response, body, began)) return
        bodies.keep(request, body)
        next(request, response)
      })
    } else {
      next(request, response)
    }
  }
}

function answerUrl(
  options: FastLaneOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  began: number,
): boolean {
  const identity = asksForMore(request.headers) ? undefined : options.authenticator.known(request.headers.authorization)
  const asked = identity && options.memo.ofUrl(identity.scope, url)
  return asked !== undefined && answer(options, request, response, asked, began)
}

function answerBody(
  options: FastLaneOptions,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  began: number,
): boolean {
  const identity = asksForMore(request.headers) ? undefined : options.authenticator.known(request.headers.authorization)
  const asked = identity && options.memo.ofBody(identity.scope, body.toString('latin1'))
  return asked !== undefined && answer(options, request, response, asked, began)
}

function answer(
  options: FastLaneOptions,
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked,
  began: number,
): boolean {
  if (asked.schema !== options.schemas.last) return false
  const entry = options.cache.peek(asked.question)
  if (entry === undefined) return false
  try {
    options.replies.hit(request, response, entry, asked.view)
  } catch (error) {
    // Before anything is sent the router can still answer, and report what is wrong.
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
