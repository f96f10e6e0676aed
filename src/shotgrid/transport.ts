/**
 * One request to a ShotGrid site, without any opinion about it: the seam between the client and the network.
 * Over HTTP it is an undici pool; in tests and in `serve --sandbox` it can be the simulated site itself.
 */
export interface TransportRequest {
  /** The path, `/api3/json` for the JSON-RPC. */
  readonly path: string
  readonly body: Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** How long the site may be silent, in place of the transport's own patience. */
  readonly answerTimeoutMs?: number
}

export interface TransportReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/**
 * Rejects with a `TransportError` when no complete reply came back.
 */
export type Transport = (request: TransportRequest) => Promise<TransportReply>

/** No complete reply. `sent` tells whether upstream may have acted on the request. */
export class TransportError extends Error {
  readonly sent: boolean

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, { cause })
    this.name = 'TransportError'
    this.sent = sent
  }
}
