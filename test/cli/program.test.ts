import { describe, expect, test } from 'vitest'
import { version } from '../../src/cli/version.ts'
import { cliIn } from '../support/cli.ts'

const { run } = cliIn()

describe('the program', () => {
  test('prints its help on stdout, with every command', async () => {
    const { code, out, err } = await run('--help')
    expect([code, err]).toEqual([0, ''])
    for (const command of ['init', 'serve', 'sandbox', 'token', 'config']) expect(out).toContain(command)
  })

  test('prints its version alone', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: `${version()}\n`, err: '' })
  })

  test.each([
    ['srve', 'serve'],
    ['serve --sandbx', '--sandbox'],
    ['config chekc', 'check'],
  ])('takes `%s` for %s, and ends with 2', async (argv, meant) => {
    const { code, out, err } = await run(argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(meant)
  })

  test('without a command prints its help on stderr, and ends with 2', async () => {
    const { code, out, err } = await run('')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Usage: sgcache')
  })

  test('does not repeat a value that was given where none belongs', async () => {
    const { code, err } = await run('serve --sg-key=S3-hush')
    expect(code).toBe(2)
    expect(err).toContain('--sg-key')
    expect(err).not.toContain('S3-hush')
    expect((await run('config check --set S3-hush')).err).not.toContain('S3-hush')
  })

  test('shows the stack of an error only when SGCACHE_DEBUG is set', async () => {
    const quiet = await run('config check', { env: {} })
    expect(quiet.err).not.toContain('    at ')
    const loud = await run('config check', { env: { SGCACHE_DEBUG: '1' } })
    expect(loud.err).toContain('    at ')
  })
})
