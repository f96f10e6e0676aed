/**
 * What a suite asks for when it needs a Redis or a Postgres and does not break it:
 *
 * ```ts
 * describe.skipIf(await redisIsMissing())('the log in Redis', () => {
 *   it('keeps order', async () => {
 *     const { url, prefix } = await sharedRedis()
 * ```
 *
 * ```ts
 * const url = await newDatabase() // Postgres is never missing
 * ```
 *
 * Servers are shared by all suites of a run, spaces are not: a prefix and a database belong to the caller. A suite that
 * kills, freezes or configures a server starts its own (`redis.ts`, `postgres.ts`), after asking
 * `redisServerIsMissing()`.
 */
import { inject } from 'vitest'
import type { Missing, RedisSpace } from './shared-servers.ts'

/** Whether the suites with the shared Redis are to be skipped. In CI it throws instead of answering yes. */
export async function redisIsMissing(): Promise<boolean> {
  return 'missing' in (await ask<RedisSpace | Missing>('/redis'))
}

/** The same for suites that start their own. */
export async function redisServerIsMissing(): Promise<boolean> {
  return 'missing' in (await ask<Missing | object>('/can-start-redis'))
}

/** The shared Redis, and a prefix for keys and channels that nobody else uses. */
export async function sharedRedis(): Promise<RedisSpace> {
  const redis = await ask<RedisSpace | Missing>('/redis')
  if ('missing' in redis) throw new Error(`There is ${redis.missing}.`)
  return redis
}

/** An empty database on the shared Postgres; resolves with its URL. */
export async function newDatabase(): Promise<string> {
  return (await ask<{ url: string }>('/database')).url
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(inject('sharedServers') + path)
  if (!response.ok) throw new Error(await response.text())
  // The desk is global-setup.ts, which answers each path with its type.
  return (await response.json()) as T
}
