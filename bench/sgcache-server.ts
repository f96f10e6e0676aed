/** sgcache as it is built, with authentication, metrics, the freshness check and a log that moves five times a second. */
import { pino } from 'pino'
import { resolveConfig } from '../src/config/resolve.ts'
import { built } from './built.ts'
import { fakeUpstream } from './fake-upstream.ts'
import { ofParent } from './target.ts'
import { jwtKey } from './workloads.ts'

const settings = JSON.parse(process.argv[3] ?? '{}') as Record<string, unknown> // of the parent, see hits.ts

const { start } = await built<typeof import('../src/server/start.ts')>('server/start.js')

const { config, problems } = resolveConfig({
  flags: [],
  env: { SG_URL: 'http://site.invalid', SG_SCRIPT: 'bench', SG_KEY: 'bench-key', SGCACHE_JWT_KEY: jwtKey },
  overrides: {
    'server.port': 0,
    'auth.mode': 'jwt',
    'cache.settle': '0s',
    'events.poll': '200ms',
    // The canned site has no truth that a sweep or a comparison of ids could find.
    'events.sweep': '0s',
    'events.id_set': '0s',
    'warm.types': [],
    'audit.share': 0,
    ...settings,
  },
  cwd: '.',
  readFile: () => '',
})
if (!config) throw new Error(JSON.stringify(problems))

const { address } = await start(config, {
  signal: new AbortController().signal,
  log: pino({ level: 'warn' }),
  transport: fakeUpstream(),
})
ofParent(Number(new URL(address).port))
