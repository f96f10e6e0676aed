/**
 * Opens the tier that the configuration names. A tier's client libraries are loaded only when it is opened.
 */
import type { Backend } from '../cache/ports.ts'
import { type MemoryBackendOptions, openMemoryBackend } from './memory.ts'
import type { PostgresBackendOptions } from './postgres/postgres.ts'
import type { RedisBackendOptions } from './redis/redis.ts'

/** What a tier needs, by tier. */
export type BackendOptions = MemoryBackendOptions | RedisBackendOptions | PostgresBackendOptions

/** Whoever opens it closes it. Rejects if the tier can never work as configured; trouble that may pass is waited out. */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  switch (options.tier) {
    case 'memory':
      return openMemoryBackend(options)
    case 'redis': {
      const { openRedisBackend } = await import('./redis/redis.ts')
      return openRedisBackend(options)
    }
    case 'postgres': {
      const { openPostgresBackend } = await import('./postgres/postgres.ts')
      return openPostgresBackend(options)
    }
  }
}
