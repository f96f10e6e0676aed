/** A whole server on the simulated site, in this process: only the callers' side is a real connection. */
import { pino } from 'pino'
import type { Clock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { type Running, start } from '../../src/server/start.ts'

export interface ServedSiteOptions {
  readonly sandbox: Sandbox
  /** Settings by their names. By default nothing happens in the background but looks at the event log. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly scopes?: Config['scopes']
  readonly clock?: Clock
  readonly withFastLane?: boolean
}

export async function serveSite(options: ServedSiteOptions): Promise<Running> {
  const { sandbox, settings, scopes, clock, withFastLane } = options
  const { config } = await loadConfig({
    env: {},
    cwd: '/nonexistent',
    userFolders: [],
    overrides: {
      'shotgrid.url': 'http://site.invalid',
      'shotgrid.script': 'sgcache',
      'shotgrid.key': 'sandbox-key',
      'server.port': 0,
      'cache.settle': '0s',
      'cache.ttl_jitter': 0,
      'warm.types': [],
      'audit.share': 0,
      'events.sweep': '0s',
      'events.id_set': '0s',
      ...settings,
    },
  })
  return start(
    { ...config, scopes: { ...config.scopes, ...scopes } },
    {
      signal: new AbortController().signal,
      log: pino({ level: 'silent' }),
      transport: sandbox.transport(),
      ...(clock && { clock }),
      ...(withFastLane !== undefined && { withFastLane }),
    },
  )
}
