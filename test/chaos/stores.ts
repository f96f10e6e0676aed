/** The servers that the instances of a tier share, and what can befall them. */
import { startPostgres } from '../support/servers/postgres.ts'
import { askRedis, startRedis } from '../support/servers/redis.ts'
import type { Server } from '../support/servers/server.ts'
import type { StoreAddress } from './instance.ts'
import { type Victim, victimOfServer } from './mishaps.ts'

export interface Stores {
  readonly tier: 'memory' | 'redis' | 'postgres'
  readonly names: readonly string[]
  readonly addresses: readonly StoreAddress[]
  readonly victims: readonly Victim[]
  close(): Promise<void>
}

/** What is shared, and by which setting instances are told where it is. */
interface Store {
  readonly name: string
  readonly server: Server
  readonly address: StoreAddress
  readonly victims: readonly Victim[]
}

export async function openStores(tier: Stores['tier']): Promise<Stores> {
  const stores = await Promise.all([
    ...(tier === 'memory' ? [] : [openRedis()]),
    ...(tier === 'postgres' ? [openPostgres()] : []),
  ])
  return {
    tier,
    names: stores.map(({ name }) => name),
    addresses: stores.map(({ address }) => address),
    victims: stores.flatMap(({ victims }) => victims),
    close: async () => {
      await Promise.all(stores.map(({ server }) => server.close()))
    },
  }
}

async function openRedis(): Promise<Store> {
  const server = await startRedis()
  const flush = async () => {
    // If it is dead just now there is nothing to flush.
    await askRedis(server.url, 'FLUSHALL').catch(() => {})
  }
  const memory: Victim = { name: 'the memory of Redis', mishaps: [[1, { name: 'Redis is flushed', happen: flush }]] }
  return {
    name: 'Redis',
    server,
    address: { port: server.port, setting: 'REDIS_URL', at: (port) => `redis://127.0.0.1:${port}` },
    victims: [victimOfServer('Redis', server, ' and comes back empty'), memory],
  }
}

/** What is committed survives its death. */
async function openPostgres(): Promise<Store> {
  const server = await startPostgres({ args: ['-c', 'max_connections=100'] })
  const database = await server.newDatabase()
  const at = (port: number) => {
    const url = new URL(database)
    url.port = String(port)
    return url.href
  }
  return {
    name: 'Postgres',
    server,
    address: { port: server.port, setting: 'DATABASE_URL', at },
    victims: [victimOfServer('Postgres', server, '')],
  }
}
