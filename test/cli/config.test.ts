import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cliIn, siteEnv } from '../support/cli.ts'

describe('config check', () => {
  test('ends with 0 when all is well, and says which file it was', async () => {
    const { run } = cliIn({ 'sgcache.config.yaml': 'server:\n  port: 8001\n' })
    const { code, out, err } = await run('config check')
    expect([code, out]).toEqual([0, ''])
    expect(err).toContain('The configuration is valid (sgcache.config.yaml).')
  })

  test('ends with 2 and tells every problem with its place', async () => {
    const { run } = cliIn({ 'sgcache.config.yaml': 'server:\n  prot: 8001\ncache:\n  memory: much\n' })
    const { code, out, err } = await run('config check --port x', { env: { ...siteEnv, SGCACHE_EVENTS_POLL: 'soon' } })
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('The configuration has 4 problem(s):')
    expect(err).toContain('sgcache.config.yaml:2: there is no setting server.prot (did you mean "port"?).')
    expect(err).toContain('sgcache.config.yaml:4: cache.memory: "much" is not a size')
    expect(err).toContain('--port: server.port: "x" is not a whole number')
    expect(err).toContain('SGCACHE_EVENTS_POLL: events.poll: "soon" is not a duration')
  })

  test('prints the same as JSON', async () => {
    const { run } = cliIn({ '.sgcacherc': 'tier: disk\n' })
    const { code, out, err } = await run('config check --json')
    expect([code, err]).toEqual([2, ''])
    expect(JSON.parse(out)).toMatchObject({ valid: false, file: '.sgcacherc', problems: [{ place: '.sgcacherc:1' }] })
    const valid = await cliIn().run('config check --json --config /dev/null')
    expect(JSON.parse(valid.out)).toMatchObject({ valid: true, problems: [] })
  })

  test('reads the file that is named', async () => {
    const { run } = cliIn({ 'other.yaml': 'server: {port: 99999}\n' })
    expect((await run('config check --config other.yaml')).err).toContain('other.yaml:1: server.port: 99999')
    expect((await run('config check -c none.yaml')).err).toContain('none.yaml: cannot be read (ENOENT)')
  })
})

describe('config show', () => {
  test('prints every setting, and with --origin where it comes from', async () => {
    const { run } = cliIn({ 'sgcache.config.yaml': 'server:\n  port: 8001\n', '.env': 'SGCACHE_EVENTS_POLL=2s\n' })
    const { code, out } = await run('config show --origin --log-level warn --set cache.grace=1h')
    expect(code).toBe(0)
    const lines = out.split('\n').map((line) => line.replace(/ +# /, ' # '))
    expect(lines).toContain('server.port = 8001 # sgcache.config.yaml:2')
    expect(lines).toContain('events.poll = "2s" # .env:1 (SGCACHE_EVENTS_POLL)')
    expect(lines).toContain('log.level = "warn" # --log-level')
    expect(lines).toContain('cache.grace = "1h" # --set cache.grace')
    expect(lines).toContain('shotgrid.url = "https://studio.example.com" # SG_URL')
    expect(lines).toContain('shotgrid.key = "********" # SG_KEY')
    expect(lines).toContain('auth.key = (not set) # default')
  })

  test('prints JSON', async () => {
    const { out } = await cliIn().run('config show --json')
    expect(JSON.parse(out)).toMatchObject({ 'server.port': 8000, 'shotgrid.key': '********', 'auth.mode': null })
    const { out: withOrigins } = await cliIn().run('config show --json --origin')
    expect(JSON.parse(withOrigins)).toMatchObject({ 'server.port': { value: 8000, origin: 'default' } })
  })

  test('shows what there is although it has problems, tells them, and ends with 2', async () => {
    const { code, out, err } = await cliIn().run('config show', { env: { SG_URL: 'nonsense' } })
    expect(code).toBe(2)
    expect(out).toContain('shotgrid.url = "nonsense"')
    expect(err).toContain('SG_URL: shotgrid.url: "nonsense" is not the address of a site')
    expect(err).toContain('shotgrid.key is missing')
  })
})

test('no command prints a secret, however it was given', async () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{16,40}$/).map((word) => `S3${word}`)
  await fc.assert(
    fc.asyncProperty(
      fc.record({ key: secret, jwt: secret, previous: secret, stray: secret }),
      fc.constantFrom('config check', 'config check --json', 'config show', 'config show --json --origin'),
      fc.constantFrom('', ' --set shotgrid.key=STRAY', ' --sg-key=STRAY', ' --set STRAY'),
      fc.constantFrom('', 'shotgrid:\n  key: STRAY\n', 'shotgrid:\n  kye: "STRAY\n', 'auth: {key: STRAY, mode: jwt}\n'),
      async ({ key, jwt, previous, stray }, command, flags, yaml) => {
        const { run } = cliIn({
          '.env': `SGCACHE_JWT_KEY_PREVIOUS=${previous}\n`,
          '.sgcacherc': yaml.replace('STRAY', stray),
        })
        const env = { ...siteEnv, SG_KEY: key, SGCACHE_JWT_KEY: jwt, SGCACHE_DEBUG: '1' }
        const { out, err } = await run(`${command}${flags.replace('STRAY', stray)}`, { env })
        for (const value of [key, jwt, previous, stray]) expect(out + err).not.toContain(value)
      },
    ),
    { numRuns: 60 },
  )
})
