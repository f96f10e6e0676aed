/**
 * A client of one ShotGrid site with one set of credentials, the only place where they are held.
 *
 * Reads are retried on 502, 503, 504 and on a lost connection; nothing else ever is, since a write may have been
 * applied. An outage (no usable reply) is `UPSTREAM_UNREACHABLE`; a refusal in ShotGrid's own words is
 * `UPSTREAM_FAULT`. Errors never hold the request, and so never a secret.
 */

import type { Breaker } from '../breaker.ts'
import type { Clock } from '../clock.ts'
import { SgcacheError } from '../errors.ts'
import { faultOf, parseRead } from './reply.ts'
import type { WireSchema } from './schema.ts'
import { type Transport, TransportError, type TransportReply } from './transport.ts'
import type { AuthParams, FilterGroup, FilterNode, ReadArgs, ReadResults, Row, SortKey } from './wire.ts'

export interface ClientOptions {
  readonly url: string
  readonly transport: Transport
  readonly auth: AuthParams
  readonly clock: Clock
  readonly random: () => number
  /** Tries after the first, for reads. */
  readonly retries: number
  /** The pause before the first retry; it doubles, with jitter. */
  readonly retryPauseMs: number
  readonly breaker?: Breaker
  readonly observe?: (call: ObservedCall) => void
}

/** One request as it went, for metrics: retries are calls of their own. */
export interface ObservedCall {
  readonly method: string
  readonly outcome: 'ok' | 'fault' | 'outage'
  readonly durationMs: number
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Whether sending it twice is harmless. Default false. */
  readonly idempotent?: boolean
}

export interface FindOptions {
  readonly sorts?: readonly SortKey[]
  readonly limit?: number
  readonly page?: number
  readonly retired?: boolean
  readonly signal?: AbortSignal
}

const RETRIED_STATUS = new Set([502, 503, 504])

export class ShotGridClient {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** The site asked, without credentials. */
  get url(): string {
    return this.#options.url
  }

  /** One JSON-RPC call; the bytes of the reply as they came. */
  async call(method: string, args: unknown, options: CallOptions = {}): Promise<Buffer> {
    const body = this.#envelope(method, args)
    const tries = options.idempotent ? this.#options.retries + 1 : 1
    for (let tried = 1; ; tried += 1) {
      const reply = await this.#attempt(method, body, options.signal)
      if (Buffer.isBuffer(reply)) return reply
      if (tried >= tries || !reply.retry || options.signal?.aborted) throw reply.error
      await this.#options.clock.sleep(this.#pauseMs(tried), options.signal)
    }
  }

  async read(args: ReadArgs, signal?: AbortSignal): Promise<ReadResults> {
    const body = await this.call('read', args, { idempotent: true, ...(signal && { signal }) })
    try {
      return parseRead(body)
    } catch (error) {
      throw this.malformed(error)
    }
  }

  /** The error for a reply that came whole but cannot be read: as good as none. */
  malformed(cause: unknown): SgcacheError {
    return this.#unreachable('the reply is malformed', cause)
  }

  /** Rows, one page of them: `limit` at most, 500 by default. Conditions are joined by `and`. */
  async find(
    type: string,
    conditions: readonly FilterNode[],
    fields: readonly string[],
    options: FindOptions = {},
  ): Promise<readonly Row[]> {
    const filters: FilterGroup = { logical_operator: 'and', conditions }
    const args: ReadArgs = {
      type,
      filters,
      return_fields: fields.length > 0 ? fields : ['id'],
      return_only: options.retired ? 'retired' : 'active',
      paging: { entities_per_page: options.limit ?? 500, current_page: options.page ?? 1 },
      return_paging_info_without_counts: false,
      ...(options.sorts && { sorts: options.sorts }),
    }
    return (await this.read(args, options.signal)).entities
  }

  /** The whole schema; several megabytes on real sites. */
  async schema(signal?: AbortSignal): Promise<WireSchema> {
    const body = await this.call('schema_read', {}, { idempotent: true, ...(signal && { signal }) })
    const reply = JSON.parse(body.toString('utf8')) as { results?: WireSchema } & WireSchema
    return reply.results ?? reply
  }

  #envelope(method: string, args: unknown): Buffer {
    const isEmpty = typeof args === 'object' && args !== null && Object.keys(args).length === 0
    const params = method === 'info' ? [] : isEmpty ? [this.#options.auth] : [this.#options.auth, args]
    return Buffer.from(JSON.stringify({ method_name: method, params }))
  }

  async #attempt(method: string, body: Buffer, signal?: AbortSignal): Promise<Buffer | Failure> {
    const { breaker, clock } = this.#options
    if (breaker && !breaker.admits())
      return { error: this.#unreachable('too many failures in a row, trying again soon') }
    const began = clock.monotonic()
    const result = await this.#send(body, signal)
    const outcome = Buffer.isBuffer(result) ? 'ok' : result.error.code === 'UPSTREAM_FAULT' ? 'fault' : 'outage'
    this.#options.observe?.({ method, outcome, durationMs: clock.monotonic() - began })
    if (outcome !== 'outage') breaker?.succeeded()
    else if (!signal?.aborted) breaker?.failed()
    return result
  }

  async #send(body: Buffer, signal?: AbortSignal): Promise<Buffer | Failure> {
    try {
      const reply = await this.#options.transport({ path: '/api3/json', body, ...(signal && { signal }) })
      return this.#judge(reply)
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      return { error: this.#unreachable(error.message, error), retry: true }
    }
  }

  #judge(reply: TransportReply): Buffer | Failure {
    if (reply.status >= 500) {
      return { error: this.#unreachable(`HTTP ${reply.status}`), retry: RETRIED_STATUS.has(reply.status) }
    }
    if (reply.status >= 300) {
      return { error: new SgcacheError('UPSTREAM_FAULT', { fault: `HTTP ${reply.status}`, url: this.url }) }
    }
    if (!isJson(reply)) return { error: this.#unreachable('the reply is not JSON'), retry: true }
    const fault = faultOf(reply.body)
    if (!fault) return reply.body
    return { error: new SgcacheError('UPSTREAM_FAULT', { fault: fault.message, faultCode: fault.error_code }) }
  }

  #unreachable(reason: string, cause?: unknown): SgcacheError {
    return new SgcacheError('UPSTREAM_UNREACHABLE', { url: this.url, reason }, { cause })
  }

  #pauseMs(tried: number): number {
    return this.#options.retryPauseMs * 2 ** (tried - 1) * (0.5 + this.#options.random())
  }
}

interface Failure {
  readonly error: SgcacheError
  readonly retry?: boolean
}

/** A missing content type counts as JSON, as it does for the Python client. A cut or garbled body does not. */
function isJson(reply: TransportReply): boolean {
  const type = String(reply.headers['content-type'] ?? 'application/json')
  let start = 0
  let end = reply.body.length - 1
  while (start < end && reply.body[start]! <= 0x20) start += 1
  while (end > start && reply.body[end]! <= 0x20) end -= 1
  const ends = String.fromCharCode(reply.body[start] ?? 0, reply.body[end] ?? 0)
  const isObject = ends === '{}' || ends === '[]'
  return (type.startsWith('application/json') || type.startsWith('text/javascript')) && isObject
}
