/** Rules between the settings of the shared tiers. They hold where the tier is used; elsewhere nobody reads them. */
import type { Rule } from './rule.ts'
import { redisAddress } from './store-address.ts'
import { formatDuration } from './units.ts'

type Tier = 'memory' | 'redis' | 'postgres'
type Mode = 'single' | 'sentinel' | 'cluster'

export const tierRules: readonly Rule[] = [
  {
    settings: ['events.here', 'tier'],
    problem: (here: boolean, tier: Tier) =>
      !here && tier === 'memory'
        ? 'events.here is false, but in the memory tier nobody else can follow for this process. Set it to true, or events.enabled to false if nobody is to follow at all.'
        : undefined,
  },
  {
    settings: ['events.blind_after', 'events.poll', 'tier'],
    problem: (blind: number, poll: number, tier: Tier) =>
      tier !== 'memory' && blind > poll && blind < 3 * poll
        ? `events.blind_after (${formatDuration(blind)}) must be three times events.poll (${formatDuration(poll)}) at least in a shared tier, where most processes only see that another one has looked.`
        : undefined,
  },
  {
    settings: ['shared.follower_lease', 'events.poll', 'tier'],
    problem: (lease: number, poll: number, tier: Tier) =>
      tier !== 'memory' && lease < 2 * poll
        ? `shared.follower_lease (${formatDuration(lease)}) must be twice events.poll (${formatDuration(poll)}) at least, or the follower would lose its place between two looks.`
        : undefined,
  },
  {
    settings: ['shared.deadline', 'shared.lease', 'tier'],
    problem: (deadline: number, lease: number, tier: Tier) =>
      tier !== 'memory' && deadline >= lease
        ? `shared.deadline (${formatDuration(deadline)}) must be shorter than shared.lease (${formatDuration(lease)}), or one slow call would end the right to answer.`
        : undefined,
  },
  {
    settings: ['redis.enabled', 'tier'],
    problem: (enabled: boolean, tier: Tier) =>
      !enabled && tier === 'redis'
        ? 'redis.enabled is false, but the redis tier is nothing without Redis. Set it to true, or tier to "postgres".'
        : undefined,
  },
  redisRule(['redis.mode', 'redis.nodes'], (mode: Mode, nodes: readonly string[]) => {
    if (mode === 'sentinel' && nodes.length === 0)
      return 'redis.mode is "sentinel" but redis.nodes is empty: name the sentinels, such as [sentinel-1:26379, sentinel-2:26379].'
    if (mode === 'cluster' && nodes.length === 0)
      return 'redis.mode is "cluster" but redis.nodes is empty: name some of its nodes, such as [redis-1:6379, redis-2:6379].'
    if (mode === 'single' && nodes.length > 0)
      return 'redis.nodes is set but redis.mode is "single", which has redis.host and redis.port. Did you mean mode "sentinel" or "cluster"?'
    return undefined
  }),
  redisRule(['redis.url', 'redis.mode'], (url: string | undefined, mode: Mode) =>
    url !== undefined && mode !== 'single'
      ? `redis.url is the address of a single Redis, but redis.mode is "${mode}": use redis.nodes, redis.username and redis.password instead.`
      : undefined,
  ),
  redisRule(['redis.database', 'redis.mode'], (database: number, mode: Mode) =>
    database !== 0 && mode === 'cluster'
      ? `redis.database is ${database}, but a cluster has only 0. Use redis.prefix to share it.`
      : undefined,
  ),
  redisRule(['redis.ca_file', 'redis.tls', 'redis.url'], (path?: string, tls?: boolean, url?: string) =>
    path !== undefined && !tls && !(url !== undefined && redisAddress(url)?.tls)
      ? 'redis.ca_file is set but redis.tls is false, so no certificate would be looked at. Set redis.tls to true.'
      : undefined,
  ),
  {
    settings: ['postgres.ca_file', 'postgres.tls', 'postgres.url', 'tier'],
    problem: (path: string | undefined, tls: string, url: string | undefined, tier: Tier) =>
      tier === 'postgres' && path !== undefined && tls !== 'verify' && url === undefined
        ? `postgres.ca_file is set but postgres.tls is "${tls}", so no certificate would be checked. Set postgres.tls to "verify".`
        : undefined,
  },
]

/** A rule that holds where Redis is used. */
function redisRule(settings: readonly string[], problem: (...values: never[]) => string | undefined): Rule {
  return {
    settings: [...settings, 'redis.enabled', 'tier'],
    problem: (...values: never[]) => {
      const [isEnabled, tier] = values.slice(-2) as unknown as [boolean, Tier] // as named in `settings`
      return tier !== 'memory' && isEnabled ? problem(...values.slice(0, -2)) : undefined
    },
  }
}
