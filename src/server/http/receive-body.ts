/**
 * Reads the body of a request, up to a bound. `done` is called once: with the body, or with `undefined` as soon as it
 * is larger than the bound. A caller that goes away in the middle is never answered.
 */
import type { IncomingMessage } from 'node:http'

export function receiveBody(
  request: IncomingMessage,
  limitBytes: number,
  done: (body: Buffer | undefined) => void,
): void {
  let first: Buffer | undefined
  let others: Buffer[] | undefined
  let bytes = 0
  request.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > limitBytes) {
      if (bytes - part.length <= limitBytes) done(undefined)
    } else if (first === undefined) first = part
    else if (others === undefined) others = [first, part]
    else others.push(part)
  })
  request.on('end', () => {
    if (bytes <= limitBytes) done(others ? Buffer.concat(others) : (first ?? empty))
  })
}

/**
 * Bodies that were read before the router saw the request, for whoever parses them. Of one that was too large only the
 * end is left to read, which must not be taken for the whole.
 */
export class ReceivedBodies {
  readonly #bodies = new WeakMap<IncomingMessage, Received>()

  keep(request: IncomingMessage, body: Received): void {
    this.#bodies.set(request, body)
  }

  of(request: IncomingMessage): Received | undefined {
    return this.#bodies.get(request)
  }
}

export type Received = Buffer | 'too large'

const empty = Buffer.alloc(0)
