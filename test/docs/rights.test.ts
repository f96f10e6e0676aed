/** The rights that docs/tiers.md has an operator give are enough, and no more than it says. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { Running } from '../../src/server/start.ts'
import { listenerBefore, serverBefore } from '../server/drop-in/served.ts'
import { askPostgres } from '../support/servers/postgres.ts'
import { askRedis, startRedis } from '../support/servers/redis.ts'
import { startCluster } from '../support/servers/redis-cluster.ts'
import { startSentinels } from '../support/servers/redis-sentinels.ts'
import type { Server } from '../support/servers/server.ts'
import { newDatabase, redisServerIsMissing } from '../support/servers/shared.ts'
import { until } from '../support/servers/until.ts'

const page = readFileSync(new URL('../../docs/tiers.md', import.meta.url), 'utf8')

/** Blocks of the page, in order. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) =>
    match[1]!.trim(),
  )
}

const running: Running[] = []
let site: { address: string; close(): Promise<void> }
beforeAll(async () => {
  site = await createSandbox({ size: 'tiny' }).listen({ port: 0 })
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()))
})
afterAll(() => site.close())

/** A follower and a server that answers what it has stored, with these settings. */
async function exercise(settings: Readonly<Record<string, unknown>>): Promise<void> {
  const brisk = { 'events.poll': '200ms', 'warm.types': ['Project'], 'postgres.record_interval': '100ms' }
  running.push(await listenerBefore(site.address, { ...brisk, ...settings }))
  running.push(await serverBefore(site.address, { ...brisk, ...settings, 'events.here': false }))
  const ask = async (path: string) => fetch(`${running[1]!.address}${path}`)
  await until(async () => (await ask('/health')).status === 200, { what: 'the server answers from cache' })
  const read = async () => ((await (await ask('/entity/Shot/1?fields=code')).json()) as { source: string }).source
  await until(async () => (await read()) === 'cache', { what: 'an entry is stored' })
  const figures = await (await ask('/metrics')).text()
  expect(figures).not.toMatch(/^sg_cache_store_failures_total/m)
  expect(figures).not.toMatch(/^sg_cache_follow_failures_total/m)
  expect(figures).not.toMatch(/^sg_records_failures_total/m)
  expect(figures).toMatch(/^sg_cache_processes 2$/m)
}

describe.skipIf(await redisServerIsMissing())('the rights in Redis', () => {
  const password = randomBytes(8).toString('hex')
  const [ofServers, ofSentinels, ...others] = blocks('redis').map((rule) =>
    rule.replaceAll(/\s+/g, ' ').replace('PASSWORD', password).split(' '),
  )
  const grant = async (servers: readonly Server[], rule: readonly string[]) => {
    for (const { url } of servers) expect(await askRedis(url, ...rule)).toBe('OK')
  }
  /** What was refused to whom, by all of them. */
  const refused = async (servers: readonly Server[]) => {
    const logs = await Promise.all(servers.map(({ url }) => askRedis(url, 'ACL', 'LOG')))
    return logs.flatMap((log) => log as unknown[]) // a list, as the command says
  }
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  it('are enough for all that sgcache does, and end at its prefix', async () => {
    expect(others).toEqual([])
    const redis = await startRedis()
    closing.push(() => redis.close())
    await grant([redis], ofServers!)
    const url = `redis://sgcache:${password}@127.0.0.1:${redis.port}`
    await exercise({ tier: 'redis', 'redis.url': url })
    expect(await refused([redis])).toEqual([])
    const keys = (await askRedis(redis.url, 'KEYS', '*')) as string[] // as the command says
    expect(keys.length).toBeGreaterThan(2)
    expect(keys.filter((key) => !key.startsWith('sgcache:'))).toEqual([])
    for (const command of [['SET', 'other', '1'], ['FLUSHALL'], ['KEYS', '*'], ['CONFIG', 'GET', '*']]) {
      await expect(askRedis(url, ...command)).rejects.toThrow('NOPERM')
    }
  })

  it('are enough in a cluster', async () => {
    const cluster = await startCluster()
    closing.push(cluster.close)
    await grant(cluster.nodes, ofServers!)
    await exercise({
      ...{ tier: 'redis', 'redis.mode': 'cluster', 'redis.replica_lag': '1s' },
      'redis.nodes': cluster.nodes.map(({ port }) => `127.0.0.1:${port}`),
      ...{ 'redis.username': 'sgcache', 'redis.password': password },
    })
    expect(await refused(cluster.nodes)).toEqual([])
  })

  it('are enough behind sentinels, and so are those in the sentinels', async () => {
    const { sentinels, servers, close } = await startSentinels()
    closing.push(close)
    await grant(servers, ofServers!)
    await grant(sentinels, ofSentinels!)
    await exercise({
      ...{ tier: 'redis', 'redis.mode': 'sentinel', 'redis.replica_lag': '1s' },
      'redis.nodes': sentinels.map(({ port }) => `127.0.0.1:${port}`),
      ...{ 'redis.username': 'sgcache', 'redis.password': password },
      ...{ 'redis.sentinel_username': 'sgcache', 'redis.sentinel_password': password },
    })
    expect(await refused([...servers, ...sentinels])).toEqual([])
  })
})

describe('the rights in Postgres', () => {
  it.each(['a database of its own', 'a database that it shares'])('are enough in %s', async (where) => {
    const admin = await newDatabase()
    const name = `sgcache_test_${randomBytes(6).toString('hex')}`
    const password = randomBytes(8).toString('hex')
    const isOwn = where.endsWith('its own')
    const [own, shared, ...others] = blocks('sql')
    expect(others).toEqual([])
    const [role, database] = own!.split('\n')
    const named = (sql: string) => sql.replaceAll('sgcache', name).replaceAll("'PASSWORD'", `'${password}'`)
    const at = new URL(admin)
    await askPostgres(admin, named(role!))
    try {
      if (isOwn) await askPostgres(admin, named(database!))
      else await askPostgres(admin, named(shared!).replace('studio', at.pathname.slice(1)))
      if (isOwn) at.pathname = `/${name}`
      at.username = name
      at.password = password
      await exercise({ tier: 'postgres', 'postgres.url': at.href, 'redis.enabled': false })
    } finally {
      await Promise.all(running.splice(0).map((one) => one.close()))
      if (isOwn) await askPostgres(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await askPostgres(admin, `DROP OWNED BY ${name} CASCADE`)
      await askPostgres(admin, `DROP ROLE ${name}`)
    }
  })
})
