/** The two APIs: how each is asked a question, and what its reply says, so that it can be compared with the site's. */
import { type Call, callArgs, type ReadCall } from '../../src/shotgrid/call.ts'
import { answerText } from '../histories/answers.ts'
import type { Asked, Told } from './http.ts'
import type { Caller } from './site.ts'

export interface Answer {
  /** Equal for equal answers. */
  readonly text: string
  readonly rows: readonly Row[]
  /** `stale`: labelled so. */
  readonly outcome: 'hit' | 'read' | 'stale'
}

export interface Row {
  readonly type: string
  readonly id: number
  readonly [field: string]: unknown
}

export interface Door {
  readonly name: 'native' | 'drop-in'
  readonly asked: Asked
  /** Throws if the reply is none that a read can have. */
  read(told: Told): Answer
}

export function dropIn(caller: Caller, call: Call): Door {
  const body = JSON.stringify({ method_name: call.operation, params: [caller.auth, callArgs(call)] })
  return {
    name: 'drop-in',
    asked: { method: 'POST', path: '/api3/json', body },
    read: (told) => {
      if (told.status !== 200) throw new Error(`status ${told.status}: ${told.body.slice(0, 300)}`)
      const reply: unknown = JSON.parse(told.body)
      return { text: textOf(reply), rows: rowsOf(reply), outcome: outcomeOf(told) }
    },
  }
}

export function nativeEntity(type: string, id: number, fields: readonly string[]): Door {
  const path = `/entity/${type}/${id}?fields=${encodeURIComponent(fields.join(','))}`
  return {
    name: 'native',
    asked: { method: 'GET', path },
    read: (told) => {
      if (told.status !== 200 && told.status !== 404)
        throw new Error(`status ${told.status}: ${told.body.slice(0, 300)}`)
      const { data } = JSON.parse(told.body) as { data?: Row }
      return nativeAnswer(told, data ? [data] : [])
    },
  }
}

export function nativeQuery(call: ReadCall): Door {
  const { type, fields, filters, sorts, perPage, paging } = call
  const order = sorts.map(({ path, direction }) => ({ field_name: path, direction }))
  const limit = paging === 'none' ? { limit: perPage } : {}
  const body = JSON.stringify({ entity_type: type, filters, fields, ...(order.length > 0 && { order }), ...limit })
  return {
    name: 'native',
    asked: { method: 'POST', path: '/query', body },
    read: (told) => {
      if (told.status !== 200) throw new Error(`status ${told.status}: ${told.body.slice(0, 300)}`)
      return nativeAnswer(told, (JSON.parse(told.body) as { data: Row[] }).data)
    },
  }
}

/** What of the site's reply is compared: rows without what the reply says of further pages, or the summary. */
export function textOf(reply: unknown): string {
  const { results } = reply as { results?: unknown }
  const entities = (results as { entities?: unknown } | null | undefined)?.entities
  return entities === undefined ? answerText(reply) : answerText({ results: entities })
}

function rowsOf(reply: unknown): readonly Row[] {
  const { results } = reply as { results?: { entities?: Row[] } | null }
  return results?.entities ?? []
}

function nativeAnswer(told: Told, rows: readonly Row[]): Answer {
  const { stale } = JSON.parse(told.body) as { stale?: unknown }
  const outcome = outcomeOf(told)
  if ((stale !== undefined) !== (outcome === 'stale')) throw new Error('header and body disagree about being stale')
  return { text: answerText({ results: rows }), rows, outcome }
}

function outcomeOf({ headers }: Told): Answer['outcome'] {
  const status = String(headers['cache-status'] ?? '')
  if (!status.startsWith('sgcache; hit')) return 'read'
  return status.includes('detail=') ? 'stale' : 'hit'
}
