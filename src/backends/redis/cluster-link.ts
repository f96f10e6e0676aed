/** A link to a Redis Cluster: keys are spread over its masters; the client follows where they move. */
import { createCluster } from '@redis/client'
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

const longestPauseMs = 1000

export function openClusterLink({ connection, clock, onError }: LinkOptions): RedisLink {
  const common = nodeOptions(connection)
  const reconnectStrategy = (tries: number) => Math.min(50 * 2 ** tries, longestPauseMs)
  const name = nameOf(connection)
  const cluster = createCluster({
    rootNodes: connection.nodes.map((socket) => ({ socket: { ...socket } })),
    defaults: { ...common, socket: { ...common.socket, reconnectStrategy } },
  })
  cluster.on('error', onError)
  cluster.on('node-error', onError)
  const listeners: (readonly [channel: string, listener: (message: string) => void])[] = []
  const ended = new AbortController()
  let isConnected = false
  const connect = async () => {
    await cluster.connect()
    for (const [channel, listener] of listeners) await cluster.subscribe(channel, listener)
    isConnected = true
  }
  const running = (async () => {
    while (!isConnected && !ended.signal.aborted) {
      await connect().catch(onError)
      if (!isConnected) await clock.sleep(longestPauseMs, ended.signal)
    }
  })()
  const connected = () => {
    if (!isConnected) throw notConnected(name)
    return cluster
  }
  return {
    name,
    async send(key, args) {
      return connected().sendCommand(key, false, args)
    },
    subscribe: (channel, listener) => {
      listeners.push([channel, listener])
    },
    async *keys(prefix) {
      for (const master of connected().masters) {
        const client = await cluster.nodeClient(master)
        yield* client.scanIterator({ MATCH: patternOf(prefix), COUNT: scanCount })
      }
    },
    forKeyv: () => (isConnected ? cluster.withTypeMapping(asBuffers) : undefined),
    async close() {
      ended.abort()
      await running
      if (cluster.isOpen) cluster.destroy()
    },
  }
}
