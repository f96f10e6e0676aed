/** `GET /entity/:type/:id?fields=a,b`: one row, with the fields that are named or all of its plain ones. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { entityCall } from '../../reads/entity.ts'
import type { Reader } from '../../reads/reader.ts'
import type { RequestMemo } from '../answer/request-memo.ts'
import { readFields, readType } from '../query/query-body.ts'
import { isTable, problem, refuseUnknownKeys, shown } from '../query/request-problem.ts'
import { entityRoute } from './descriptions.ts'
import type { AskedRead, ReadRoute } from './read-route.ts'

export function addEntityRoute(app: FastifyInstance, route: ReadRoute, reader: Reader, memo: RequestMemo): void {
  app.get('/entity/:type/:id', { schema: entityRoute }, (request, reply) =>
    route.answer(request, reply, () => understand(request, route, reader, memo)),
  )
}

async function understand(
  request: FastifyRequest,
  route: ReadRoute,
  reader: Reader,
  memo: RequestMemo,
): Promise<AskedRead> {
  const { type: typeText, id: idText } = request.params as { type: string; id: string } // of the route's path
  const type = readType(typeText)
  const id = readId(idText)
  const fields = fieldsOf(request.query)
  if (fields) await route.check(entityCall(type, id, fields))
  else await route.checkType(type)
  return {
    view: 'entity',
    ask: (scope, hints) => reader.readEntity(scope, type, id, fields, hints),
    learn: (scope, asked) => memo.learnUrl(scope, request.raw.url!, asked),
  }
}

function readId(text: string): number {
  const id = Number(text)
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(id)) return id
  throw problem('id', `${shown(text)} is not the id of a row`, text)
}

/** `undefined`: none are named. An empty list would be a mistake that looks like "none". */
function fieldsOf(query: unknown): readonly string[] | undefined {
  if (!isTable(query)) return undefined
  refuseUnknownKeys(query, ['fields'], 'query string')
  const { fields } = query
  if (fields === undefined) return undefined
  const texts = Array.isArray(fields) ? fields : [fields]
  return readFields(texts.flatMap((text) => String(text).split(',')))
}
