/**
 * The headers of a hit, as the flat list that `writeHead` takes, kept with what they belong to. Three of them move with
 * time: `Cache-Status` and `Age` with the second, `X-SGCache-Seq` with the log. They are written anew only then.
 *
 * Node checks each header and puts the head together for every reply, which for a 304 is most of the work. So the head
 * that Node has made is taken from the reply (`_header`) and given to the next one of the same second: the same text,
 * made by Node itself, date and connection headers included. Only for plain replies on a connection of HTTP/1.1 that
 * stays open; in any other case, and if a version of Node keeps its head elsewhere, `writeHead` is called each time.
 */
import { ServerResponse } from 'node:http'
import type { Entry } from '../../cache/entry.ts'

/** Where Node keeps the head of a reply, from `writeHead` until it is sent. Not part of its documented interface. */
interface WithHead {
  _header?: unknown
  _last?: unknown
}

export class ReadyHeaders {
  readonly #list: string[]
  #second = -1
  #seq = -1
  /** As Node has written it for this second and seq. */
  #head: string | undefined

  constructor(fixed: readonly string[]) {
    this.#list = [...fixed, 'Cache-Status', '', 'Age', '', 'X-SGCache-Seq', '']
  }

  /** Writes the head of a reply. */
  write(response: ServerResponse, status: number, entry: Entry, now: number, seq: number): void {
    const list = this.at(entry, now, seq)
    const outgoing = response as ServerResponse & WithHead // see WithHead
    const isPlain = response.shouldKeepAlive && response.useChunkedEncodingByDefault && outgoing._header === null
    const mayShare = isPlain && isNodes(response) && response.getHeaderNames().length === 0
    if (mayShare && this.#head !== undefined) {
      response.statusCode = status
      outgoing._header = this.#head
      return
    }
    response.writeHead(status, list)
    const { _header: head, _last: isLast } = outgoing
    if (mayShare && typeof head === 'string' && isLast === false) this.#head = head
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
    this.#head = undefined
  }
}

/** What stands in for a response, in tests without a network, may look for its head elsewhere. */
function isNodes(response: ServerResponse): boolean {
  return Object.getPrototypeOf(response) === ServerResponse.prototype
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
