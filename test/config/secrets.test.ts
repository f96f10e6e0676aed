/** However a configuration goes wrong, no secret comes out of it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { configInvalid } from '../../src/config/problem.ts'
import { resolveConfig, type Sources } from '../../src/config/resolve.ts'
import { settingsOf } from '../../src/config/settings.ts'
import { showSettings } from '../../src/config/show.ts'

const secrets = settingsOf(['farm']).filter(({ secret }) => secret)

/** Something that occurs in no message by itself. */
const secretValue = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9]{12,40}$/), fc.constantFrom('', ' ', '"', ': ', '#', '*', '{', '!', '\t'))
  .map(([word, mark]) => `S3-${word.slice(0, 6)}${mark}${word.slice(6)}`)

/** One way to give a secret, right or wrong. */
const way = fc.record({
  setting: fc.constantFrom(...secrets),
  value: secretValue,
  how: fc.constantFrom(
    'env',
    'derived',
    'dotenv',
    'secret file',
    'both',
    'file',
    'quoted',
    'key_file',
    'flag',
    'misspelt',
  ),
})

function sourcesOf(ways: readonly { setting: (typeof secrets)[number]; value: string; how: string }[]): Sources {
  const env: Record<string, string> = { SG_URL: 'https://studio.example.com', SGCACHE_LOG_LEVEL: 'loud' }
  const files: Record<string, string> = {}
  const flags: Sources['flags'][number][] = []
  let dotenv = ''
  let yaml = 'scopes:\n  farm:\n    script: farm\n'
  for (const { setting, value, how } of ways) {
    const [name, derived] = [setting.envNames[0]!, setting.envNames.at(-1)!]
    const section = setting.path.slice(0, -1)
    const at = (key: string, text: string) =>
      `${section.map((part, depth) => `${'  '.repeat(depth)}${part}:\n`).join('')}${'  '.repeat(section.length)}${key}: ${text}\n`
    if (how === 'env' || how === 'both') env[name] = value
    if (how === 'derived') env[derived] = value
    if (how === 'dotenv') dotenv += `${name}='${value}'\n`
    if (how === 'secret file' || how === 'both') {
      env[`${name}_FILE`] = `/secrets/${name}`
      files[`/secrets/${name}`] = value
    }
    if (how === 'file') yaml += at(setting.path.at(-1)!, value)
    if (how === 'quoted') yaml += at(setting.path.at(-1)!, JSON.stringify(value))
    if (how === 'misspelt') yaml += at(`${setting.path.at(-1)}y`, JSON.stringify(value))
    if (how === 'key_file') {
      yaml += at(`${setting.path.at(-1)}_file`, `/secrets/${derived}`)
      files[`/secrets/${derived}`] = value
    }
    if (how === 'flag') flags.push({ setting: setting.name, text: value, place: `--set ${setting.name}` })
  }
  const readFile = (path: string) => {
    if (files[path] === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' })
    return files[path]
  }
  return {
    env,
    flags,
    cwd: '/work',
    readFile,
    dotenv: { path: '.env', text: dotenv },
    file: { path: 'sgcache.config.yaml', text: yaml },
  }
}

test('no secret occurs in a problem, in the error of all problems, or in what is shown', () => {
  let wrong = 0
  fc.assert(
    fc.property(fc.array(way, { minLength: 1, maxLength: 6 }), (ways) => {
      const { problems, resolved } = resolveConfig(sourcesOf(ways))
      const error = configInvalid(problems)
      const out = JSON.stringify([problems, error.message, error.details, showSettings(resolved)])
      for (const { value } of ways) {
        for (const half of [value.slice(0, 9), value.slice(-6)]) expect(out).not.toContain(half)
      }
      wrong += problems.length
    }),
    { numRuns: 500 },
  )
  expect(wrong).toBeGreaterThan(500)
})
