/**
 * Hits of the shared tiers: from the near cache, beside the memory tier; and from the store behind it, beside a bare
 * server. For the latter the near cache is too small for what is asked, so that nothing asked is ever near.
 */
import { newDatabase, startPostgres } from '../test/support/servers/postgres.ts'
import { startRedis } from '../test/support/servers/redis.ts'
import { type HitsOptions, type HitsResult, measureHits, memoryTier, type Server } from './hits.ts'
import { type Workload, type WorkloadName, workloads } from './workloads.ts'

export type SharedTier = 'redis' | 'postgres'

/** CPU per request over a bare server's, by workload, that a hit from the store may cost. */
const storeLimits: Readonly<Record<SharedTier, Partial<Record<WorkloadName, number>>>> = {
  redis: { entity: 2, query: 7.5 },
  postgres: { entity: 5, query: 16 },
}
const nearLimit = 1.1
const tooSmall = { 'cache.memory': '1MB', 'cache.max_entry': '256KB' }

export interface TierResult {
  readonly title: string
  readonly limit: number
  readonly result: HitsResult
}

export async function measureTier(tier: SharedTier, options: HitsOptions): Promise<TierResult[]> {
  const servers = tier === 'redis' ? await redisOnly() : await postgresOnly()
  try {
    const results: TierResult[] = []
    for (const workload of workloads) {
      const limit = storeLimits[tier][workload.name]
      if (limit === undefined) continue
      results.push(await near(tier, workload, servers.settings, options))
      const stored = await measureHits(workload, options, tiered(servers.settings, tooSmall))
      results.push({ title: `${tier}, not near: ${workload.title}`, limit, result: stored })
    }
    return results
  } finally {
    await servers.close()
  }
}

async function near(tier: SharedTier, workload: Workload, settings: Settings, options: HitsOptions) {
  const result = await measureHits(workload, options, tiered(settings), memoryTier)
  return { title: `${tier}, near, against the memory tier: ${workload.title}`, limit: nearLimit, result }
}

type Settings = Readonly<Record<string, unknown>>

function tiered(...settings: Settings[]): Server {
  return { file: 'sgcache-server.ts', settings: Object.assign({}, ...settings) }
}

async function redisOnly() {
  const redis = await startRedis()
  return { settings: { tier: 'redis', 'redis.url': redis.url }, close: () => redis.close() }
}

/** Without Redis before it, so that what is measured comes from Postgres. */
async function postgresOnly() {
  const postgres = await startPostgres()
  const url = await newDatabase(postgres.url)
  const settings = { tier: 'postgres', 'postgres.url': url, 'redis.enabled': false }
  return { settings, close: () => postgres.close() }
}
