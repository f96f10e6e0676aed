/**
 * A link to one primary: the server that the configuration names, or the one that others name now.
 *
 * One connection after another: find the primary, connect, use it until it is lost, no longer answers, or another is
 * named; begin again. What listens to messages has a connection of its own beside it, and they live and end together.
 */
import { createClient, RESP_TYPES } from '@redis/client'
import { Deadline } from '../deadline.ts'
import type { RedisConnection } from './connection-options.ts'
import {
  type Command,
  clientOptions,
  connectMs,
  type EntriesLink,
  type LinkOptions,
  type LogLink,
  nameOf,
  notConnected,
  pagesOf,
  pingMs,
  watchMs,
} from './link.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Names the primary; each time it is asked, the one of now. Gives up by itself. */
export interface Directory {
  primary(): Promise<Address>
  close(): void
}

export interface PrimaryLinkOptions extends LinkOptions {
  /** Without it the primary is where the configuration says, for ever. */
  readonly directory?: Directory
}

interface Connected {
  readonly client: Client
  /** The same, which reads strings as Buffers. */
  readonly buffers: unknown
}

type Client = ReturnType<typeof clientAt>

const pauseMs = 250
const asBuffers = { [RESP_TYPES.BLOB_STRING]: Buffer }

export class PrimaryLink implements LogLink, EntriesLink {
  readonly name: string
  readonly #options: PrimaryLinkOptions
  readonly #closing = new AbortController()
  readonly #listeners: { readonly channel: string; readonly listener: (message: string) => void }[] = []
  readonly #running: Promise<void>
  readonly #connecting: Deadline
  readonly #pinging: Deadline
  /** Resolves when the first connection has been made, or could not be. */
  readonly #tried: Promise<void>
  #hasTried: () => void = () => {}
  #connected: Connected | undefined
  /** Why there is none. */
  #trouble: unknown

  constructor(options: PrimaryLinkOptions) {
    const { connection, clock } = options
    this.#options = options
    this.name = nameOf(connection)
    this.#connecting = new Deadline({ what: this.name, limitMs: connectMs, clock })
    this.#pinging = new Deadline({ what: this.name, limitMs: pingMs, clock })
    this.#tried = new Promise((resolve) => {
      this.#hasTried = resolve
    })
    this.#running = this.#run()
  }

  async send(_key: string, command: Command): Promise<unknown> {
    return (await this.#client()).sendCommand(command)
  }

  async sendTogether(commands: readonly Command[]): Promise<readonly unknown[]> {
    const client = await this.#client()
    return Promise.all(commands.map((command) => client.sendCommand(command)))
  }

  subscribe(channel: string, listener: (message: string) => void): void {
    this.#listeners.push({ channel, listener })
  }

  async *keys(prefix: string): AsyncIterable<readonly string[]> {
    yield* (await this.#client()).scanIterator(pagesOf(prefix))
  }

  forKeyv(): unknown {
    return this.#ready().buffers
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#options.directory?.close()
    await this.#running
  }

  /** Only the first connection is waited for, so that whoever begins with the link need not fail. */
  async #client(): Promise<Client> {
    if (!this.#connected) await this.#tried
    return this.#ready().client
  }

  #ready(): Connected {
    if (!this.#connected?.client.isReady) throw notConnected(this.name, this.#trouble)
    return this.#connected
  }

  async #run(): Promise<void> {
    const { clock, onError } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      const trouble = await this.#stayWithOne(signal)
      this.#hasTried()
      if (signal.aborted) return
      this.#trouble = trouble
      onError(trouble)
      await clock.sleep(pauseMs, signal)
    }
  }

  /** Finds and uses one primary. Resolves with why it does so no more. */
  async #stayWithOne(signal: AbortSignal): Promise<unknown> {
    // Aborted with the reason.
    const ending = new AbortController()
    const close = () => ending.abort()
    signal.addEventListener('abort', close)
    try {
      const address = await this.#options.directory?.primary()
      const { client, subscriber } = await this.#connecting.within(this.#connect(address, ending))
      this.#connected = { client, buffers: client.withTypeMapping(asBuffers) }
      this.#hasTried()
      await this.#watch(subscriber ? [client, subscriber] : [client], address, ending.signal)
    } catch (error) {
      // A connection that breaks fails what is under way in ways that tell less than its own reason.
      if (!ending.signal.aborted) ending.abort(error)
    } finally {
      signal.removeEventListener('abort', close)
      this.#connected = undefined
      ending.abort()
    }
    return ending.signal.reason
  }

  async #connect(address: Address | undefined, ending: AbortController) {
    const open = async () => {
      const client = clientAt(this.#options.connection, address, ending.signal)
      client.on('error', (error) => ending.abort(error))
      await client.connect()
      return client
    }
    const [client, subscriber] = await Promise.all([open(), this.#listeners.length > 0 ? open() : undefined])
    for (const { channel, listener } of this.#listeners) await subscriber?.subscribe(channel, listener)
    return { client, subscriber }
  }

  /** Looks after the connection until there is a reason to end it. */
  async #watch(clients: readonly Client[], address: Address | undefined, signal: AbortSignal): Promise<void> {
    const { directory, clock } = this.#options
    for (;;) {
      await clock.sleep(watchMs, signal)
      if (signal.aborted) return
      const pings = clients.map((client) => this.#pinging.within(client.sendCommand(['PING'])))
      // As long as nobody knows of another, this is the one.
      const [now] = await Promise.all([directory?.primary().catch(() => undefined), ...pings])
      if (now && address && (now.host !== address.host || now.port !== address.port)) {
        throw notConnected(this.name, `the primary is at ${now.host}:${now.port} now`)
      }
    }
  }
}

function clientAt(connection: RedisConnection, address: Address | undefined, signal: AbortSignal) {
  const { database, host, port } = connection
  const options = clientOptions(connection, signal)
  return createClient({ ...options, database, socket: { ...options.socket, ...(address ?? { host, port }) } })
}
