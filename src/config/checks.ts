/**
 * What no setting can tell alone: rules between settings. A rule is looked at only when all its settings are valid by
 * themselves, so that one mistake is told once.
 */
import { isLoopback } from './loopback.ts'
import type { Rule } from './rule.ts'
import { tierRules } from './tier-checks.ts'
import { formatDuration, formatSize } from './units.ts'

export const rules: readonly Rule[] = [
  ...tierRules,
  {
    settings: ['server.host', 'auth.mode'],
    problem: (host: string, mode?: string) =>
      mode === undefined && !isLoopback(host)
        ? `server.host is ${host}, which others can reach, and nothing says who may ask. Set auth.mode to "jwt" (and SGCACHE_JWT_KEY), or to "none" if everybody may read everything.`
        : undefined,
  },
  {
    settings: ['auth.mode', 'auth.key'],
    problem: (mode?: string, key?: string) =>
      mode === 'jwt' && key === undefined
        ? 'auth.mode is "jwt" but there is no key: set SGCACHE_JWT_KEY or SGCACHE_JWT_KEY_FILE.'
        : undefined,
  },
  {
    settings: ['auth.key', 'auth.mode'],
    problem: (key?: string, mode?: string) =>
      key !== undefined && mode === undefined
        ? 'auth.key is set but auth.mode is not, so no token would be asked for. Set auth.mode to "jwt", or to "none".'
        : undefined,
  },
  {
    settings: ['auth.previous_key', 'auth.key'],
    problem: (previous?: string, key?: string) =>
      previous !== undefined && (key === undefined || key === previous)
        ? 'auth.previous_key needs an auth.key that differs from it: the previous key only verifies.'
        : undefined,
  },
  {
    settings: ['cache.max_entry', 'cache.memory'],
    problem: (entry: number, memory: number) =>
      entry > memory
        ? `cache.max_entry (${formatSize(entry)}) is larger than cache.memory (${formatSize(memory)}).`
        : undefined,
  },
  {
    settings: ['cache.stale_while_revalidate', 'cache.grace'],
    problem: (revalidate: number, grace: number) =>
      revalidate > grace
        ? `cache.stale_while_revalidate (${formatDuration(revalidate)}) is longer than cache.grace (${formatDuration(grace)}), after which nothing is left to give.`
        : undefined,
  },
  {
    settings: ['events.blind_after', 'events.poll'],
    problem: (blind: number, poll: number) =>
      blind <= poll
        ? `events.blind_after (${formatDuration(blind)}) must be longer than events.poll (${formatDuration(poll)}), or every hit would be checked.`
        : undefined,
  },
]
