/**
 * The configuration: all sections, and the type of a configuration that was checked.
 *
 * A setting has one name everywhere: `events.poll` in a file is `config.events.poll` in code, `SGCACHE_EVENTS_POLL` in
 * the environment and `--set events.poll=` on the command line. In code durations are milliseconds, sizes are bytes.
 */
import { z } from 'zod'
import { audit, cache } from './sections/cache.ts'
import { dropIn } from './sections/drop-in.ts'
import { events, warm } from './sections/events.ts'
import { log } from './sections/log.ts'
import { postgres } from './sections/postgres.ts'
import { redis } from './sections/redis.ts'
import { auth, listen, metrics, server } from './sections/server.ts'
import { shared } from './sections/shared.ts'
import { scope, shotgrid } from './sections/shotgrid.ts'
import { choice } from './setting.ts'

export const configSchema = z.strictObject({
  tier: choice(
    ['memory', 'redis', 'postgres'],
    'memory',
    'Where replies are kept. "memory": in one process. "redis": in a Redis that several processes share. "postgres": in a database, with history and audit, and Redis in front of it.',
    { flag: 'tier' },
  ),
  shotgrid,
  scopes: z
    .record(z.string(), scope)
    .describe('Further views of the site by name, for callers who may not see all that the main script sees.'),
  server,
  auth,
  drop_in: dropIn,
  cache,
  shared,
  redis,
  postgres,
  events,
  listen,
  warm,
  audit,
  log,
  metrics,
})

/** What a section is for, for the documentation and the file that `init` writes. */
export const sectionPurpose: Readonly<Record<string, string>> = {
  shotgrid: 'The site that is cached, and the script that asks it.',
  scopes:
    'Further views of the site. Each has a name, a script of its own, and answers that no other scope is ever given. ' +
    'The scope `default` is always there: it is the script of `shotgrid`.',
  server: 'Where callers reach sgcache, and the limits of a request.',
  auth: 'Who may ask. A token names the scope that its bearer reads.',
  drop_in:
    'The API of ShotGrid itself, so that Python scripts and applications work unchanged when they are pointed here. Callers bring their own credentials.',
  cache: 'How much is kept, and for how long when nothing says that it changed.',
  shared: 'What the processes of the redis and postgres tiers owe each other.',
  redis: 'The Redis that processes share, with tier redis and postgres.',
  postgres: 'The database of tier postgres.',
  events: 'How soon a change in ShotGrid is seen, by the way it can be seen.',
  listen: 'Where `sgcache listen`, the follower as a process of its own, can be asked how it does.',
  warm: 'What is read before anybody asks.',
  audit: 'A sample of hits is compared with ShotGrid, so that the staleness of a running system is a figure.',
  log: 'What sgcache says of itself while it runs.',
  metrics: 'Figures for Prometheus.',
}

/** A configuration that was checked and is complete. `scopes` always has `default`, the script of `shotgrid`. */
export type Config = z.output<typeof configSchema>
export type ScopeConfig = Config['scopes'][string]

/** The scope of callers of whom nothing else is known. */
export const defaultScope = 'default'
