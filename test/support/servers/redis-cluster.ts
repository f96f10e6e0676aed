/**
 * A Redis Cluster of six: three masters with a replica each, formed by its own commands.
 *
 * Cost: about 3 s to start. A killed master is replaced within some seconds, as the node timeout is one second.
 */
import { freePort } from './free-port.ts'
import { askRedis, startRedis } from './redis.ts'
import type { Server } from './server.ts'
import { until } from './until.ts'

export interface Cluster {
  /** The masters first, as they were at the start; node 3 + n replicates node n. */
  readonly nodes: readonly Server[]
  /** Resolves when every node that runs finds every slot served by a master that runs. */
  healthy(): Promise<void>
  close(): Promise<void>
}

const MASTERS = 3
const SLOTS = 16_384

interface Node {
  readonly server: Server
  readonly busPort: number
}

/** @param args more arguments for every node */
export async function startCluster({ args = [] }: { args?: readonly string[] } = {}): Promise<Cluster> {
  const started: Server[] = []
  const close = async () => void (await Promise.all(started.map((server) => server.close())))
  try {
    const nodes = await Promise.all(
      Array.from({ length: MASTERS * 2 }, async () => {
        const node = await startNode(args)
        started.push(node.server)
        return node
      }),
    )
    await form(nodes)
    const servers = nodes.map(({ server }) => server)
    const healthy = async () => {
      const running = servers.filter((server) => server.isRunning)
      await until(() => Promise.all(running.map((server) => seesAllServed(server, running))), {
        what: 'the cluster serves every slot',
      })
    }
    await healthy()
    return { nodes: servers, healthy, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startNode(args: readonly string[]): Promise<Node> {
  const busPort = await freePort()
  const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '1000']
  const server = await startRedis({ args: [...cluster, '--repl-diskless-sync-delay', '0', ...args] })
  return { server, busPort }
}

/** Masters take their slots, all meet the first, and when everybody knows everybody the replicas follow. */
async function form(nodes: readonly Node[]): Promise<void> {
  const [first] = nodes as [Node, ...Node[]] // there are six
  await Promise.all(
    nodes.map(async ({ server }, index) => {
      // Each has its own, so that they need not settle it among themselves.
      await askRedis(server.url, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
      if (index < MASTERS) await askRedis(server.url, 'CLUSTER', 'ADDSLOTSRANGE', ...slotsOf(index))
      const address = ['127.0.0.1', String(first.server.port), String(first.busPort)]
      if (index > 0) await askRedis(server.url, 'CLUSTER', 'MEET', ...address)
    }),
  )
  await until(() => Promise.all(nodes.map(({ server }) => knowsAll(server, nodes.length))), {
    what: 'the nodes have met',
  })
  await Promise.all(
    nodes.slice(MASTERS).map(async ({ server }, index) => {
      const master = String(await askRedis(nodes[index]!.server.url, 'CLUSTER', 'MYID'))
      await askRedis(server.url, 'CLUSTER', 'REPLICATE', master)
      await until(
        async () => String(await askRedis(server.url, 'INFO', 'replication')).includes('master_link_status:up'),
        {
          what: 'the replica is in step',
        },
      )
    }),
  )
}

function slotsOf(master: number): [first: string, last: string] {
  const bound = (index: number) => Math.floor((index * SLOTS) / MASTERS)
  return [String(bound(master)), String(bound(master + 1) - 1)]
}

async function knowsAll(server: Server, count: number): Promise<void> {
  const lines = String(await askRedis(server.url, 'CLUSTER', 'NODES'))
    .trim()
    .split('\n')
  const isReady = lines.length === count && !lines.some((line) => /handshake|noaddr|fail/.test(line))
  if (!isReady) throw new Error(`the node at ${server.url} knows:\n${lines.join('\n')}`)
}

async function seesAllServed(server: Server, running: readonly Server[]): Promise<void> {
  const info = String(await askRedis(server.url, 'CLUSTER', 'INFO'))
  // A node that was killed keeps its slots in the eyes of the others until they miss it: start, end, [host, port, id], …
  const ranges = (await askRedis(server.url, 'CLUSTER', 'SLOTS')) as [number, number, [string, number, string]][]
  const isServed = ranges.every(([, , [, port]]) => running.some((other) => other.port === port))
  if (!isServed || !info.includes('cluster_state:ok')) {
    throw new Error(`the node at ${server.url} sees ${JSON.stringify(ranges)}\n${info}`)
  }
}
