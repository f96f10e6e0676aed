/** A Redis of a test's own, to be killed and frozen. Suites that leave it alone use the shared one (`shared.ts`). */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { freePort } from './free-port.ts'
import { findRedis, type RedisBinary } from './redis-binary.ts'
import { Server } from './server.ts'

export interface RedisOptions {
  /** More of redis-server's arguments, as `['--appendonly', 'yes']`. By default it keeps nothing on disk. */
  readonly args?: readonly string[]
  readonly port?: number
}

/** Whoever starts it closes it. After `restart` it is empty, unless `args` make it persist. */
export async function startRedis({ args = [], port }: RedisOptions = {}): Promise<Server> {
  const at = port ?? (await freePort())
  return launchRedis(at, [
    ...['--port', String(at), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    ...['--dir', '.', '--daemonize', 'no'],
    ...args,
  ])
}

/** redis-server with exactly these arguments, in a directory of its own. `prepare` writes files into it. */
export async function launchRedis(
  port: number,
  args: readonly string[],
  prepare: (directory: string) => Promise<void> = async () => {},
): Promise<Server> {
  const { command, env } = await redisBinary()
  const directory = await mkdtemp(join(tmpdir(), 'sgcache-redis-'))
  await prepare(directory)
  const url = `redis://127.0.0.1:${port}`
  return Server.start(
    { port, url, directory },
    { command, args, env, ready: /Ready to accept connections|Sentinel ID is/, stopSignal: 'SIGTERM' },
  )
}

async function redisBinary(): Promise<RedisBinary> {
  const found = await findRedis()
  if ('missing' in found) throw new Error(`There is ${found.missing}.`)
  return found
}

/** One command on a connection of its own, without retries: an error says how the server is now. */
export async function askRedis(url: string, ...command: string[]): Promise<unknown> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 10_000, reconnectStrategy: false },
  })
  client.on('error', () => {}) // the rejected command tells it
  try {
    await client.connect()
    return await client.sendCommand(command)
  } finally {
    if (client.isOpen) client.destroy()
  }
}
