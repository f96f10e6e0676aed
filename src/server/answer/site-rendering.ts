/**
 * A hit as the site itself would send it: its bytes, under headers that are ours. Made at the first hit and kept with the
 * entry.
 */
import type { Entry } from '../../cache/entry.ts'
import { ReadyHeaders } from './ready-headers.ts'

export class SiteRendering {
  readonly headers: ReadyHeaders
  /** A small body, a character a byte: Node writes it in one piece with the headers. */
  readonly text: string | undefined

  constructor(entry: Entry) {
    this.headers = new ReadyHeaders(siteHeaders(entry))
    this.text = entry.body.length <= smallBytes ? entry.body.toString('latin1') : undefined
  }

  get bytes(): number {
    return (this.text?.length ?? 0) + overheadBytes
  }
}

export function siteHeaders({ body }: Entry): string[] {
  return ['Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(body.length)]
}

const smallBytes = 4096
/** A list of headers and its text. */
const overheadBytes = 700
