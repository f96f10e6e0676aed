/**
 * A link to one primary: the server that the configuration names, or the master that the sentinels name now.
 *
 * One connection after another: find the primary, connect, use it until it is lost or another is named, begin again.
 */
import { createClient } from '@redis/client'
import type { RedisConnection } from './connection-options.ts'
import {
  asBuffers,
  type LinkOptions,
  nameOf,
  nodeOptions,
  notConnected,
  patternOf,
  type RedisLink,
  scanCount,
} from './link.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Names the primary; each time it is asked, the one of now. */
export interface Directory {
  primary(): Promise<Address>
  close(): void
}

export interface PrimaryLinkOptions extends LinkOptions {
  /** Without it the primary is where the configuration says, for ever. */
  readonly directory?: Directory
}

type Client = ReturnType<typeof clientAt>

const pauseMs = 250
/** How often the directory is asked whether the primary is still the same. */
const watchMs = 1000

export function openPrimaryLink(options: PrimaryLinkOptions): RedisLink {
  return new PrimaryLink(options)
}

class PrimaryLink implements RedisLink {
  readonly name: string
  readonly #options: PrimaryLinkOptions
  readonly #closing = new AbortController()
  readonly #listeners: { readonly channel: string; readonly listener: (message: string) => void }[] = []
  readonly #running: Promise<void>
  /** Resolves when the first connection has been made, or could not be. */
  readonly #tried: Promise<void>
  #hasTried: () => void = () => {}
  #client: Client | undefined
  #buffers: unknown

  constructor(options: PrimaryLinkOptions) {
    this.#options = options
    this.name = nameOf(options.connection)
    this.#tried = new Promise((resolve) => {
      this.#hasTried = resolve
    })
    this.#running = this.#run()
  }

  async send(_key: string, args: Parameters<RedisLink['send']>[1]): Promise<unknown> {
    if (!this.#client) await this.#tried
    return this.#connected().sendCommand(args)
  }

  subscribe(channel: string, listener: (message: string) => void): void {
    this.#listeners.push({ channel, listener })
  }

  async *keys(prefix: string): AsyncIterable<readonly string[]> {
    yield* this.#connected().scanIterator({ MATCH: patternOf(prefix), COUNT: scanCount })
  }

  forKeyv(): unknown {
    return this.#client?.isReady ? this.#buffers : undefined
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    this.#options.directory?.close()
  }

  #connected(): Client {
    if (!this.#client?.isReady) throw notConnected(this.name)
    return this.#client
  }

  async #run(): Promise<void> {
    const { clock, onError } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await this.#stayWithOne(signal)
      } catch (error) {
        onError(error)
      }
      this.#hasTried()
      await clock.sleep(pauseMs, signal)
    }
  }

  /** One primary, until it is lost or no longer the one. */
  async #stayWithOne(signal: AbortSignal): Promise<void> {
    const { connection, directory, onError } = this.#options
    const address = await directory?.primary()
    const client = clientAt(connection, address)
    const subscriber = client.duplicate()
    const ended = AbortSignal.any([signal, lossOf(client, onError), lossOf(subscriber, onError)])
    try {
      await Promise.all([client.connect(), subscriber.connect()])
      for (const { channel, listener } of this.#listeners) await subscriber.subscribe(channel, listener)
      this.#buffers = client.withTypeMapping(asBuffers)
      this.#client = client
      this.#hasTried()
      await this.#watch(address, ended)
    } finally {
      this.#client = undefined
      for (const each of [client, subscriber]) if (each.isOpen) each.destroy()
    }
  }

  async #watch(address: Address | undefined, ended: AbortSignal): Promise<void> {
    const { directory, clock } = this.#options
    while (!ended.aborted) {
      await clock.sleep(directory ? watchMs : foreverMs, ended)
      const now = ended.aborted ? undefined : await directory?.primary().catch(() => undefined)
      if (now && address && (now.host !== address.host || now.port !== address.port)) return
    }
  }
}

/** The longest a timer can sleep. */
const foreverMs = 2 ** 31 - 1

function clientAt(connection: RedisConnection, address: Address | undefined) {
  const { url, database, host, port } = connection
  const common = nodeOptions(connection)
  const socket = { ...common.socket, reconnectStrategy: false as const }
  if (!address && url !== undefined) return createClient({ ...common, socket, url })
  return createClient({ ...common, database, socket: { ...socket, ...(address ?? { host, port }) } })
}

function lossOf(client: Client, onError: (error: unknown) => void): AbortSignal {
  const lost = new AbortController()
  client.on('error', (error) => {
    onError(error)
    lost.abort()
  })
  client.on('end', () => lost.abort())
  return lost.signal
}
