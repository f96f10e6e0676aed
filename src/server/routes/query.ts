/** `POST /query` with a JSON body, and `GET /query?q=` with the same as a cacheable GET. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Reader } from '../../reads/reader.ts'
import type { RequestMemo } from '../answer/request-memo.ts'
import { parseJson, readQuery } from '../query/query-body.ts'
import { isTable, problem, refuseUnknownKeys } from '../query/request-problem.ts'
import { queryByGetRoute, queryRoute } from './descriptions.ts'
import type { AskedRead, ReadRoute } from './read-route.ts'

export interface QueryRouteOptions {
  readonly route: ReadRoute
  readonly reader: Reader
  readonly memo: RequestMemo
  /** The largest page that may be asked for. */
  readonly maxRows: number
}

export function addQueryRoutes(app: FastifyInstance, options: QueryRouteOptions): void {
  const { route, memo } = options
  app.post('/query', { schema: queryRoute }, (request, reply) =>
    route.answer(request, reply, () => {
      const body = bodyOf(request)
      return understand(options, body.toString('utf8'), (scope, asked) =>
        memo.learnBody(scope, body.toString('latin1'), asked),
      )
    }),
  )
  app.get('/query', { schema: queryByGetRoute }, (request, reply) =>
    route.answer(request, reply, () =>
      understand(options, queryText(request.query), (scope, asked) => memo.learnUrl(scope, request.raw.url!, asked)),
    ),
  )
}

async function understand(
  { route, reader, maxRows }: QueryRouteOptions,
  text: string,
  learn: AskedRead['learn'],
): Promise<AskedRead> {
  const call = readQuery(parseJson(text), maxRows)
  await route.check(call)
  return { view: 'query', ask: (scope, hints) => reader.read(scope, call, hints), learn }
}

/** The parser of the app leaves JSON as the bytes it came in. */
function bodyOf({ body }: FastifyRequest): Buffer {
  if (Buffer.isBuffer(body)) return body
  throw problem('body', 'a JSON object is expected')
}

function queryText(query: unknown): string {
  if (!isTable(query)) throw problem('q', 'the query as JSON is expected')
  refuseUnknownKeys(query, ['q'], 'query string')
  if (typeof query.q !== 'string') throw problem('q', 'the query as JSON is expected')
  return query.q
}
