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
