/** An HTTP server without routes: request ids, errors in the catalogue's form, counts and log lines. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerFactory,
  fastify,
  LogController,
} from 'fastify'
import type { Logger } from 'pino'
import { SgcacheError } from '../../errors.ts'
import type { RequestCounts } from '../metrics/request-counts.ts'
import { catalogued, replyWithError } from './error-reply.ts'
import { addRequestLog } from './request-log.ts'

export interface BareAppOptions {
  readonly log: Logger
  readonly counts: RequestCounts
  readonly bodyLimitBytes: number
  readonly trustProxy: readonly string[]
  readonly serverFactory?: FastifyServerFactory
}

export function bareApp(options: BareAppOptions): FastifyInstance {
  const { log, counts, bodyLimitBytes, trustProxy, serverFactory } = options
  const loggerInstance: FastifyBaseLogger = log
  const app: FastifyInstance = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    bodyLimit: bodyLimitBytes,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    // While it stops, what still comes over open connections is answered, and the connection closed after that.
    return503OnClosing: false,
    ...(serverFactory && { serverFactory }),
  })
  // The routes check requests themselves: their errors say more. The descriptions are for the documentation only.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  addErrors(app, bodyLimitBytes)
  addRequestLog(app, counts)
  return app
}

/** Callers may name their request, so that it is found again in their log and ours. */
function requestId({ headers }: { headers: IncomingMessage['headers'] }): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID()
}

function addErrors(app: FastifyInstance, bodyLimitBytes: number): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = catalogued(error, request, bodyLimitBytes)
    request.failure = failure
    return replyWithError(reply, failure)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!.slice(0, 200)
    request.failure = new SgcacheError('NO_SUCH_ROUTE', { method: request.method, path })
    return replyWithError(reply, request.failure)
  })
}
