/**
 * A link to a Redis Cluster: keys are spread over its masters; the client follows where they move.
 *
 * By itself the client does not find out when a master is gone: it only learns from masters that still answer. So all
 * of them are pinged every second, and while not every slot is served by one that answers, a new view of the cluster is
 * made from its nodes and takes the place of the old one if more slots are served in it.
 */
import { setMaxListeners } from 'node:events'
import { createCluster, RESP_TYPES } from '@redis/client'
import { Deadline } from '../deadline.ts'
import {
  type Command,
  clientOptions,
  connectMs,
  type EntriesLink,
  type LinkOptions,
  nameOf,
  notConnected,
  pagesOf,
  pingMs,
  watchMs,
} from './link.ts'
import type { Address } from './primary-link.ts'

type Cluster = ReturnType<typeof clusterAt>

/** The cluster as it was seen at one time, with its connections. */
interface View {
  readonly cluster: Cluster
  /** The same, which reads strings as Buffers. */
  readonly buffers: unknown
  readonly end: () => void
}

const slotCount = 16_384
const asBuffers = { [RESP_TYPES.BLOB_STRING]: Buffer }

export class ClusterLink implements EntriesLink {
  readonly name: string
  readonly #options: LinkOptions
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  readonly #connecting: Deadline
  readonly #pinging: Deadline
  #view: View | undefined
  /** Why there is none, or a part of it is missing. */
  #trouble: unknown
  /** Beside those of the configuration, which may all be gone. */
  #heardOf: readonly Address[] = []

  constructor(options: LinkOptions) {
    const { connection, clock } = options
    this.#options = options
    this.name = nameOf(connection)
    this.#connecting = new Deadline({ what: this.name, limitMs: connectMs, clock })
    this.#pinging = new Deadline({ what: this.name, limitMs: pingMs, clock })
    this.#running = this.#run()
  }

  async send(key: string, command: Command): Promise<unknown> {
    return this.#connected().cluster.sendCommand(key, false, [...command])
  }

  async *keys(prefix: string): AsyncIterable<readonly string[]> {
    const { cluster } = this.#connected()
    for (const master of cluster.masters) {
      const client = await cluster.nodeClient(master)
      yield* client.scanIterator(pagesOf(prefix))
    }
  }

  forKeyv(): unknown {
    return this.#connected().buffers
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#view?.end()
    await this.#running
  }

  #connected(): View {
    if (!this.#view) throw notConnected(this.name, this.#trouble)
    return this.#view
  }

  async #run(): Promise<void> {
    const { clock, onError } = this.#options
    const { signal } = this.#closing
    for (let served = 0; !signal.aborted; await clock.sleep(watchMs, signal)) {
      served = this.#view ? await this.#servedIn(this.#view) : 0
      if (served === slotCount || signal.aborted) continue
      await this.#improve(served).catch((error: unknown) => {
        if (signal.aborted) return
        this.#trouble = error
        onError(error)
      })
    }
    this.#view?.end()
  }

  /** Looks at the cluster anew. Rejects if that gives nothing better. */
  async #improve(served: number): Promise<void> {
    const next = this.#open()
    try {
      await this.#connecting.within(next.cluster.connect())
      const servedThen = await this.#servedIn(next)
      if (servedThen <= served) throw notConnected(this.name, `${slotCount - served} slots are not served`)
      this.#view?.end()
      this.#view = next
      this.#heardOf = next.cluster.masters.map(({ host, port }) => ({ host, port }))
      if (servedThen === slotCount) this.#trouble = undefined
    } catch (error) {
      next.end()
      throw error
    }
  }

  #open(): View {
    const ending = new AbortController()
    setMaxListeners(0, ending.signal) // one for each connection
    const end = () => {
      this.#closing.signal.removeEventListener('abort', end)
      ending.abort()
    }
    this.#closing.signal.addEventListener('abort', end)
    const nodes = [...this.#options.connection.nodes, ...this.#heardOf]
    const cluster = clusterAt(this.#options, nodes, ending.signal)
    for (const event of ['error', 'node-error']) cluster.on(event, () => {}) // shows by the pings
    return { cluster, buffers: cluster.withTypeMapping(asBuffers), end }
  }

  /** How many slots have a master that answers. */
  async #servedIn({ cluster }: View): Promise<number> {
    const answering = new Set<unknown>()
    const ping = async (master: Cluster['masters'][number]) => {
      const client = await cluster.nodeClient(master)
      await client.sendCommand(['PING'])
      answering.add(master)
    }
    const pings = cluster.masters.map((master) => this.#pinging.within(ping(master)))
    await Promise.allSettled(pings)
    let served = 0
    for (let slot = 0; slot < slotCount; slot++) if (answering.has(cluster.slots[slot]?.master)) served += 1
    return served
  }
}

function clusterAt({ connection }: LinkOptions, nodes: readonly Address[], signal: AbortSignal) {
  return createCluster({
    rootNodes: nodes.map((node) => ({ socket: { ...node } })),
    // Else one master that is gone keeps the others from being used.
    minimizeConnections: true,
    defaults: clientOptions(connection, signal),
  })
}
