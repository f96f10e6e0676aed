import { describe, expect, test } from 'vitest'
import { problemText } from '../../src/config/problem.ts'
import { resolveConfig, type Sources } from '../../src/config/resolve.ts'

/** A complete, valid environment; tests add to it. */
const complete = { SG_URL: 'https://studio.example.com', SG_SCRIPT: 'cache', SG_KEY: 'k-environment' }

function resolve(sources: Partial<Sources> & { files?: Readonly<Record<string, string>>; yaml?: string } = {}) {
  const { files = {}, yaml, ...given } = sources
  return resolveConfig({
    flags: [],
    env: complete,
    cwd: '/home/ann',
    readFile: (path) => {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
      return text
    },
    ...(yaml !== undefined && { file: { path: 'sgcache.config.yaml', text: yaml } }),
    ...given,
  })
}

function problems(sources: Parameters<typeof resolve>[0]): string[] {
  const { config, problems } = resolve(sources)
  expect(config === undefined).toBe(problems.length > 0)
  return problems.map(problemText)
}

function configOf(sources: Parameters<typeof resolve>[0]) {
  const { config, problems } = resolve(sources)
  expect(problems.map(problemText)).toEqual([])
  return config!
}

const port = (text: string) => ({ setting: 'server.port', text, place: '--port' })

describe('precedence', () => {
  const flag = { flags: [port('1')] }
  const env = { env: { ...complete, SGCACHE_SERVER_PORT: '2' } }
  const dotenv = { dotenv: { path: '.env', text: 'SGCACHE_SERVER_PORT=3\n' } }
  const file = { yaml: 'server:\n  port: 4\n' }

  test.each([
    ['a flag above all', { ...flag, ...env, ...dotenv, ...file }, 1, '--port'],
    ['the environment above .env', { ...env, ...dotenv, ...file }, 2, 'SGCACHE_SERVER_PORT'],
    ['.env above the file', { ...dotenv, ...file }, 3, '.env:1 (SGCACHE_SERVER_PORT)'],
    ['the file above the default', file, 4, 'sgcache.config.yaml:2'],
    ['the default when nothing is said', {}, 8000, 'default'],
  ])('puts %s', (_, sources, value, place) => {
    const { config, resolved } = resolve(sources)
    expect(config?.server.port).toBe(value)
    expect(resolved.find(({ setting }) => setting.name === 'server.port')?.given.place).toBe(place)
  })

  test('merges setting by setting, not section by section', () => {
    const config = configOf({ ...env, yaml: 'server:\n  port: 4\n  max_rows: 7\n' })
    expect(config.server).toMatchObject({ port: 2, max_rows: 7, host: '127.0.0.1' })
  })

  test('takes an empty variable, and an empty key of the file, for one that is not set', () => {
    expect(configOf({ env: { ...complete, SGCACHE_SERVER_PORT: '' } }).server.port).toBe(8000)
    expect(configOf({ yaml: 'server:\n  port:\ncache:\n' }).server.port).toBe(8000)
  })
})

describe('what a setting takes', () => {
  test.each([
    ['a duration', 'SGCACHE_EVENTS_POLL', '0.25m', 'events.poll', 15_000],
    ['a duration of zero', 'SGCACHE_EVENTS_SWEEP', '0s', 'events.sweep', 0],
    ['a size', 'SGCACHE_CACHE_MEMORY', '2gb', 'cache.memory', 2 * 1024 ** 3],
    ['a whole number', 'SGCACHE_SERVER_PORT', '0', 'server.port', 0],
    ['a share', 'SGCACHE_AUDIT_SHARE', '0.5', 'audit.share', 0.5],
    ['a switch', 'SGCACHE_EVENTS_ENABLED', 'false', 'events.enabled', false],
    ['a list', 'SGCACHE_WARM_TYPES', 'Shot, Task', 'warm.types', ['Shot', 'Task']],
    [
      'a table',
      'SGCACHE_CACHE_TTL_BY_TYPE',
      'Task=5m,Shot=1h',
      'cache.ttl_by_type',
      { Task: 300_000, Shot: 3_600_000 },
    ],
    ['a choice', 'SGCACHE_LOG_LEVEL', 'debug', 'log.level', 'debug'],
  ])('reads %s from the environment', (_, variable, text, name, value) => {
    const config: Readonly<Record<string, unknown>> = configOf({ env: { ...complete, [variable]: text } })
    const [section, key] = name.split('.') as [string, string]
    expect((config[section] as Readonly<Record<string, unknown>>)[key]).toEqual(value)
  })

  test.each([
    ['events:\n  poll: 5', 'sgcache.config.yaml:2: events.poll: 5 is not a duration from 200ms to 5m such as "5s".'],
    [
      'events:\n  poll: 1h',
      'sgcache.config.yaml:2: events.poll: "1h" is not a duration from 200ms to 5m such as "5s".',
    ],
    [
      'cache: {memory: 512}',
      'sgcache.config.yaml:1: cache.memory: 512 is not a size from 1MB to 1024GB such as "512MB".',
    ],
    ['server:\n  port: "80"', 'sgcache.config.yaml:2: server.port: "80" is not a whole number from 0 to 65535.'],
    ['audit:\n  share: 2', 'sgcache.config.yaml:2: audit.share: 2 is not a number from 0 to 1.'],
    ['metrics:\n  enabled: yes', 'sgcache.config.yaml:2: metrics.enabled: "yes" is not true or false.'],
    [
      'warm:\n  types:\n    - Shot\n    - "a b"',
      'sgcache.config.yaml:4: warm.types.1: "a b" is not an entity type such as "Shot".',
    ],
    [
      'cache:\n  ttl_by_type:\n    Task: 5',
      'sgcache.config.yaml:3: cache.ttl_by_type.Task: 5 is not a duration such as "5m".',
    ],
    [
      'shotgrid: {url: "https://ann:pw@studio.example.com"}',
      'sgcache.config.yaml:1: shotgrid.url: "https://***@studio.example.com" is not the address of a site, such as "https://studio.shotgrid.autodesk.com".',
    ],
    ['scopes: [farm]', 'sgcache.config.yaml:1: scopes is a table of scopes by name.'],
    ['server: 80', 'sgcache.config.yaml:1: server is a section: put its settings below it, indented.'],
    ['- server', 'sgcache.config.yaml: a configuration is a table of sections.'],
    ['server:\n  port: 1\n  port: 2', 'sgcache.config.yaml:3: this is not valid YAML (duplicate key).'],
  ])('refuses %j with its line', (yaml, problem) => {
    const { SG_URL: _, ...env } = complete
    const expected = yaml.startsWith('shotgrid') ? { yaml, env } : { yaml }
    expect(problems(expected)).toEqual([problem])
  })

  test('reads JSON with its lines too', () => {
    const file = { path: 'sgcache.config.json', text: '{\n  "server": {\n    "port": -1\n  }\n}' }
    expect(problems({ file })).toEqual([
      'sgcache.config.json:3: server.port: -1 is not a whole number from 0 to 65535.',
    ])
  })

  test('takes a finished object, whose place is the file', () => {
    const file = (port: unknown) => ({ path: 'sgcache.config.js', value: { server: { port } } })
    expect(configOf({ file: file(81) }).server.port).toBe(81)
    expect(problems({ file: file('x') })).toEqual([
      'sgcache.config.js: server.port: "x" is not a whole number from 0 to 65535.',
    ])
  })
})

test('the address of the site has one form', () => {
  const env = { ...complete, SG_URL: 'https://Studio.example.com/' }
  expect(configOf({ env }).shotgrid.url).toBe('https://studio.example.com')
})

describe('unknown names', () => {
  test.each([
    ['evnts:\n  poll: 5s', 'sgcache.config.yaml:1: there is no setting evnts (did you mean "events"?).'],
    ['server:\n  prot: 1', 'sgcache.config.yaml:2: there is no setting server.prot (did you mean "port"?).'],
    ['server:\n  poll: 5s', 'sgcache.config.yaml:2: there is no setting server.poll (did you mean "events.poll"?).'],
    ['zzzzzz: 1', 'sgcache.config.yaml:1: there is no setting zzzzzz.'],
    ['toString: 1', 'sgcache.config.yaml:1: there is no setting toString.'],
  ])('are refused in a file: %j', (yaml, problem) => {
    expect(problems({ yaml })).toEqual([problem])
  })

  test('are refused in the environment and in .env, where they begin with SGCACHE_', () => {
    expect(problems({ env: { ...complete, SGCACHE_SERVER_PROT: '1', OTHER: '2' } })).toEqual([
      'SGCACHE_SERVER_PROT: there is no setting of this name (did you mean "SGCACHE_SERVER_PORT"?).',
    ])
    expect(problems({ dotenv: { path: '.env', text: '# mine\nOTHER=1\nSGCACHE_LOG_LEVLE=info' } })).toEqual([
      '.env:3 (SGCACHE_LOG_LEVLE): there is no setting of this name (did you mean "SGCACHE_LOG_LEVEL"?).',
    ])
  })

  test('of flags are refused', () => {
    const flags = [{ setting: 'server.prot', text: '1', place: '--set server.prot' }]
    expect(problems({ flags })).toEqual([
      '--set server.prot: there is no setting server.prot (did you mean "server.port"?).',
    ])
  })

  test('that Kubernetes sets for a Service called sgcache are not ours', () => {
    const env = {
      ...complete,
      SGCACHE_SERVICE_HOST: '10.0.0.1',
      SGCACHE_SERVICE_PORT_HTTP: '80',
      SGCACHE_PORT: 'tcp://10.0.0.1:80',
      SGCACHE_PORT_80_TCP_ADDR: '10.0.0.1',
      SGCACHE_REDIS_PORT_6379_TCP: 'tcp://10.0.0.2:6379',
      SGCACHE_SERVER_PORT: 'tcp://10.0.0.3:80',
    }
    expect(configOf({ env }).server.port).toBe(8000)
  })

  test('that Kubernetes sets for a Service called redis or postgres are not ours', () => {
    const env = { ...complete, REDIS_PORT: 'tcp://10.0.0.2:6379', POSTGRES_PORT: 'tcp://10.0.0.3:5432' }
    const { redis, postgres } = configOf({ env })
    expect([redis.port, postgres.port]).toEqual([6379, 5432])
  })
})

describe('secrets', () => {
  test.each([
    ['SG_KEY', { SG_KEY: 'a' }, 'a'],
    ['its derived name', { SGCACHE_SHOTGRID_KEY: 'b' }, 'b'],
    ['a file', { SG_KEY_FILE: '/run/secrets/sg' }, 'from a file'],
    ['a file beside the working folder', { SG_KEY_FILE: 'secrets/sg' }, 'relative'],
    ['the credentials of the service manager', { CREDENTIALS_DIRECTORY: '/run/credentials' }, 'credential'],
  ])('are read from %s', (_, env, key) => {
    const files = {
      '/run/secrets/sg': 'from a file\n',
      '/home/ann/secrets/sg': 'relative\r\n',
      '/run/credentials/SG_KEY': 'credential',
    }
    const { SG_KEY: __, ...others } = complete
    expect(configOf({ env: { ...others, ...env }, files }).shotgrid.key).toBe(key)
  })

  test('are read from the file that the configuration names, relative to itself', () => {
    const { SG_KEY: _, ...env } = complete
    const file = { path: '/etc/sgcache/config.yaml', text: 'shotgrid:\n  key_file: keys/sg\n' }
    expect(configOf({ env, file, files: { '/etc/sgcache/keys/sg': 'k\n' } }).shotgrid.key).toBe('k')
    expect(problems({ env, file })).toEqual([
      '/etc/sgcache/config.yaml:2: shotgrid.key_file: cannot read /etc/sgcache/keys/sg (ENOENT).',
      'shotgrid.key is missing: set SG_KEY or SG_KEY_FILE (environment or .env).',
    ])
  })

  test('may not be given in two ways at once', () => {
    expect(problems({ env: { ...complete, SG_KEY_FILE: '/x' } })[0]).toBe(
      'SG_KEY: shotgrid.key: SG_KEY and SG_KEY_FILE are both set; keep one of them.',
    )
    expect(problems({ env: { ...complete, SGCACHE_SHOTGRID_URL: 'https://other.example.com' } })[0]).toBe(
      'SG_URL: shotgrid.url: SG_URL and SGCACHE_SHOTGRID_URL are both set; keep one of them.',
    )
    expect(configOf({ env: { ...complete, SGCACHE_SHOTGRID_URL: complete.SG_URL } }).shotgrid.url).toBe(complete.SG_URL)
  })

  test('of an upper layer hide those of a lower one, however either is given', () => {
    const dotenv = { path: '.env', text: 'SG_KEY_FILE=/nowhere' }
    const { SG_KEY: _, ...env } = complete
    expect(problems({ env, dotenv })[0]).toContain('cannot read the file /nowhere (ENOENT)')
    expect(configOf({ env: { ...complete }, dotenv: { path: '.env', text: 'SG_KEY=other' } }).shotgrid.key).toBe(
      'k-environment',
    )
  })

  test('have no place in a file or a flag', () => {
    expect(problems({ yaml: 'shotgrid:\n  key: hush\n' })).toEqual([
      'sgcache.config.yaml:2: shotgrid.key is a secret and does not belong in this file: put it in SG_KEY (environment or .env), or its file’s path in shotgrid.key_file.',
    ])
    expect(problems({ flags: [{ setting: 'shotgrid.key', text: 'hush', place: '--set shotgrid.key' }] })).toEqual([
      '--set shotgrid.key: shotgrid.key is a secret, and other users can see the command line: put it in SG_KEY.',
    ])
  })
})

describe('scopes', () => {
  test('there is always "default", the script of the section shotgrid', () => {
    const { scopes } = configOf({})
    expect(Object.keys(scopes)).toEqual(['default'])
    expect(scopes.default).toMatchObject({ script: 'cache', key: 'k-environment', sees: 'everything' })
  })

  test('of the operator have a script and a key of their own, and are restricted unless said otherwise', () => {
    const env = { ...complete, SGCACHE_SCOPES_OUT_SOURCE_KEY: 'k2' }
    expect(configOf({ env, yaml: 'scopes:\n  out-source:\n    script: vendors\n' }).scopes['out-source']).toMatchObject(
      {
        script: 'vendors',
        key: 'k2',
        sees: 'restricted',
      },
    )
  })

  test('are complained of by name', () => {
    expect(problems({ yaml: 'scopes:\n  farm:\n    sees: all\n  default:\n    script: x\n  Bad Name: {}\n' })).toEqual([
      'sgcache.config.yaml:4: scopes.default: this scope is the script of the section shotgrid; set it there.',
      'sgcache.config.yaml:6: scopes: "Bad Name" is not a name of small letters, digits and "-", beginning with a letter.',
      'sgcache.config.yaml:3: scopes.farm.sees: "all" is not "everything" or "restricted".',
      'scopes.farm.script is missing: set SGCACHE_SCOPES_FARM_SCRIPT, or scopes.farm.script in sgcache.config.yaml.',
      'scopes.farm.key is missing: set SGCACHE_SCOPES_FARM_KEY or SGCACHE_SCOPES_FARM_KEY_FILE (environment or .env).',
    ])
  })
})

describe('rules between settings', () => {
  const jwt = { ...complete, SGCACHE_JWT_KEY: 'x'.repeat(32) }

  test.each([
    [
      'another address without a word on who may ask',
      { yaml: 'server: {host: 0.0.0.0}' },
      /^sgcache.config.yaml:1: server.host is 0.0.0.0, which others/,
    ],
    [
      'tokens without a key',
      { yaml: 'auth: {mode: jwt}' },
      /^sgcache.config.yaml:1: auth.mode is "jwt" but there is no key/,
    ],
    ['a key that is not used', { env: jwt }, /^SGCACHE_JWT_KEY: auth.key is set but auth.mode is not/],
    [
      'a short key',
      { env: { ...complete, SGCACHE_JWT_KEY: 'short' }, yaml: 'auth: {mode: none}' },
      /^SGCACHE_JWT_KEY: auth.key must be a secret of at least 32 bytes/,
    ],
    [
      'a previous key alone',
      { env: { ...complete, SGCACHE_JWT_KEY_PREVIOUS: 'x'.repeat(32) } },
      /auth.previous_key needs/,
    ],
    [
      'the same key twice',
      { env: { ...jwt, SGCACHE_JWT_KEY_PREVIOUS: 'x'.repeat(32) }, yaml: 'auth: {mode: jwt}' },
      /auth.previous_key needs/,
    ],
    [
      'revalidation for longer than replies are kept',
      { yaml: 'cache: {stale_while_revalidate: 10m, grace: 5m}' },
      /cache.stale_while_revalidate \(10m\) is longer than cache.grace \(5m\)/,
    ],
    [
      'an entry larger than the memory',
      { yaml: 'cache: {max_entry: 8MB, memory: 4MB}' },
      /cache.max_entry \(8MB\) is larger than cache.memory \(4MB\)/,
    ],
    [
      'blindness between two polls',
      { yaml: 'events: {poll: 30s}' },
      /events.blind_after \(30s\) must be longer than events.poll \(30s\)/,
    ],
  ])('refuse %s', (_, sources, problem) => {
    expect(problems(sources)).toEqual([expect.stringMatching(problem)])
  })

  test.each([
    { yaml: 'server: {host: 0.0.0.0}\nauth: {mode: none}' },
    { yaml: 'server: {host: 0.0.0.0}\nauth: {mode: jwt}', env: jwt },
    { yaml: 'server: {host: "::1"}' },
    { yaml: 'server: {host: localhost}' },
    { yaml: 'server: {host: 127.9.9.9}' },
  ])('accept %j', (sources) => {
    expect(problems(sources)).toEqual([])
  })
})

test('every problem of every source is told at once, each with its place', () => {
  const found = problems({
    flags: [port('http')],
    env: { SG_URL: 'studio', SG_KEY: 'k', SGCACHE_CACHE_GRACE: '3 weeks' },
    dotenv: { path: '.env', text: 'SGCACHE_EVENTS_POLL=soon\n' },
    yaml: 'cach: {}\naudit:\n  share: -1\nwarm:\n  page: 0\n',
  })
  expect(found.map((problem) => problem.replace(/: .*/, ''))).toEqual([
    'sgcache.config.yaml:1',
    'SG_URL',
    'shotgrid.script is missing',
    '--port',
    'SGCACHE_CACHE_GRACE',
    '.env:1 (SGCACHE_EVENTS_POLL)',
    'sgcache.config.yaml:5',
    'sgcache.config.yaml:3',
  ])
})
