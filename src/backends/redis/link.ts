/**
 * A connection to Redis, whether one server, a master found by sentinels, or a cluster: the same few things of each.
 *
 * It connects in the background and connects again for ever, so Redis may come late and go away. Nothing waits for
 * that: while it is not there, commands fail at once. A server that has stopped answering shows by the pings that go
 * out every second.
 */
import { RESP_TYPES, type RedisArgument, type RedisClientOptions } from '@redis/client'
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'
import type { RedisConnection } from './connection-options.ts'

export interface RedisLink {
  /** For people: `Redis at cache:6379`. */
  readonly name: string
  /** One command about `key`, at its primary. Rejects at once when not connected. */
  send(key: string, args: RedisArgument[]): Promise<unknown>
  /** `listener` is told of every message from now on, also after the connection was lost and made again. */
  subscribe(channel: string, listener: (message: string) => void): void
  /** Every key that begins with `prefix`, some perhaps twice; a page of keys at a time. */
  keys(prefix: string): AsyncIterable<readonly string[]>
  /** The client that `@keyv/redis` is to use now, which reads strings as Buffers; undefined while there is none. */
  forKeyv(): unknown
  close(): Promise<void>
}

export interface LinkOptions {
  readonly connection: RedisConnection
  readonly clock: Clock
  /** Told when a connection fails or is lost. */
  readonly onError: (error: unknown) => void
}

/** Type mapping under which strings are read as Buffers. */
export const asBuffers = { [RESP_TYPES.BLOB_STRING]: Buffer }
export const scanCount = 1000

export function nodeOptions({ username, password, tls }: RedisConnection) {
  return {
    username,
    password,
    disableOfflineQueue: true,
    pingInterval: 1000,
    socket: {
      connectTimeout: 5000,
      // Longer than between two pings: only a server that has stopped answering is hung up on.
      socketTimeout: 4000,
      ...(tls && { tls: true as const, ...(tls.ca !== undefined && { ca: tls.ca }) }),
    },
  } satisfies RedisClientOptions
}

/** For people; never with credentials. */
export function nameOf({ mode, url, host, port, nodes }: RedisConnection): string {
  if (mode !== 'single') return `Redis (${mode}) at ${nodes.map((node) => `${node.host}:${node.port}`).join(', ')}`
  return url === undefined ? `Redis at ${host}:${port}` : `Redis at ${hostIn(url)}`
}

function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'its address'
}

export function notConnected(what: string): SgcacheError {
  return new SgcacheError('BACKEND_UNREACHABLE', { what, reason: 'not connected' })
}

/** For SCAN: characters that mean something there stand for themselves. */
export function patternOf(prefix: string): string {
  return `${prefix.replace(/[*?[\]\\^-]/g, '\\$&')}*`
}
