/**
 * Makes compressed variants of hits, off the main thread, once they are worth it: the body is large enough to shrink,
 * somebody asks for it the second time, and the entry is still cached when the variant is ready. Until then the body
 * goes out as it is, so nobody waits for a compressor.
 */
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import type { Entry } from '../../cache/entry.ts'
import type { Encoding } from './encoding.ts'
import type { Rendering } from './rendering.ts'

export interface CompressorOptions {
  /** Called when an entry has grown by a variant. */
  readonly onMade: (entry: Entry) => void
}

export class Compressor {
  readonly #onMade: CompressorOptions['onMade']
  #running = 0
  #last: Promise<void> = Promise.resolve()

  constructor({ onMade }: CompressorOptions) {
    this.#onMade = onMade
  }

  /** Says that a hit could have used this variant. */
  want(entry: Entry, rendering: Rendering, encoding: Encoding): void {
    if (rendering.length < smallestBytes || this.#running >= mostAtOnce) return
    rendering.wanted[encoding] += 1
    if (rendering.wanted[encoding] !== askedForTimes) return
    this.#running += 1
    this.#last = this.#make(entry, rendering, encoding).finally(() => {
      this.#running -= 1
    })
  }

  /** Resolves when the variant that was begun last is made. */
  idle(): Promise<void> {
    return this.#last
  }

  async #make(entry: Entry, rendering: Rendering, encoding: Encoding): Promise<void> {
    const body = rendering.body()
    const compressed = await compress[encoding](body).catch(() => body) // too little memory for it: goes out as it is
    if (compressed.length > body.length * worthwhileShare) return
    rendering.add(encoding, compressed)
    this.#onMade(entry)
  }
}

const smallestBytes = 1400 // below that it is one packet either way
const askedForTimes = 2
const mostAtOnce = 2
const worthwhileShare = 0.9

const brotliQuality = { params: { [zlib.BROTLI_PARAM_QUALITY]: 5 } }

const compress = {
  br: (body: Buffer) => promisify(brotliCompress)(body, brotliQuality),
  gzip: (body: Buffer) => promisify(gzip)(body),
} satisfies { [encoding in Encoding]: (body: Buffer) => Promise<Buffer> }
