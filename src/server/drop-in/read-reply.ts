/**
 * Writes what the cache answers as the site would: the bytes of its reply, whole. What is ours stands in headers.
 *
 * A hit in the near cache costs a look at the clock and what Node does to send finished bytes; its headers, and for a
 * small reply its text, are made at the first hit and kept as long as the entry is.
 */
import type { ServerResponse } from 'node:http'
import type { Answer } from '../../cache/answer.ts'
import type { Entry } from '../../cache/entry.ts'
import { ReadyHeaders, wholeSeconds } from '../answer/ready-headers.ts'
import { jsonType } from './own-replies.ts'

export class ReadReplies {
  readonly #ready = new WeakMap<Entry, Ready>()

  hit(response: ServerResponse, entry: Entry, now: number): void {
    const ready = this.#ready.get(entry) ?? this.#make(entry)
    response.writeHead(200, ready.headers.at(entry, now, entry.validatedSeq))
    if (ready.text === undefined) response.end(entry.body)
    else response.end(ready.text, 'latin1')
  }

  send(response: ServerResponse, answer: Answer, now: number): void {
    const { entry, outcome, seq, ageMs } = answer
    if (outcome === 'hit') {
      this.hit(response, entry, now)
      return
    }
    response.writeHead(200, [
      ...bodyHeaders(entry),
      ...['Cache-Status', statusOf(answer, now)],
      ...['Age', String(Math.max(0, wholeSeconds(ageMs)))],
      ...['X-SGCache-Seq', String(seq)],
    ])
    response.end(entry.body)
  }

  #make(entry: Entry): Ready {
    const text = entry.body.length <= smallBytes ? entry.body.toString('latin1') : undefined
    const ready = { headers: new ReadyHeaders(bodyHeaders(entry)), text }
    this.#ready.set(entry, ready)
    return ready
  }
}

interface Ready {
  readonly headers: ReadyHeaders
  /** A character a byte, which Node writes in one piece with the headers. */
  readonly text: string | undefined
}

const smallBytes = 4096

function bodyHeaders({ body }: Entry): string[] {
  return ['Content-Type', jsonType, 'Content-Length', String(body.length)]
}

function statusOf({ outcome, detail, entry, collapsed }: Answer, now: number): string {
  if (outcome === 'stale') {
    return `sgcache; hit; ttl=${Math.min(0, wholeSeconds(entry.freshUntil - now))}; detail=${quoted(detail)}`
  }
  const why = outcome === 'bypass' ? `fwd=bypass; detail=${quoted(detail)}` : `fwd=${detail}`
  return `sgcache; ${why}${collapsed ? '; collapsed' : ''}`
}

/** A string of a structured field (RFC 8941): printable ASCII, quotes escaped. */
export function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}
