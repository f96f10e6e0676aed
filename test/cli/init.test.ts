import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { askAnswers } from '../../src/cli/init/answers.ts'
import type { Questions } from '../../src/cli/init/questions.ts'
import { recommendationText, recommendTier } from '../../src/cli/init/recommend.ts'
import { cliIn } from '../support/cli.ts'

const site = '--url https://studio.example.com --script sgcache'

describe('init from options', () => {
  test('writes a configuration that is valid as soon as the key is there', async () => {
    const { run, cwd } = cliIn()
    const { code, out, err } = await run(`init ${site} --warm "Shot, Asset,Task"`, { env: {} })
    expect(code).toBe(0)
    expect(out.split('\n').filter(Boolean)).toEqual([join(cwd, 'sgcache.config.yaml'), join(cwd, '.env.example')])
    expect(err).toContain('sgcache serve')
    expect(await run('config check', { env: { SG_KEY: 'k' } })).toMatchObject({ code: 0 })
    const text = readFileSync(join(cwd, 'sgcache.config.yaml'), 'utf8')
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+docs\/sgcache\.schema\.json\n/)
    expect(parse(text)).toMatchObject({
      tier: 'memory',
      shotgrid: { url: 'https://studio.example.com', script: 'sgcache' },
      warm: { types: ['Shot', 'Asset', 'Task'] },
    })
  })

  test('writes an example of .env that works once it is filled in', async () => {
    const { run, cwd } = cliIn()
    await run(`init ${site} --yes`)
    const example = readFileSync(join(cwd, '.env.example'), 'utf8')
    expect(example).toContain('\nSG_KEY=\n')
    const filled = cliIn({
      '.env': example.replace('\nSG_KEY=\n', '\nSG_KEY=from-dotenv\n'),
      'sgcache.config.yaml': readFileSync(join(cwd, 'sgcache.config.yaml'), 'utf8'),
    })
    const { code, out } = await filled.run('config show --origin', { env: {} })
    expect(code).toBe(0)
    expect(out).toMatch(/shotgrid\.key = "\*{8}" +# \.env:\d+ \(SG_KEY\)/)
  })

  test('never writes over a file that is there, and then writes nothing at all', async () => {
    const { run, cwd } = cliIn({ '.env.example': 'mine\n' })
    const refused = await run(`init ${site}`)
    expect([refused.code, refused.out]).toEqual([4, ''])
    expect(refused.err).toContain(`${join(cwd, '.env.example')} is there already`)
    expect(existsSync(join(cwd, 'sgcache.config.yaml'))).toBe(false)
    expect(readFileSync(join(cwd, '.env.example'), 'utf8')).toBe('mine\n')
    expect((await run(`init ${site} --force`)).code).toBe(0)
    expect(readFileSync(join(cwd, '.env.example'), 'utf8')).not.toBe('mine\n')
  })

  test('writes to another folder, which it makes', async () => {
    const { run, cwd } = cliIn()
    const { code, err } = await run(`init ${site} --dir conf/sgcache`)
    expect(code).toBe(0)
    expect(err).toContain(`cd ${join(cwd, 'conf/sgcache')}`)
    expect(existsSync(join(cwd, 'conf/sgcache/sgcache.config.yaml'))).toBe(true)
  })

  test.each([
    ['init --yes', 'init needs --url and --script when it cannot ask'],
    ['init --yes --script a', 'init needs --url when it cannot ask'],
    ['init --url studio --script a', '--url: "studio" is not the address of a site'],
    ['init --url https://ann:S3-pw@studio.example.com --script a', '--url: "https://***@studio.example.com" is not'],
    [`init ${site} --people many`, '--people: "many" is not a number of people'],
    [`init ${site} --warm "a b"`, '--warm: "a b" is not a list of entity types'],
  ])('refuses `%s` with 2', async (argv, problem) => {
    const { run, cwd } = cliIn()
    const { code, err } = await run(argv)
    expect(code).toBe(2)
    expect(err).toContain(problem)
    expect(err).not.toContain('S3-pw')
    expect(existsSync(join(cwd, 'sgcache.config.yaml'))).toBe(false)
  })

  test('has no way to take the key', async () => {
    const { code, err } = await cliIn().run(`init ${site} --key=S3-hush`)
    expect(code).toBe(2)
    expect(err).not.toContain('S3-hush')
  })

  test('writes the tier that the needs point to, or the one that is named', async () => {
    const written = async (flags: string) => {
      const { run, cwd } = cliIn()
      const { err } = await run(`init ${site} ${flags}`)
      return { err, tier: parse(readFileSync(join(cwd, 'sgcache.config.yaml'), 'utf8')).tier }
    }
    expect(await written('--audit')).toEqual({
      tier: 'postgres',
      err: expect.stringContaining('Tier: postgres. An audit'),
    })
    expect(await written('--audit --tier memory')).toEqual({
      tier: 'memory',
      err: expect.stringContaining('Tier: memory, as you chose. Your answers point to postgres: An audit'),
    })
  })
})

describe('the recommendation', () => {
  const none = { people: 20, availability: false, durability: false, audit: false }

  test.each([
    ['a small studio', none, 'memory'],
    ['up to fifty people', { ...none, people: 50 }, 'memory'],
    ['more', { ...none, people: 51 }, 'redis'],
    ['many more', { ...none, people: 201 }, 'postgres'],
    ['the need to stay up', { ...none, availability: true }, 'redis'],
    ['the need to survive a restart', { ...none, durability: true }, 'redis'],
    ['the need of a history', { ...none, audit: true, availability: true }, 'postgres'],
  ])('for %s', (_, needs, tier) => {
    const recommendation = recommendTier(needs)
    expect(recommendation.tier).toBe(tier)
    expect(recommendation.because).toMatch(/^[A-Z].*\.$/)
    expect(recommendationText(recommendation, recommendation.tier)).toContain(tier)
  })
})

describe('the tier', () => {
  async function files(flags: string) {
    const { run, cwd } = cliIn()
    const { code, err } = await run(`init ${site} ${flags}`)
    expect([code, err]).toEqual([0, expect.any(String)])
    const checked = await run('config check', { env: { SG_KEY: 'k' } })
    expect(checked).toMatchObject({ code: 0 })
    const read = (name: string) => readFileSync(join(cwd, name), 'utf8')
    return { err, hints: checked.err, config: parse(read('sgcache.config.yaml')), example: read('.env.example') }
  }

  test('memory has nothing of the others in its files', async () => {
    const { config, example } = await files('--tier memory')
    expect(Object.keys(config)).not.toEqual(expect.arrayContaining(['redis']))
    expect(Object.keys(config)).not.toEqual(expect.arrayContaining(['postgres']))
    expect(example).not.toMatch(/REDIS|POSTGRES|DATABASE_URL/)
  })

  test('redis is written with where it is, and a place for its password', async () => {
    const { config, example, err, hints } = await files('--tier redis --redis cache:7000 --listen')
    expect(config).toMatchObject({ tier: 'redis', redis: { host: 'cache', port: 7000 }, events: { here: false } })
    expect(config.postgres).toBeUndefined()
    expect(example).toMatch(/^REDIS_PASSWORD=$/m)
    expect(example).not.toMatch(/POSTGRES|DATABASE_URL/)
    expect(err).toContain('SG_KEY (and REDIS_PASSWORD)')
    expect(err).toContain('sgcache listen')
    expect(hints).not.toContain('Hint')
  })

  test.each(['sentinel', 'cluster'])('redis with several servers is written with their addresses: %s', async (mode) => {
    const { config } = await files(`--tier redis --redis-mode ${mode} --redis "a:1, b:2"`)
    expect(config.redis).toMatchObject({ mode, nodes: ['a:1', 'b:2'] })
  })

  test('postgres is written with Redis before it, or without', async () => {
    const both = await files('--tier postgres --postgres [::1] --redis cache')
    expect(both.config).toMatchObject({ tier: 'postgres', redis: { host: 'cache' }, postgres: { host: '::1' } })
    expect(both.example).toMatch(/^REDIS_PASSWORD=$/m)
    expect(both.example).toMatch(/^POSTGRES_PASSWORD=$/m)
    const alone = await files('--tier postgres --no-redis')
    expect(alone.config).toMatchObject({ redis: { enabled: false }, postgres: { host: '127.0.0.1', port: 5432 } })
    expect(alone.err).toContain('SG_KEY (and POSTGRES_PASSWORD)')
  })

  test.each([
    ['--tier disk', '--tier: "disk" is not "memory" or "redis" or "postgres"'],
    ['--tier memory --redis a --listen', 'the tier memory has no use for --redis and --listen'],
    ['--tier redis --postgres a', 'the tier redis has no use for --postgres'],
    ['--tier redis --no-redis', '--no-redis is for the tier postgres'],
    ['--tier redis --redis-mode cluster', '--redis-mode cluster needs --redis with the addresses'],
    ['--tier redis --redis-mode many', '--redis-mode: "many" is not "single" or "sentinel" or "cluster"'],
    ['--tier redis --redis ann:S3-pw@cache', '--redis: that is not an address such as "db-1:5432"'],
    ['--tier redis --redis-mode cluster --redis ann:S3-pw@cache:1', '--redis: those are not addresses such as'],
    ['--tier postgres --postgres postgres://ann:S3-pw@db', '--postgres: that is not an address'],
  ])('is not written wrong: `%s`', async (flags, problem) => {
    const { code, err } = await cliIn().run(`init ${site} ${flags}`)
    expect([code, err]).toEqual([2, expect.stringContaining(problem)])
    expect(err).not.toContain('S3-pw')
  })
})

describe('init by asking', () => {
  /** Answers in order; a text question takes the example when the answer is empty, as the terminal does. */
  function scripted(answers: (string | boolean)[]): Questions & { readonly asked: string[] } {
    const asked: string[] = []
    return {
      asked,
      text: async (message, example, problem) => {
        asked.push(message)
        const answer = String(answers.shift()) || example
        expect(problem(answer)).toBeUndefined()
        return answer
      },
      yesNo: async (message) => {
        asked.push(message)
        return answers.shift() === true
      },
    }
  }

  test('asks for what the options leave open, and only for that', async () => {
    const questions = scripted(['120', false, true, '', 'db', true, 'sentinel', 'a:1,b:2', true, ''])
    const answers = await askAnswers({ url: 'https://studio.example.com', script: 'a', audit: true }, questions)
    expect(answers).toEqual({
      url: 'https://studio.example.com',
      script: 'a',
      warm: ['Project', 'Shot', 'Asset'],
      recommendation: { tier: 'postgres', because: expect.any(String) },
      tier: {
        tier: 'postgres',
        settings: [
          ['tier', 'postgres'],
          ['redis.mode', 'sentinel'],
          ['redis.nodes', ['a:1', 'b:2']],
          ['postgres.host', 'db'],
          ['events.here', false],
        ],
      },
    })
    expect(questions.asked).toHaveLength(10)
  })

  test('asks for everything when nothing is given, and never for the key', async () => {
    const questions = scripted(['https://studio.example.com', '', '', true, false, false, '', '', '', false, 'Shot'])
    const answers = await askAnswers({}, questions)
    expect(answers.tier.settings).toEqual([
      ['tier', 'redis'],
      ['redis.host', '127.0.0.1'],
      ['redis.port', 6379],
    ])
    expect(answers.script).toBe('sgcache')
    expect(questions.asked.join(' ')).not.toMatch(/key|password/i)
  })

  test('says at once what is wrong with an answer', async () => {
    const problems: (string | undefined)[] = []
    const questions: Questions = {
      text: async (_, example, problem) => {
        problems.push(problem('?!'))
        return example
      },
      yesNo: async () => false,
    }
    await askAnswers({}, questions)
    expect(problems[0]).toContain('is not the address of a site')
    expect(problems[2]).toContain('is not a number of people')
  })
})
