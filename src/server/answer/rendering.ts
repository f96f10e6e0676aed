/**
 * A hit, finished: the bytes and headers of one entry in one view, made at its first hit and kept with the entry.
 *
 * A small body is copied into one buffer, which is quicker to write; a larger one is written in three parts, so that
 * the data is never copied. Compressed variants are added when they are worth it.
 */
import type { Attachment, Entry } from '../../cache/entry.ts'
import type { Encoding } from './encoding.ts'
import { ReadyHeaders, readHeaders } from './ready-headers.ts'
import { type Shown, show, sourceText, type View } from './shown.ts'
import { SiteRendering } from './site-rendering.ts'

/** One encoding of the body. */
export interface Variant {
  readonly body: Buffer
  readonly headers: ReadyHeaders
}

export class Rendering {
  readonly shown: Shown
  /** The end of the body. */
  readonly end: string
  /** The body in one piece, if it is small. */
  readonly whole: Buffer | undefined
  readonly length: number
  readonly headers: ReadyHeaders
  readonly notModified: ReadyHeaders
  readonly variants: { [encoding in Encoding]?: Variant } = {}
  /** Hits that could have used a variant that is not there. */
  readonly wanted: { [encoding in Encoding]: number } = { br: 0, gzip: 0 }

  constructor(shown: Shown) {
    this.shown = shown
    this.end = shown.end + sourceText('cache')
    this.length = shown.start.length + shown.data.length + this.end.length
    this.whole = this.length <= smallBytes ? this.body() : undefined
    this.headers = new ReadyHeaders(readHeaders({ etag: shown.etag, length: this.length }))
    this.notModified = new ReadyHeaders(readHeaders({ etag: shown.etag }))
  }

  /** The body in one piece. */
  body(): Buffer {
    const { start, data } = this.shown
    return Buffer.concat([Buffer.from(start, 'latin1'), data, Buffer.from(this.end, 'latin1')])
  }

  add(encoding: Encoding, body: Buffer): void {
    const headers = new ReadyHeaders(readHeaders({ etag: this.shown.etag, length: body.length, encoding }))
    this.variants[encoding] = { body, headers }
  }

  get bytes(): number {
    const variantBytes = (this.variants.br?.body.length ?? 0) + (this.variants.gzip?.body.length ?? 0)
    return (this.whole?.length ?? 0) + variantBytes + overheadBytes
  }
}

/** What is attached to an entry: a rendering for each view it was shown in. */
export class Renderings implements Attachment {
  entity: Rendering | undefined
  query: Rendering | undefined
  /** For the drop-in API. */
  site: SiteRendering | undefined

  get bytes(): number {
    return (this.entity?.bytes ?? 0) + (this.query?.bytes ?? 0) + (this.site?.bytes ?? 0)
  }
}

/** The rendering of an entry, made if it is not there. `onMade` is told, so that its bytes are counted. */
export function renderingOf(entry: Entry, view: View, onMade: (entry: Entry) => void): Rendering {
  const renderings = renderingsOf(entry)
  const known = renderings[view]
  if (known !== undefined) return known
  const made = new Rendering(show(entry, view))
  renderings[view] = made
  onMade(entry)
  return made
}

/** The same for the reply as the site sent it. */
export function siteRenderingOf(entry: Entry, onMade: (entry: Entry) => void): SiteRendering {
  const renderings = renderingsOf(entry)
  if (renderings.site !== undefined) return renderings.site
  const made = new SiteRendering(entry)
  renderings.site = made
  onMade(entry)
  return made
}

function renderingsOf(entry: Entry): Renderings {
  const { attached } = entry
  if (attached instanceof Renderings) return attached
  const renderings = new Renderings()
  entry.attached = renderings
  return renderings
}

const smallBytes = 4096
/** Two lists of headers and their texts. */
const overheadBytes = 1200
