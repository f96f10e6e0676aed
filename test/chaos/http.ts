/** One request to a server of this machine, by a client that may wait long but not for ever. */
import { Agent, request as httpRequest } from 'node:http'

export interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
}

export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export class Client {
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })

  constructor(port: number) {
    this.#port = port
  }

  /** Rejects when the connection breaks, and with `TimeUp` when there is no answer in time. */
  send({ method, path, body }: Asked, limitMs: number): Promise<Told> {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    return new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port: this.#port, agent: this.#agent, method, path, headers }
      const request = httpRequest(to, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', fail)
        response.on('end', () => {
          clearTimeout(timer)
          const { statusCode: status = 0, headers: told } = response
          resolve({ status, headers: told, body: Buffer.concat(parts).toString('utf8') })
        })
      })
      const fail = (error: Error) => {
        clearTimeout(timer)
        reject(error)
      }
      const timer = setTimeout(() => request.destroy(new TimeUp(limitMs)), limitMs)
      request.on('error', fail)
      request.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

export class TimeUp extends Error {
  constructor(limitMs: number) {
    super(`no answer in ${limitMs} ms`)
    this.name = 'TimeUp'
  }
}
