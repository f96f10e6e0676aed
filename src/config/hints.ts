/** What is allowed and perhaps not meant: settings that nobody reads as things stand. Told by `sgcache config check`. */
import type { Resolved } from './resolve.ts'
import { postgresAddress } from './store-address.ts'

/** Whole sentences. */
export function hintsOf(resolved: readonly Resolved[], values: ReadonlyMap<string, unknown>): readonly string[] {
  const tier = values.get('tier')
  const useRedis = tier === 'postgres' ? 'redis.enabled to true' : 'tier to "redis"'
  const usesRedis = tier === 'redis' || (tier === 'postgres' && values.get('redis.enabled') !== false)
  const unused: readonly (readonly [section: string, isUsed: boolean, useIt: string])[] = [
    ['shared', tier !== 'memory', 'tier to "redis" or "postgres"'],
    ['redis', usesRedis, useRedis],
    ['postgres', tier === 'postgres', 'tier to "postgres"'],
  ]
  return [
    ...unused.flatMap(([section, isUsed, useIt]) => (isUsed ? [] : unusedHint(section, useIt, tier, resolved))),
    ...(tier === 'postgres' ? unreadParameters(values.get('postgres.url')) : []),
  ]
}

function unusedHint(section: string, useIt: string, tier: unknown, resolved: readonly Resolved[]): readonly string[] {
  const given = resolved.filter(
    ({ setting, given: { layer } }) =>
      setting.path[0] === section && layer !== 'default' && setting.name !== 'redis.enabled',
  )
  if (given.length === 0) return []
  const named = given.map(({ setting, given: { place } }) => `${setting.name} (${place})`).join(', ')
  const [is, it] = given.length === 1 ? ['is', 'it'] : ['are', 'them']
  return [`${named} ${is} not used with tier ${JSON.stringify(tier)}. Set ${useIt} to use ${it}.`]
}

/** By name; their values may be secrets. */
function unreadParameters(url: unknown): readonly string[] {
  const unread = typeof url === 'string' ? (postgresAddress(url)?.unread ?? []) : []
  if (unread.length === 0) return []
  return [
    `postgres.url has parameters that are not read: ${unread.join(', ')}. What can be set is in docs/configuration.md.`,
  ]
}
