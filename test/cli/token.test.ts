import { jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { mintToken } from '../../src/cli/mint-token.ts'
import { cliIn } from '../support/cli.ts'

const key = 'a signing key of more than 32 bytes'
const env = { SGCACHE_JWT_KEY: key, SGCACHE_AUTH_MODE: 'jwt' }
const bytes = new TextEncoder().encode(key)

describe('token', () => {
  test('prints a token and nothing else, which verifies with the key', async () => {
    const { run } = cliIn()
    const { code, out, err } = await run('token --subject render-farm --ttl 30d', { env })
    expect([code, err]).toEqual([0, ''])
    const { payload, protectedHeader } = await jwtVerify(out.trim(), bytes, {
      audience: 'sgcache',
      subject: 'render-farm',
    })
    expect(protectedHeader.alg).toBe('HS256')
    expect(payload.scope).toBe('default')
    expect(payload.exp! - payload.iat!).toBe(30 * 24 * 3600)
  })

  test('does not verify with another key', async () => {
    const { out } = await cliIn().run('token --subject farm', { env })
    await expect(jwtVerify(out.trim(), new TextEncoder().encode(`${key}.`))).rejects.toThrow(/signature/)
  })

  test('needs no credentials of ShotGrid, and reads audience, claim and scopes from the configuration', async () => {
    const yaml = 'auth:\n  audience: house\n  scope_claim: view\nscopes:\n  vendor: {}\n'
    const { out } = await cliIn({ '.sgcacherc': yaml }).run('token --subject acme --scope vendor', { env })
    const { payload } = await jwtVerify(out.trim(), bytes, { audience: 'house' })
    expect(payload.view).toBe('vendor')
  })

  test.each([
    [
      'a scope that is not there',
      'token --subject a --scope defualt',
      env,
      /there is no scope "defualt" \(did you mean "default"\?\)/,
    ],
    ['a time that is none', 'token --subject a --ttl soon', env, /--ttl: "soon" is not a duration/],
    ['no time at all', 'token --subject a --ttl 0s', env, /--ttl: "0s" is not a duration/],
    ['no subject', 'token', env, /--subject/],
    ['no key', 'token --subject a', {}, /auth.key is missing: set SGCACHE_JWT_KEY/],
    [
      'a short key',
      'token --subject a',
      { SGCACHE_JWT_KEY: 'S3-short' },
      /auth.key must be a secret of at least 32 bytes/,
    ],
  ])('refuses %s with 2', async (_, argv, given, problem) => {
    const { code, out, err } = await cliIn().run(argv, { env: given })
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(problem)
    expect(err).not.toContain('S3-short')
  })

  test('says when the server would not ask for it', async () => {
    const { err } = await cliIn().run('token --subject a', { env: { SGCACHE_JWT_KEY: key } })
    expect(err).toContain('auth.mode is not "jwt"')
  })
})

test('a token begins when it is made, in whole seconds', async () => {
  const signing = { key, audience: 'sgcache', scopeClaim: 'scope', scopes: ['default'], isAskedFor: true }
  const token = await mintToken(signing, { scope: 'default', subject: 'a', ttl: '90s' }, 1_700_000_000_900)
  const { payload } = await jwtVerify(token, bytes, { currentDate: new Date(1_700_000_001_000) })
  expect([payload.iat, payload.exp]).toEqual([1_700_000_000, 1_700_000_090])
})
