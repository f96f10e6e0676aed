/** What tests with servers of their own are given: all that they start is closed at their end, whatever became of it. */
import { test as base } from 'vitest'
import type { RedisBackendOptions } from '../../../src/backends/redis/redis.ts'
import { type RedisOptions, startRedis } from '../../support/servers/redis.ts'
import type { Server } from '../../support/servers/server.ts'
import { startProxy, type TcpProxy } from '../../support/servers/tcp-proxy.ts'
import { type OpenedForTest, openForTest, type RedisForTest } from './redis-for-tests.ts'

export interface RedisWorld {
  start(options?: RedisOptions): Promise<Server>
  /** A network of its own before that server. */
  proxyTo(redis: Server): Promise<TcpProxy>
  open(redis: RedisForTest, options?: Partial<RedisBackendOptions>): OpenedForTest
  /** Closed before what was started or opened earlier. */
  closing<Thing extends { close(): Promise<unknown> }>(thing: Thing): Thing
}

/** For `describe.concurrent`: such tests wait far more than they work. */
export const test = base.extend<{ world: RedisWorld }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs.
  world: async ({}, use) => {
    const closing: { close(): Promise<unknown> }[] = []
    const keep = <Thing extends { close(): Promise<unknown> }>(thing: Thing) => {
      closing.push(thing)
      return thing
    }
    await use({
      start: async (options) => keep(await startRedis(options)),
      proxyTo: async ({ port }) => keep(await startProxy(port)),
      open: (redis, options) => {
        const opened = openForTest(redis, options)
        keep(opened.backend)
        return opened
      },
      closing: keep,
    })
    for (const thing of closing.reverse()) await thing.close()
  },
})
