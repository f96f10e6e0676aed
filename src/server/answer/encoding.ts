/** Which encoding a caller takes, by its `Accept-Encoding` (RFC 9110, 12.5.3). Only those we make are looked for. */
export type Encoding = 'br' | 'gzip'

/** Best first: brotli is the smaller of the two. `undefined`: as it is. */
export function acceptedEncoding(header: string): Encoding | undefined {
  const quality = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const given = parameters.find((text) => text.startsWith('q='))
    quality.set(name, given === undefined ? 1 : Number(given.slice(2)) || 0)
  }
  const of = (name: string) => quality.get(name) ?? quality.get('*') ?? 0
  const best = of('br') >= of('gzip') ? 'br' : 'gzip'
  const asItIs = quality.get('identity') ?? 0 // always taken, but wished for only by whoever names it
  return of(best) > 0 && of(best) >= asItIs ? best : undefined
}

/** Programs send the same few headers over and over, so the last answers are remembered. */
export class EncodingMemo {
  #answers = new Map<string, Encoding | undefined>()

  of(header: string | undefined): Encoding | undefined {
    if (header === undefined) return undefined
    const known = this.#answers.get(header)
    if (known !== undefined || this.#answers.has(header)) return known
    if (this.#answers.size >= mostRemembered) this.#answers = new Map()
    const encoding = acceptedEncoding(header)
    this.#answers.set(header, encoding)
    return encoding
  }
}

const mostRemembered = 200
