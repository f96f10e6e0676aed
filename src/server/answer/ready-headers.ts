/**
 * The headers of a hit, as the flat list that `writeHead` takes, kept with what they belong to. Three of them move with
 * time: `Cache-Status` and `Age` with the second, `X-SGCache-Seq` with the log. They are written anew only then.
 */
import type { Entry } from '../../cache/entry.ts'

export class ReadyHeaders {
  readonly #list: string[]
  #second = -1
  #seq = -1

  constructor(fixed: readonly string[]) {
    this.#list = [...fixed, 'Cache-Status', '', 'Age', '', 'X-SGCache-Seq', '']
  }

  /** The list is used again: whoever gets it neither keeps nor changes it. */
  at(entry: Entry, now: number, seq: number): string[] {
    const second = Math.floor(now / 1000)
    if (second !== this.#second || seq !== this.#seq) this.#write(entry, now, second, seq)
    return this.#list
  }

  #write(entry: Entry, now: number, second: number, seq: number): void {
    const list = this.#list
    const end = list.length
    list[end - 5] = `sgcache; hit; ttl=${wholeSeconds(entry.freshUntil - now)}`
    list[end - 3] = String(Math.max(0, wholeSeconds(now - entry.fetchedAt)))
    list[end - 1] = String(seq)
    this.#second = second
    this.#seq = seq
  }
}

export interface BodyHeaders {
  readonly etag: string
  /** Absent when no body follows (304). */
  readonly length?: number
  readonly encoding?: string
}

/** Headers of every reply to a read, whatever it came from. */
export function readHeaders({ etag, length, encoding }: BodyHeaders): string[] {
  const headers: string[] = []
  if (length !== undefined) {
    headers.push('Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(length))
  }
  if (encoding !== undefined) headers.push('Content-Encoding', encoding)
  // A private cache may keep it, but has to ask each time: only here is it known whether it is still true.
  headers.push('ETag', etag, 'Vary', 'Accept-Encoding, Authorization', 'Cache-Control', 'private, no-cache')
  return headers
}

export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
