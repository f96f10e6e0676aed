/** A whole server over real connections, before a site at some address. */
import { pino } from 'pino'
import { loadConfig } from '../../../src/config/load.ts'
import type { Config } from '../../../src/config/schema.ts'
import { listen } from '../../../src/server/listen.ts'
import { type Running, start } from '../../../src/server/start.ts'

export async function serverBefore(url: string, more: Readonly<Record<string, unknown>> = {}): Promise<Running> {
  return start(await configBefore(url, more), quietly())
}

/** A follower by itself, before the same site. */
export async function listenerBefore(url: string, more: Readonly<Record<string, unknown>> = {}): Promise<Running> {
  return listen(await configBefore(url, { 'listen.port': 0, ...more }), quietly())
}

function quietly() {
  return { signal: new AbortController().signal, log: pino({ level: 'silent' }) }
}

async function configBefore(url: string, more: Readonly<Record<string, unknown>>): Promise<Config> {
  const { config } = await loadConfig({
    env: {},
    cwd: '/nonexistent',
    userFolders: [],
    overrides: {
      'shotgrid.url': url,
      'shotgrid.script': 'sgcache',
      'shotgrid.key': 'sandbox-key',
      'shotgrid.scripts': ['sgcache'],
      'server.port': 0,
      'cache.settle': '0s',
      'warm.types': [],
      'events.sweep': '0s',
      'events.id_set': '0s',
      ...more,
    },
  })
  return config
}
