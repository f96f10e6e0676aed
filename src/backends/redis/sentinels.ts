/**
 * Asks sentinels which server is the master now. One connection is kept to whichever answered last.
 *
 * An outvoted sentinel may name a master that has been replaced. That is the log's business: such a master's replicas
 * have left it, so that it confirms nothing (`min-replicas-to-write`, WAIT), and the new one begins a new epoch.
 */
import { createClient } from '@redis/client'
import type { RedisConnection } from './connection-options.ts'
import { nameOf, nodeOptions, notConnected } from './link.ts'
import type { Address, Directory } from './primary-link.ts'

type Sentinel = ReturnType<typeof createClient>

export function askSentinels(connection: RedisConnection): Directory {
  const { nodes, masterName, sentinelUsername: username, sentinelPassword: password } = connection
  const common = nodeOptions({ ...connection, username, password })
  let order = [...nodes]
  let sentinel: Sentinel | undefined
  const drop = () => {
    if (sentinel?.isOpen) sentinel.destroy()
    sentinel = undefined
  }
  const open = async (node: Address) => {
    sentinel = createClient({ ...common, socket: { ...common.socket, reconnectStrategy: false, ...node } })
    sentinel.on('error', () => {}) // shows by the next question
    await sentinel.connect()
  }
  const ask = async (node: Address): Promise<Address | undefined> => {
    if (!sentinel?.isReady) await open(node)
    const reply = await sentinel?.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName])
    return Array.isArray(reply) ? { host: String(reply[0]), port: Number(reply[1]) } : undefined
  }
  return {
    async primary() {
      for (const node of [...order]) {
        const address = await ask(node).catch(() => undefined)
        if (address) return address
        drop()
        order = [...order.filter((other) => other !== node), node]
      }
      throw notConnected(nameOf(connection))
    },
    close: drop,
  }
}
