/**
 * Asks the nodes of a cluster which of them is the master of one key now.
 *
 * A node that was cut off goes on naming a master that has been replaced, until it finds the cluster down. So of all
 * answers of nodes that find it up, that counts which is of the last vote (`cluster_current_epoch`). First the nodes of
 * the configuration are asked, and if none of them knows, those that were heard of.
 */
import type { Clock } from '../../clock.ts'
import type { RedisConnection } from './connection-options.ts'
import { type Ask, KnownNodes } from './known-nodes.ts'
import { nameOf, notConnected } from './link.ts'
import type { Address, Directory } from './primary-link.ts'

export function askCluster(connection: RedisConnection, clock: Clock, key: string): Directory {
  const nodes = new KnownNodes({ connection, clock })
  let heardOf: readonly Address[] = []
  const look = async (addresses: readonly Address[]) => {
    const views = (await nodes.ask(addresses, (ask, node) => viewOf(ask, node, key))).filter(({ isUp }) => isUp)
    if (views.length === 0) throw notConnected(nameOf(connection), 'no node finds the cluster up')
    return views.reduce((newest, other) => (other.vote > newest.vote ? other : newest))
  }
  return {
    async primary() {
      const view = await look(connection.nodes).catch((error) => {
        if (heardOf.length === 0) throw error
        return look(heardOf)
      })
      heardOf = view.nodes
      if (!view.master) throw notConnected(nameOf(connection), 'nobody serves the slot of the change log')
      return view.master
    },
    close: () => nodes.close(),
  }
}

/** The cluster as one node sees it. */
interface View {
  readonly isUp: boolean
  readonly vote: number
  readonly master: Address | undefined
  readonly nodes: readonly Address[]
}

async function viewOf(ask: Ask, node: Address, key: string): Promise<View> {
  const [info, slot, slots] = await Promise.all([
    ask('CLUSTER', 'INFO'),
    ask('CLUSTER', 'KEYSLOT', key),
    ask('CLUSTER', 'SLOTS'),
  ])
  const ranges = (Array.isArray(slots) ? slots : []).map((range) => rangeOf(range, node))
  return {
    isUp: String(info).includes('cluster_state:ok'),
    vote: Number(/cluster_current_epoch:(\d+)/.exec(String(info))?.[1] ?? 0),
    master: ranges.find(({ first, last }) => Number(slot) >= first && Number(slot) <= last)?.nodes[0],
    nodes: ranges.flatMap((range) => range.nodes),
  }
}

/** First slot, last slot, then the nodes: the master first, each with host, port and more. */
function rangeOf(range: unknown, asked: Address) {
  const [first, last, ...nodes] = Array.isArray(range) ? range : []
  return {
    first: Number(first),
    last: Number(last),
    nodes: nodes.map((node): Address => {
      const [host, port] = Array.isArray(node) ? node : []
      // A node that does not know its own name is where it was asked.
      return { host: host ? String(host) : asked.host, port: Number(port) }
    }),
  }
}
