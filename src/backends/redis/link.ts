/**
 * A way to Redis, whether one server, a master found by sentinels, or a cluster: the same few things of each.
 *
 * It connects in the background and connects again for ever, so Redis may come late and go away. Nothing waits for
 * that: while it is not there, commands fail at once. A server that has stopped answering shows by the pings that go
 * out every second, and is hung up on. What is under way when a connection ends fails then.
 *
 * No connection outlives its link: each is bound to a signal that ends it in whatever state it is. (The client by
 * itself leaves a connection open that is closed while it is being made.)
 */
import { ErrorReply, type RedisArgument, type RedisClientOptions } from '@redis/client'
import type { Clock } from '../../clock.ts'
import { reasonOf, SgcacheError } from '../../errors.ts'
import { Guard, type GuardOptions } from '../guard.ts'
import type { RedisConnection } from './connection-options.ts'

export type Command = readonly RedisArgument[]

export interface RedisLink {
  /** For people: `Redis at cache:6379`. */
  readonly name: string
  /** One command about `key`, at its primary. Rejects at once when not connected. */
  send(key: string, command: Command): Promise<unknown>
  close(): Promise<void>
}

/** To the one server that holds the log. */
export interface LogLink extends RedisLink {
  /** Commands over one connection, one after the other. Rejects if any of them fails; the others are done all the same. */
  sendTogether(commands: readonly Command[]): Promise<readonly unknown[]>
  /** `listener` is told of every message from the next connection on, also after that was lost and made again. */
  subscribe(channel: string, listener: (message: string) => void): void
}

/** To all servers that hold entries. */
export interface EntriesLink extends RedisLink {
  /** Every key of a string that begins with `prefix`, some perhaps twice; a page of keys at a time. */
  keys(prefix: string): AsyncIterable<readonly string[]>
  /**
   * The client that `@keyv/redis` is to use now, which reads strings as Buffers; throws while there is none. The same
   * object for as long as it is the same connection.
   */
  forKeyv(): unknown
}

export interface LinkOptions {
  readonly connection: RedisConnection
  readonly clock: Clock
  /** Told when a connection cannot be made or is lost, and why. */
  readonly onError: (error: unknown) => void
}

/** How long connecting may take, and an answer to a ping. */
export const connectMs = 2000
export const pingMs = 1500
/** How often it is looked whether all is as it was. */
export const watchMs = 1000

/** A connection that ends when `signal` aborts, and does not come back by itself. */
export function clientOptions({ username, password, tls }: RedisConnection, signal: AbortSignal) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    disableOfflineQueue: true,
    // Else it names itself, which a user with few rights may not do.
    disableClientInfo: true,
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: false,
      signal,
      ...(tls && { tls: true as const, ...(tls.ca !== undefined && { ca: tls.ca }) }),
    },
  } satisfies RedisClientOptions
}

/** For people; never with credentials. */
export function nameOf({ mode, host, port, nodes }: RedisConnection): string {
  if (mode === 'single') return `Redis at ${host}:${port}`
  return `Redis (${mode}) at ${nodes.map((node) => `${node.host}:${node.port}`).join(', ')}`
}

/** `cause`: why the last try failed. */
export function notConnected(what: string, cause?: unknown): SgcacheError {
  const reason = cause === undefined ? 'not connected yet' : reasonOf(cause)
  return new SgcacheError('BACKEND_UNREACHABLE', { what, reason }, { cause })
}

/** A failure of Redis as everybody knows it: it refused, or it could not be reached. */
export function meaningOf(error: unknown, what: string): SgcacheError {
  if (error instanceof SgcacheError) return error
  if (!(error instanceof ErrorReply)) return notConnected(what, error)
  return new SgcacheError('BACKEND_UNFIT', { what, reason: error.message }, { cause: error })
}

/** Redis itself says no, or there is no connection to ask it: nobody had to wait for that. */
function isPrompt(error: unknown): boolean {
  return error instanceof ErrorReply || (error instanceof SgcacheError && error.code === 'BACKEND_UNREACHABLE')
}

/** What stands before calls to `link` about entries. */
export function guardOf({ name }: RedisLink, { limitMs, clock }: Pick<GuardOptions, 'limitMs' | 'clock'>): Guard {
  return new Guard({ what: name, limitMs, clock, isPrompt, meaningOf: (error) => meaningOf(error, name) })
}

/** How keys are scanned: entries are strings. Characters that mean something to SCAN stand for themselves. */
export function pagesOf(prefix: string) {
  return { MATCH: `${prefix.replace(/[*?[\]\\^-]/g, '\\$&')}*`, TYPE: 'string', COUNT: keysAtOnce }
}

const keysAtOnce = 1000
