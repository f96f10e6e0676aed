/** Bodies of requests, read as far as needed: whole up to a bound, or just their beginning. */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

export interface BeginningOfBody {
  /** At least `bytes` of it, or all there is. */
  readonly head: Buffer
  readonly isWhole: boolean
  /** All of it, from the start. */
  readonly body: Readable
}

/** Rejects if the caller goes away meanwhile. */
export async function beginningOf(request: IncomingMessage, bytes: number): Promise<BeginningOfBody> {
  // Whoever stops reading in the middle still has to answer on the same connection.
  const parts = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer> // no encoding is set
  const first: Buffer[] = []
  let length = 0
  let isWhole = false
  while (length < bytes && !isWhole) {
    const next = await parts.next()
    if (next.done) isWhole = true
    else {
      first.push(next.value)
      length += next.value.length
    }
  }
  return { head: Buffer.concat(first), isWhole, body: Readable.from(joined(first, parts), { objectMode: false }) }
}

async function* joined(first: readonly Buffer[], rest: AsyncIterableIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* first
  yield* rest
}
