/**
 * One Redis and one Postgres for a whole run of Vitest, each started when it is first asked for.
 *
 * `SGCACHE_TEST_REDIS_URL` and `SGCACHE_TEST_POSTGRES_URL` name servers to use instead. What this run makes there is
 * removed at its end: keys below `sgcache-test-`, databases `sgcache_test_*`.
 */
import { randomUUID } from 'node:crypto'
import { createClient } from '@redis/client'
import { askPostgres, newDatabase, startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { findRedis } from './redis-binary.ts'

/** Why there is no such server here. */
export interface Missing {
  readonly missing: string
}

export interface RedisSpace {
  readonly url: string
  /** Nobody else uses keys that begin with this. */
  readonly prefix: string
}

export class SharedServers {
  readonly #env: NodeJS.ProcessEnv
  readonly #keysOfRun = `sgcache-test-${randomUUID()}`
  readonly #databases: string[] = []
  readonly #atEnd: (() => Promise<void>)[] = []
  #canStartRedis: Promise<Missing | object> | undefined
  #redis: Promise<{ url: string } | Missing> | undefined
  #spaces = 0
  #postgres: Promise<string> | undefined

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  /** Rejects in CI where there is none. */
  async redis(): Promise<RedisSpace | Missing> {
    this.#redis ??= this.#openRedis()
    const redis = await this.#redis
    return 'missing' in redis ? redis : { url: redis.url, prefix: `${this.#keysOfRun}-${++this.#spaces}:` }
  }

  /** Whether a test can start a Redis of its own. */
  canStartRedis(): Promise<Missing | object> {
    this.#canStartRedis ??= findRedis(this.#env).then((found) => {
      if (!('missing' in found)) return {}
      const remedy = 'Install Redis or Valkey, or set SGCACHE_TEST_REDIS_SERVER to a redis-server'
      process.stderr.write(`\nTests that start a Redis are skipped: there is ${found.missing}. ${remedy}.\n`)
      return found
    })
    return this.#canStartRedis
  }

  /** Makes an empty database. */
  async database(): Promise<{ url: string }> {
    this.#postgres ??= this.#openPostgres()
    const url = await newDatabase(await this.#postgres)
    this.#databases.push(url)
    return { url }
  }

  async close(): Promise<void> {
    for (const end of this.#atEnd.splice(0)) await end()
  }

  async #openRedis(): Promise<{ url: string } | Missing> {
    const brought = this.#env.SGCACHE_TEST_REDIS_URL
    if (brought) {
      this.#atEnd.push(() => removeKeys(brought, this.#keysOfRun))
      return { url: brought }
    }
    const can = await this.canStartRedis()
    if ('missing' in can) return can
    const redis = await startRedis()
    this.#atEnd.push(() => redis.close())
    return redis
  }

  async #openPostgres(): Promise<string> {
    const brought = this.#env.SGCACHE_TEST_POSTGRES_URL
    if (brought) {
      this.#atEnd.push(() => removeDatabases(brought, this.#databases))
      return brought
    }
    // Nobody cuts its power, so it need not wait for the disk.
    const postgres = await startPostgres({ args: ['-c', 'fsync=off', '-c', 'max_connections=300'] })
    this.#atEnd.push(() => postgres.close())
    return postgres.url
  }
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = createClient({ url })
  client.on('error', () => {}) // the rejected command tells it
  await client.connect()
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    if (keys.length > 0) await client.unlink(keys)
  }
  client.destroy()
}

async function removeDatabases(serverUrl: string, urls: readonly string[]): Promise<void> {
  for (const { pathname } of urls.map((url) => new URL(url))) {
    await askPostgres(serverUrl, `DROP DATABASE IF EXISTS "${pathname.slice(1)}" WITH (FORCE)`)
  }
}
