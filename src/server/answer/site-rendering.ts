/**
 * A hit as the site itself would send it: its bytes as they are, under headers that are ours, made at the first hit and
 * kept with the entry.
 */
import type { Entry } from '../../cache/entry.ts'
import { ReadyHeaders } from './ready-headers.ts'

export class SiteRendering {
  readonly headers: ReadyHeaders
  /** A list of headers and its text. */
  readonly bytes = 700

  constructor(entry: Entry) {
    this.headers = new ReadyHeaders(siteHeaders(entry))
  }
}

export function siteHeaders({ body }: Entry): string[] {
  return ['Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(body.length)]
}
