/**
 * Writes what the cache answers as the site would: the bytes of its reply, whole. What is ours stands in headers.
 *
 * A hit in the near cache costs a look at the clock and what Node does to send finished bytes; its headers are made at
 * the first hit and kept with the entry, counted in its bytes.
 */
import type { ServerResponse } from 'node:http'
import type { Answer } from '../../cache/answer.ts'
import type { Entry } from '../../cache/entry.ts'
import { cacheStatus } from '../answer/cache-status.ts'
import { wholeSeconds } from '../answer/ready-headers.ts'
import { siteRenderingOf } from '../answer/rendering.ts'
import { siteHeaders } from '../answer/site-rendering.ts'

export interface ReadRepliesOptions {
  /** Whether the entry is in the cache. */
  readonly isStored: (entry: Entry) => boolean
  /** Told of an entry whose attachment has grown. */
  readonly onGrown: (entry: Entry) => void
}

export class ReadReplies {
  readonly #options: ReadRepliesOptions

  constructor(options: ReadRepliesOptions) {
    this.#options = options
  }

  hit(response: ServerResponse, entry: Entry, now: number): void {
    const { headers } = siteRenderingOf(entry, this.#options.onGrown)
    headers.write(response, 200, entry, now, entry.validatedSeq)
    response.end(entry.body)
  }

  send(response: ServerResponse, answer: Answer, now: number): void {
    const { entry, outcome, detail, seq, ageMs } = answer
    if (outcome === 'hit' && detail === 'fresh') {
      this.hit(response, entry, now)
      return
    }
    response.writeHead(200, [
      ...siteHeaders(entry),
      ...['Cache-Status', cacheStatus(answer, now, this.#options.isStored(entry))],
      ...['Age', String(Math.max(0, wholeSeconds(ageMs)))],
      ...['X-SGCache-Seq', String(seq)],
    ])
    response.end(entry.body)
  }
}
