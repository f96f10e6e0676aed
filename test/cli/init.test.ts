import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { askAnswers, type Questions } from '../../src/cli/init/answers.ts'
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

  test('says which tier the answers point to, and what was written', async () => {
    const { err } = await cliIn().run(`init ${site} --audit`)
    expect(err).toContain('Your answers point to the postgres tier.')
    expect(err).toContain('This version has the memory tier only')
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
    expect(recommendationText(recommendation)).toContain(tier)
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
    const questions = scripted(['120', false, true, ''])
    const answers = await askAnswers({ url: 'https://studio.example.com', script: 'a', audit: true }, questions)
    expect(answers).toEqual({
      url: 'https://studio.example.com',
      script: 'a',
      warm: ['Project', 'Shot', 'Asset'],
      needs: { people: 120, availability: false, durability: true, audit: true },
    })
    expect(questions.asked).toHaveLength(4)
  })

  test('asks for everything when nothing is given, and never for the key', async () => {
    const questions = scripted(['https://studio.example.com', '', '', false, false, false, 'Shot'])
    const answers = await askAnswers({}, questions)
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
