/**
 * Servers that know where another one is: the sentinels of a master, the nodes of a cluster.
 *
 * All are asked at once, since any of them may be gone, or cut off and behind the times; whoever asks compares. A
 * connection to each is kept while it answers. Nothing waits longer than the slowest may take.
 */
import { setMaxListeners } from 'node:events'
import { createClient } from '@redis/client'
import type { Clock } from '../../clock.ts'
import { Deadline } from '../deadline.ts'
import type { RedisConnection } from './connection-options.ts'
import { clientOptions, nameOf, notConnected } from './link.ts'
import type { Address } from './primary-link.ts'

export interface KnownNodesOptions {
  /** How they are reached, but where. */
  readonly connection: RedisConnection
  readonly clock: Clock
}

export type Ask = (...command: string[]) => Promise<unknown>

interface Node {
  readonly connected: Promise<Ask>
  readonly end: () => void
}

const answerMs = 1000

export class KnownNodes {
  readonly #options: KnownNodesOptions
  readonly #deadline: Deadline
  readonly #nodes = new Map<string, Node>()
  readonly #closing = new AbortController()

  constructor(options: KnownNodesOptions) {
    this.#options = options
    setMaxListeners(0, this.#closing.signal) // one for each connection
    this.#deadline = new Deadline({ what: nameOf(options.connection), limitMs: answerMs, clock: options.clock })
  }

  /** The answers of all that answer. Rejects when nobody does, with what the first of them had to say. */
  async ask<Answer>(
    addresses: readonly Address[],
    question: (ask: Ask, node: Address) => Promise<Answer>,
  ): Promise<Answer[]> {
    const outcomes = await Promise.allSettled(addresses.map((address) => this.#askOne(address, question)))
    const answers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    if (answers.length > 0) return answers
    const refusal = outcomes.find((outcome) => outcome.status === 'rejected')
    throw notConnected(nameOf(this.#options.connection), refusal?.reason)
  }

  close(): void {
    this.#closing.abort()
  }

  async #askOne<Answer>(address: Address, question: (ask: Ask, node: Address) => Promise<Answer>): Promise<Answer> {
    const name = `${address.host}:${address.port}`
    const node = this.#nodes.get(name) ?? this.#open(address)
    this.#nodes.set(name, node)
    try {
      return await this.#deadline.within(node.connected.then((ask) => question(ask, address)))
    } catch (error) {
      node.end()
      if (this.#nodes.get(name) === node) this.#nodes.delete(name)
      throw error
    }
  }

  #open(address: Address): Node {
    const ending = new AbortController()
    const end = () => {
      this.#closing.signal.removeEventListener('abort', end)
      ending.abort()
    }
    this.#closing.signal.addEventListener('abort', end)
    if (this.#closing.signal.aborted) end()
    const options = clientOptions(this.#options.connection, ending.signal)
    const client = createClient({ ...options, socket: { ...options.socket, ...address } })
    client.on('error', () => {}) // fails the question
    const connected = client.connect().then(
      (): Ask =>
        (...command) =>
          client.sendCommand(command),
    )
    connected.catch(() => {}) // the deadline may have been quicker
    return { connected, end }
  }
}
