/** Any error that ends a request, as one of the catalogue, and its reply. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { SgcacheError } from '../../errors.ts'
import { MalformedReply } from '../../shotgrid/reply.ts'
import { errorBody } from './error-body.ts'

/** What a request ended with, as one of the catalogue. Unknown errors become `INTERNAL`. */
export function catalogued(error: unknown, request: FastifyRequest, bodyLimitBytes: number): SgcacheError {
  if (error instanceof SgcacheError) return error
  if (error instanceof MalformedReply)
    return new SgcacheError('UPSTREAM_FAULT', { fault: error.message }, { cause: error })
  const { code, statusCode = 500 } = error as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new SgcacheError('UNSUPPORTED_MEDIA_TYPE', { value: mediaType(request) })
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new SgcacheError('BODY_TOO_LARGE', { limitBytes: bodyLimitBytes })
  if (statusCode >= 400 && statusCode < 500) {
    return new SgcacheError('INVALID_REQUEST', { where: 'request', reason: (error as Error).message })
  }
  return new SgcacheError('INTERNAL', {}, { cause: error })
}

export function replyWithError(reply: FastifyReply, error: SgcacheError): FastifyReply {
  if (error.code === 'UNAUTHENTICATED' || error.code === 'SCOPE_FORBIDDEN') {
    reply.header('WWW-Authenticate', challenge(error))
  }
  // What is left of a body that is too large is not read, so the connection cannot be used again.
  if (error.code === 'BODY_TOO_LARGE') reply.header('Connection', 'close')
  if (error.code === 'UPSTREAM_UNREACHABLE') reply.header('Retry-After', '5')
  return reply
    .code(error.status)
    .header('Cache-Control', 'no-store')
    .header('Content-Type', 'application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(error, reply.request.id)))
}

/** RFC 6750, 3. */
function challenge(error: SgcacheError): string {
  const kind = error.code === 'SCOPE_FORBIDDEN' ? 'insufficient_scope' : error.details.problem
  const parameters = typeof kind === 'string' ? `, error="${kind}", error_description="${spoken(error)}"` : ''
  return `Bearer realm="sgcache"${parameters}`
}

function spoken(error: SgcacheError): string {
  return error.message.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'")
}

function mediaType({ headers }: FastifyRequest): string {
  const encoding = headers['content-encoding']
  const type = headers['content-type'] ?? 'none'
  return JSON.stringify((encoding === undefined ? type : `${type}, ${encoding}`).slice(0, 100))
}
