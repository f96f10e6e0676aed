/** `/live`, `/ready`, `/health` and `/metrics`: for whoever runs the server. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { Authenticator } from '../authenticator.ts'
import { type HealthFacts, healthOf } from '../health.ts'
import { healthRoute, liveRoute, metricsRoute, readyRoute } from './descriptions.ts'

export interface OperationRouteOptions {
  readonly authenticator: Authenticator
  readonly facts: () => HealthFacts
  readonly metrics: Registry | undefined
  /** Whether figures are shown without a token. */
  readonly isOpen: boolean
}

export function addOperationRoutes(app: FastifyInstance, options: OperationRouteOptions): void {
  const { authenticator, facts, metrics, isOpen } = options
  app.get('/live', { schema: liveRoute }, async () => ({ status: 'live' }))
  app.get('/ready', { schema: readyRoute }, async (_, reply) => {
    if (!facts().isStopping) return { status: 'ready' }
    return reply.code(503).send({ status: 'stopping' })
  })
  app.get('/health', { schema: healthRoute }, async (request, reply) => {
    const health = healthOf(facts())
    const mayKnow = isOpen || (await isKnown(request, authenticator))
    return reply.code(health.status === 'ok' ? 200 : 503).send(mayKnow ? health : { status: health.status })
  })
  if (!metrics) return
  app.get('/metrics', { schema: metricsRoute }, async (request, reply) => {
    if (!isOpen) await authenticator.identify(request.headers.authorization)
    return reply.header('Content-Type', metrics.contentType).send(await metrics.metrics())
  })
}

async function isKnown(request: FastifyRequest, authenticator: Authenticator): Promise<boolean> {
  return authenticator.identify(request.headers.authorization).then(
    () => true,
    () => false,
  )
}
