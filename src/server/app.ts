/**
 * The HTTP server: Fastify with the routes of the native API, and the fast lane in front of it.
 *
 * The app owns nothing but its listener; what it answers with is handed in, and whoever made that closes it.
 */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { SgcacheError } from '../errors.ts'
import { bareApp } from './http/bare-app.ts'
import { type FastLaneOptions, fastLane } from './http/fast-lane.ts'
import { receiveBody } from './http/receive-body.ts'
import { addEntityRoute } from './routes/entity.ts'
import { addOperationRoutes, type OperationRouteOptions } from './routes/operation.ts'
import { addQueryRoutes } from './routes/query.ts'
import { ReadRoute, type ReadRouteOptions } from './routes/read-route.ts'

export interface AppOptions extends FastLaneOptions, ReadRouteOptions, Omit<OperationRouteOptions, 'authenticator'> {
  readonly log: Logger
  readonly maxRows: number
  readonly trustProxy: readonly string[]
  /** Answers what is its own before anything else sees it, and leaves the rest to `next`. */
  readonly front?: (next: RequestListener) => RequestListener
  /** Without it every request takes the router: slower, and otherwise the same. */
  readonly withFastLane: boolean
}

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { reader, memo, maxRows, withFastLane, front } = options
  const app = bareApp({
    ...options,
    serverFactory: (handler) =>
      createServer(
        {
          maxHeaderSize,
          keepAliveTimeout,
          requestTimeout: front ? Math.max(options.timeoutMs, uploadMs) : options.timeoutMs,
        },
        withFastLane ? fastLane(options, fronted(front, handler)) : fronted(front, handler),
      ),
  })
  addBodyParser(app, options)
  await app.register(swagger, { openapi })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  const route = new ReadRoute(options)
  addEntityRoute(app, route, reader, memo)
  addQueryRoutes(app, { route, reader, memo, maxRows })
  addOperationRoutes(app, options)
  return app
}

function fronted(front: AppOptions['front'], next: RequestListener): RequestListener {
  return front ? front(next) : next
}

/** Movies go through here, and take as long as they take to arrive. */
const uploadMs = 6 * 3_600_000

/**
 * Idle connections are kept for long: a client that finds its connection closed when it sends its next call fails, and
 * the Python client does not try again.
 */
const keepAliveTimeout = 600_000

/** Tokens are the largest header there is. */
const maxHeaderSize = 16 * 1024

/** JSON stays the bytes it came in: they are what the memo knows it by. */
function addBodyParser(app: FastifyInstance, { bodies, bodyLimitBytes }: AppOptions): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', (request, payload, done) => {
    if (request.headers['content-encoding'] !== undefined) {
      return done(Object.assign(new Error('encoded body'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }))
    }
    const tooLarge = () => done(new SgcacheError('BODY_TOO_LARGE', { limitBytes: bodyLimitBytes }))
    const received = bodies.of(request.raw)
    if (received === 'too large' || Number(request.headers['content-length']) > bodyLimitBytes) return tooLarge()
    if (received) return done(null, received)
    receiveBody(payload as IncomingMessage, bodyLimitBytes, (body) => (body ? done(null, body) : tooLarge()))
  })
}

const openapi = {
  openapi: '3.1.0' as const,
  info: {
    title: 'sgcache',
    version: '1',
    description: 'Reads of a ShotGrid site, answered from memory as long as that is true.',
  },
  components: {
    securitySchemes: { token: { type: 'http' as const, scheme: 'bearer', bearerFormat: 'JWT' } },
  },
  security: [{ token: [] as string[] }],
}
