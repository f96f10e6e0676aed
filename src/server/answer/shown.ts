/**
 * How an entry is shown by the native API: which bytes of upstream's reply are the data, what surrounds them, and the
 * validator (ETag) of what is shown.
 *
 *     {"data":  <the bytes as they came>  ,"has_more":false,"source":"cache"}
 *
 * Nothing is copied: the three parts are written one after the other, and the middle one is a view of the entry's own
 * body. What is worked out here is kept with the entry, so a hit works out nothing.
 *
 * The ETag is a digest of what upstream said, so it is the same whether the answer came from ShotGrid or from the
 * cache (`source` differs, the data does not), in every instance, and in every encoding: a weak validator.
 */
import { createHash } from 'node:crypto'
import type { Entry } from '../../cache/entry.ts'
import { SgcacheError } from '../../errors.ts'
import { type Call, parseCall } from '../../shotgrid/call.ts'
import { elementSpans, entitiesSpan, MalformedReply } from '../../shotgrid/reply.ts'
import type { PagingInfo } from '../../shotgrid/wire.ts'
import { errorBody } from '../http/error-body.ts'

/** `entity`: one row or 404. `query`: a list of rows. */
export type View = 'entity' | 'query'

export interface Shown {
  readonly status: 200 | 404
  readonly etag: string
  /** What comes before the data: latin1 text. */
  readonly start: string
  /** A part of the entry's body. */
  readonly data: Buffer
  /** What comes after the data up to `"source":`. */
  readonly end: string
}

/** Throws `MalformedReply` if the entry's body is no reply to a read. */
export function show(entry: Entry, view: View): Shown {
  const span = entitiesSpan(entry.body)
  if (view === 'query') {
    const hasMore = hasMoreOf(entry, span)
    return shown(200, '{"data":', entry.body.subarray(span.start, span.end), `,"has_more":${hasMore},`)
  }
  const row = elementSpans(entry.body, span)[0]
  if (!row) return missing(entry)
  return shown(200, '{"data":', entry.body.subarray(row.start, row.end), ',')
}

/** The end of a body: where the answer comes from, and its age when it is labelled stale. */
export function sourceText(source: 'cache' | 'shotgrid', staleAgeS?: number): string {
  return `"source":"${source}"${staleAgeS === undefined ? '' : `,"stale":{"age_s":${staleAgeS}}`}}`
}

function shown(status: 200 | 404, start: string, data: Buffer, end: string): Shown {
  const digest = createHash('sha256').update(start).update(data).update(end).digest('base64url').slice(0, 27)
  return { status, etag: `W/"${digest}"`, start, data, end }
}

/** There is no such row: an answer like any other, cached as well. */
function missing(entry: Entry): Shown {
  const error = new SgcacheError('NOT_FOUND', { type: entry.type, id: idOf(parseCall(entry.call)) })
  const text = JSON.stringify(errorBody(error))
  return shown(404, `${latin1(text).slice(0, -1)},`, nothing, '')
}

/**
 * Whether there may be further rows. ShotGrid says so if it was asked; otherwise a full page may have more behind it.
 */
function hasMoreOf(entry: Entry, span: { readonly start: number; readonly end: number }): boolean {
  const paging = pagingInfo(entry.body, span)
  if (paging?.has_next_page !== undefined) return paging.has_next_page
  const call = parseCall(entry.call)
  return call.operation === 'read' && elementSpans(entry.body, span).length >= call.perPage
}

/** Parses the reply around its rows, which is a few bytes however many rows there are. */
function pagingInfo(body: Buffer, span: { readonly start: number; readonly end: number }): PagingInfo | undefined {
  const around = `${body.toString('utf8', 0, span.start)}[]${body.toString('utf8', span.end)}`
  try {
    return (JSON.parse(around) as { results?: { paging_info?: PagingInfo } }).results?.paging_info
  } catch (cause) {
    throw Object.assign(new MalformedReply('no JSON around the rows'), { cause })
  }
}

/** The id a row was asked by: the value of the only condition. */
function idOf(call: Call): unknown {
  const [leaf] = call.filters.conditions
  return leaf && 'values' in leaf ? leaf.values[0] : undefined
}

/** UTF-8 bytes as a text of one character each, so that writing it as latin1 gives the same bytes. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

const nothing = Buffer.alloc(0)
