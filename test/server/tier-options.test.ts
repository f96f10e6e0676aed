import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { Config } from '../../src/config/schema.ts'
import { SgcacheError } from '../../src/errors.ts'
import { postgresConnection, redisConnection, sharedSettings } from '../../src/server/tier-options.ts'

const complete = { SG_URL: 'https://studio.example.com', SG_SCRIPT: 'cache', SG_KEY: 'k' }
const pem = (path: string) => `PEM of ${path}`

function configOf(yaml: string, env: Readonly<Record<string, string>> = {}): Config {
  const file = { path: 'c.yaml', text: yaml }
  const readFile = () => ''
  const { config, problems } = resolveConfig({ flags: [], env: { ...complete, ...env }, cwd: '/', readFile, file })
  expect(problems).toEqual([])
  return config!
}

test('the times that processes agree on', () => {
  expect(sharedSettings(configOf('shared: {lease: 3s}'))).toEqual({
    leaseMs: 3000,
    slackMs: 500,
    followerLeaseMs: 15_000,
    deadlineMs: 1000,
  })
})

describe('how Redis is reached', () => {
  const plain = {
    ...{ mode: 'single', host: '127.0.0.1', port: 6379, nodes: [], masterName: 'mymaster' },
    ...{ database: 0, prefix: 'sgcache:studio.example.com', deadlineMs: 250, replicas: 0, replicaLagMs: 0 },
  }

  test('by default on this machine, without a password', () => {
    expect(redisConnection(configOf(''))).toEqual(plain)
  })

  test('by its parts, as the environment has them', () => {
    const env = { REDIS_HOST: 'cache', REDIS_PORT: '7000', REDIS_PASSWORD: 'p' }
    const config = configOf('redis: {username: ann, database: 3, prefix: "s:", tls: true, ca_file: ca.pem}', env)
    expect(redisConnection(config, pem)).toEqual({
      ...plain,
      host: 'cache',
      port: 7000,
      username: 'ann',
      password: 'p',
      database: 3,
      prefix: 's::studio.example.com',
      tls: { ca: 'PEM of ca.pem' },
    })
  })

  test('by one address, which goes before the parts it repeats', () => {
    const env = { REDIS_URL: 'rediss://bob@other/5', REDIS_HOST: 'cache', REDIS_PASSWORD: 'p' }
    expect(redisConnection(configOf('redis: {port: 7000, username: ann}', env))).toEqual({
      ...plain,
      host: 'other',
      port: 7000,
      username: 'bob',
      password: 'p',
      database: 5,
      tls: {},
    })
  })

  test('through sentinels, whose replicas confirm', () => {
    const yaml = 'redis: {mode: sentinel, nodes: ["a:1", "[::1]:2"], sentinel_username: watch, replica_lag: 20s}'
    expect(redisConnection(configOf(yaml, { SGCACHE_REDIS_SENTINEL_PASSWORD: 'w' }))).toEqual({
      ...plain,
      mode: 'sentinel',
      nodes: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
      ],
      sentinelUsername: 'watch',
      sentinelPassword: 'w',
      replicas: 1,
      replicaLagMs: 20_000,
    })
  })

  test('as a cluster, with as many confirming replicas as are asked for', () => {
    const of = (replicas: number) =>
      redisConnection(configOf(`redis: {mode: cluster, nodes: ["a:1"], replicas: ${replicas}}`))
    expect(of(2)).toEqual({
      ...{ ...plain, mode: 'cluster', nodes: [{ host: 'a', port: 1 }] },
      ...{ replicas: 2, replicaLagMs: 10_000 },
    })
    expect(of(0)).toMatchObject({ replicas: 0, replicaLagMs: 0 })
  })

  test('not with a certificate that cannot be read, which is told by its setting', () => {
    const missing = () => {
      throw Object.assign(new Error('none'), { code: 'ENOENT' })
    }
    const config = configOf('redis: {tls: true, ca_file: nowhere.pem}')
    expect(() => redisConnection(config, missing)).toThrow(SgcacheError)
    expect(() => redisConnection(config, missing)).toThrow('redis.ca_file: cannot read nowhere.pem (ENOENT).')
  })
})

describe('how Postgres is reached', () => {
  const plain = {
    ...{ host: '127.0.0.1', port: 5432, database: 'sgcache', user: 'sgcache' },
    ...{ tls: false, schema: 'sgcache', connections: 10, deadlineMs: 500, replicas: [] },
  }

  test('by default on this machine', () => {
    expect(postgresConnection(configOf(''))).toEqual(plain)
  })

  test('by its parts, as the environment has them', () => {
    const env = { POSTGRES_HOST: 'db', POSTGRES_PORT: '1', POSTGRES_DB: 'd', PG_USER: 'u', PG_PASSWORD: 'p' }
    const config = configOf('postgres: {tls: verify, ca_file: ca.pem, replicas: ["r:2"]}', env)
    expect(postgresConnection(config, pem)).toEqual({
      ...plain,
      ...{ host: 'db', port: 1, database: 'd', user: 'u', password: 'p' },
      tls: { ca: 'PEM of ca.pem', rejectUnauthorized: true },
      replicas: [{ host: 'r', port: 2 }],
    })
  })

  test('by one address, which goes before the parts it repeats', () => {
    const env = { DATABASE_URL: 'postgres://u@db/d?sslmode=require', POSTGRES_HOST: 'x', POSTGRES_PASSWORD: 'p' }
    expect(postgresConnection(configOf('', env))).toEqual({
      ...plain,
      ...{ host: 'db', database: 'd', user: 'u', password: 'p' },
      tls: { rejectUnauthorized: false },
    })
    const off = { DATABASE_URL: 'postgres://db?sslmode=disable' }
    expect(postgresConnection(configOf('postgres: {tls: verify}', off)).tls).toBe(false)
  })
})
