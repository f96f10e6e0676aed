/**
 * Counts and logs what the router answered: misses, errors and slow requests. Hits are counted only. No line ever holds
 * a query string, a body or a header.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from '../../cache/cache.ts'
import type { SgcacheError } from '../../errors.ts'
import type { RequestCounts, RequestEndpoint } from '../metrics/request-counts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** How a read was answered; empty while it is not, and for other routes. */
    outcome: Answer['outcome'] | ''
    /** What the request ended with, if it failed. */
    failure: SgcacheError | undefined
  }
}

export function addRequestLog(app: FastifyInstance, counts: RequestCounts): void {
  app.decorateRequest('outcome', '')
  app.decorateRequest('failure', undefined)
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode, elapsedTime } = reply
    counts.add(endpointOf(request.routeOptions.url), request.method, statusCode, elapsedTime / 1000)
    logReply(request, reply)
  })
}

function logReply(request: FastifyRequest, reply: FastifyReply): void {
  const { outcome, failure } = request
  const ms = Math.round(reply.elapsedTime)
  const line = { method: request.method, route: request.routeOptions.url, status: reply.statusCode, ms }
  if (failure && failure.status >= 500) {
    const { cause } = failure
    request.log.error({ ...line, code: failure.code, err: cause ?? failure }, 'request failed')
  } else if (failure) request.log.debug({ ...line, code: failure.code }, 'request refused')
  else if (outcome === 'stale') request.log.warn({ ...line, outcome }, 'stale answer')
  else if (outcome === 'miss' || outcome === 'bypass') request.log.info({ ...line, outcome }, 'miss')
  else if (ms >= slowMs) request.log.warn({ ...line, outcome }, 'slow request')
}

const slowMs = 1000

function endpointOf(route: string | undefined): RequestEndpoint {
  if (route === '/entity/:type/:id') return 'entity'
  if (route === '/query') return 'query'
  if (route === '/health' || route === '/live' || route === '/ready') return 'health'
  if (route === '/metrics') return 'metrics'
  return route?.startsWith('/docs') ? 'docs' : 'other'
}
