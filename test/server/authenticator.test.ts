import { SignJWT } from 'jose'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { Scope } from '../../src/reads/reader.ts'
import { Authenticator, type AuthenticatorOptions } from '../../src/server/authenticator.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const key = 'the key of today, of at least 32 bytes'
const previousKey = 'the key of yesterday, of at least 32 bytes'
const scopeOf = (name: string) => ({ name, sees: 'everything' }) as Scope // its client is not used here
const scopes = new Map(['default', 'crew'].map((name) => [name, scopeOf(name)]))

let clock: VirtualClock
let authenticator: Authenticator
beforeEach(() => {
  clock = new VirtualClock()
  authenticator = open()
})

function open(options: Partial<AuthenticatorOptions> = {}): Authenticator {
  return new Authenticator({
    mode: 'jwt',
    keys: [key],
    audience: 'sgcache',
    scopeClaim: 'scope',
    scopes,
    defaultScope: scopes.get('default')!,
    clock,
    ...options,
  })
}

interface Told {
  readonly key?: string
  readonly alg?: string
  readonly claims?: Readonly<Record<string, unknown>>
  /** Seconds from now; `null` for none. */
  readonly expires?: number | null
  readonly audience?: string | null
}

async function bearer(told: Told = {}): Promise<string> {
  const { expires = 3600, audience = 'sgcache', claims = { scope: 'crew' } } = told
  const now = Math.floor(clock.now() / 1000)
  const token = new SignJWT(claims).setProtectedHeader({ alg: told.alg ?? 'HS256' })
  if (expires !== null) token.setExpirationTime(now + expires)
  if (audience !== null) token.setAudience(audience)
  return `Bearer ${await token.sign(new TextEncoder().encode(told.key ?? key))}`
}

const refusal = (authorization: string | undefined, of = authenticator) =>
  of.identify(authorization).then(
    () => undefined,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )

describe('a token', () => {
  it('names the scope of its bearer', async () => {
    expect((await authenticator.identify(await bearer())).scope.name).toBe('crew')
    expect((await authenticator.identify(await bearer({ claims: { scope: 'default' } }))).scope.name).toBe('default')
  })

  test.each<[string, Told, RegExp]>([
    ['that has expired', { expires: -1 }, /UNAUTHENTICATED.*expired/],
    ['that expires this very moment', { expires: 0 }, /UNAUTHENTICATED.*expired/],
    ['that never expires', { expires: null }, /UNAUTHENTICATED.*"exp"/],
    ['for another audience', { audience: 'other' }, /UNAUTHENTICATED.*"aud"/],
    ['for nobody', { audience: null }, /UNAUTHENTICATED.*"aud"/],
    ['signed with another key', { key: 'somebody else has this one, of 32 bytes' }, /UNAUTHENTICATED.*signature/],
    ['signed in another way', { alg: 'HS384', key: key.repeat(2) }, /UNAUTHENTICATED.*HS256/],
    ['not valid yet', { claims: { scope: 'crew', nbf: 4_000_000_000 } }, /UNAUTHENTICATED.*"nbf"/],
    ['of no scope', { claims: {} }, /SCOPE_FORBIDDEN/],
    ['of a scope that there is not', { claims: { scope: 'nobody' } }, /SCOPE_FORBIDDEN.*nobody/],
    ['of a scope that is no text', { claims: { scope: ['crew'] } }, /SCOPE_FORBIDDEN/],
    ['of a scope named like a method of a table', { claims: { scope: 'constructor' } }, /SCOPE_FORBIDDEN/],
  ])('%s is refused, each time, with the reason', async (_, told, reason) => {
    const authorization = await bearer(told)
    for (let time = 0; time < 2; time += 1) {
      expect(await refusal(authorization)).toMatch(reason)
      expect(authenticator.known(authorization)).toBeUndefined()
    }
  })

  it('without a signature is refused', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { scope: 'crew', aud: 'sgcache', exp: Math.floor(clock.now() / 1000) + 3600 }
    for (const alg of ['none', 'HS256']) {
      expect(await refusal(`Bearer ${part({ alg })}.${part(claims)}.`)).toMatch(/UNAUTHENTICATED/)
    }
  })

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a.b.c',
    'Basic YTpi',
    'Bearer a b',
    `Bearer ${'x'.repeat(9000)}`,
  ])('is none: %s', async (authorization) => {
    expect(authenticator.known(authorization)).toBeUndefined()
    const said = await refusal(authorization)
    expect(said).toMatch(/^UNAUTHENTICATED/)
    expect(said!.length).toBeLessThan(300)
  })

  it('may stand after a word in any spelling and more than one space', async () => {
    const [, token] = (await bearer()).split(' ')
    expect((await authenticator.identify(`bearer   ${token} `)).scope.name).toBe('crew')
  })

  it('is not repeated in what is said of it', async () => {
    const authorization = await bearer({ key: 'somebody else has this one, of 32 bytes' })
    const error: Error = (await authenticator.identify(authorization).catch((caught: Error) => caught)) as Error
    expect(JSON.stringify([error.message, error, String(error.cause)])).not.toContain(authorization.split(' ')[1])
  })
})

describe('a token that was proven', () => {
  it('is known from then on without being verified', async () => {
    const authorization = await bearer()
    expect(authenticator.known(authorization)).toBeUndefined()
    const identity = await authenticator.identify(authorization)
    expect(authenticator.known(authorization)).toBe(identity)
    expect(authenticator.known(`${authorization}x`)).toBeUndefined()
  })

  it('is refused from the second on in which it expires, also when it was the last one asked for', async () => {
    const authorization = await bearer({ expires: 60 })
    await authenticator.identify(authorization)
    await clock.advance(59_999)
    expect(authenticator.known(authorization)).toBeDefined()
    await clock.advance(1)
    expect(authenticator.known(authorization)).toBeUndefined()
    expect(await refusal(authorization)).toMatch(/expired/)
  })

  it('is told from others that are asked for in between', async () => {
    const crew = await bearer()
    const everybody = await bearer({ claims: { scope: 'default' } })
    await authenticator.identify(crew)
    await authenticator.identify(everybody)
    for (let time = 0; time < 3; time += 1) {
      expect(authenticator.known(crew)?.scope.name).toBe('crew')
      expect(authenticator.known(everybody)?.scope.name).toBe('default')
    }
  })
})

describe('two keys at once', () => {
  beforeEach(() => {
    authenticator = open({ keys: [key, previousKey] })
  })

  it('prove what either has signed', async () => {
    for (const signedWith of [key, previousKey]) {
      expect((await authenticator.identify(await bearer({ key: signedWith }))).scope.name).toBe('crew')
    }
  })

  it.each([key, previousKey])('refuse what has expired as such, whichever signed it', async (signedWith) => {
    expect(await refusal(await bearer({ key: signedWith, expires: -1 }))).toMatch(/expired/)
  })

  it('are forgotten with all that they proved when others come into use', async () => {
    const old = await bearer({ key: previousKey })
    await authenticator.identify(old)
    authenticator.useKeys([key])
    expect(authenticator.known(old)).toBeUndefined()
    expect(await refusal(old)).toMatch(/signature/)
    expect(await refusal(await bearer())).toBeUndefined()
  })

  it('leave nothing behind of a token that was being verified when they changed', async () => {
    const old = await bearer({ key: previousKey })
    const underWay = authenticator.identify(old)
    authenticator.useKeys([key])
    await underWay
    expect(authenticator.known(old)).toBeUndefined()
  })
})

describe('without authentication', () => {
  it('everybody reads the default scope, whatever the header says', async () => {
    const unlocked = open({ mode: 'none', keys: [] })
    for (const authorization of [undefined, 'nonsense', await bearer()]) {
      expect(unlocked.known(authorization)?.scope.name).toBe('default')
      expect((await unlocked.identify(authorization)).scope.name).toBe('default')
    }
  })
})
