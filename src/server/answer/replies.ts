/**
 * Writes the replies to reads. One place for all of them, so that an answer is the same whichever way led to it: the
 * fast lane or the router, the first time or the thousandth.
 *
 * Cost of a hit: a look at the clock, a few comparisons, and what Node does to send finished bytes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../../cache/cache.ts'
import type { Entry } from '../../cache/entry.ts'
import type { Clock } from '../../clock.ts'
import { cacheStatus } from './cache-status.ts'
import { Compressor } from './compressor.ts'
import { matchesEtag } from './conditional.ts'
import { EncodingMemo } from './encoding.ts'
import { readHeaders, wholeSeconds } from './ready-headers.ts'
import { renderingOf } from './rendering.ts'
import { type Shown, show, sourceText, type View } from './shown.ts'

export interface RepliesOptions {
  readonly clock: Clock
  /** Whether the entry is in the cache, for `Cache-Status: stored`. */
  readonly isStored: (entry: Entry) => boolean
  /** Told of an entry whose attachment has grown. */
  readonly onGrown: (entry: Entry) => void
  readonly observe: (reply: Replied) => void
}

/** A reply to a read as it went out. */
export interface Replied {
  readonly view: View
  readonly outcome: Answer['outcome']
  readonly entry: Entry
  readonly ageMs: number
}

export class Replies {
  readonly compressor: Compressor
  readonly #options: RepliesOptions
  readonly #encodings = new EncodingMemo()

  constructor(options: RepliesOptions) {
    this.#options = options
    this.compressor = new Compressor({ onMade: options.onGrown })
  }

  /** Any answer of the cache. */
  send(request: IncomingMessage, response: ServerResponse, answer: Answer, view: View): void {
    if (answer.outcome === 'hit' && answer.detail === 'fresh') this.hit(request, response, answer.entry, view)
    else this.#other(request, response, answer, view)
  }

  /** A fresh entry. */
  hit(request: IncomingMessage, response: ServerResponse, entry: Entry, view: View): void {
    const now = this.#options.clock.now()
    const rendering = renderingOf(entry, view, this.#options.onGrown)
    const seq = entry.validatedSeq
    this.#options.observe({ view, outcome: 'hit', entry, ageMs: now - entry.fetchedAt })
    if (isUnchanged(request, rendering.shown)) {
      rendering.notModified.write(response, 304, entry, now, seq)
      response.end()
      return
    }
    const encoding = this.#encodings.of(request.headers['accept-encoding'])
    const variant = encoding && rendering.variants[encoding]
    if (variant) {
      variant.headers.write(response, rendering.shown.status, entry, now, seq)
      response.end(variant.body)
      return
    }
    if (encoding) this.compressor.want(entry, rendering, encoding)
    rendering.headers.write(response, rendering.shown.status, entry, now, seq)
    if (rendering.whole !== undefined) response.end(rendering.whole)
    else endInParts(response, rendering.shown, rendering.end)
  }

  /** What came from upstream, or is past its TTL and says so. */
  #other(request: IncomingMessage, response: ServerResponse, answer: Answer, view: View): void {
    const { entry, outcome, ageMs } = answer
    const shown = show(entry, view)
    const ageS = Math.max(0, wholeSeconds(ageMs))
    const end = shown.end + sourceOf(outcome, ageS)
    this.#options.observe({ view, outcome, entry, ageMs })
    const { clock, isStored } = this.#options
    const status = cacheStatus(answer, clock.now(), isStored(entry))
    const moving = ['Cache-Status', status, 'Age', String(ageS), 'X-SGCache-Seq', String(answer.seq)]
    if (isUnchanged(request, shown)) {
      response.writeHead(304, [...readHeaders({ etag: shown.etag }), ...moving])
      response.end()
      return
    }
    const length = shown.start.length + shown.data.length + end.length
    response.writeHead(shown.status, [...readHeaders({ etag: shown.etag, length }), ...moving])
    endInParts(response, shown, end)
  }
}

function sourceOf(outcome: Answer['outcome'], ageS: number): string {
  if (outcome === 'hit') return sourceText('cache')
  return outcome === 'stale' ? sourceText('cache', ageS) : sourceText('shotgrid')
}

function isUnchanged(request: IncomingMessage, shown: Shown): boolean {
  const given = request.headers['if-none-match']
  return given !== undefined && shown.status === 200 && request.method !== 'POST' && matchesEtag(given, shown.etag)
}

function endInParts(response: ServerResponse, shown: Shown, end: string): void {
  if (response.req.method === 'HEAD') {
    response.end()
    return
  }
  response.write(shown.start, 'latin1')
  if (shown.data.length > 0) response.write(shown.data)
  response.end(end, 'latin1')
}
