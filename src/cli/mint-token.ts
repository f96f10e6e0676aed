/**
 * Makes the token by which a caller is known: HS256, with `sub`, `aud`, `iat`, `exp` and the claim that names its scope.
 * The signing key is the UTF-8 bytes of `auth.key`.
 */
import { SignJWT } from 'jose'
import { configInvalid } from '../config/problem.ts'
import type { Resolution } from '../config/resolve.ts'
import { defaultScope } from '../config/schema.ts'
import { parseDuration } from '../config/units.ts'
import { SgcacheError } from '../errors.ts'
import { didYouMean } from '../suggest.ts'

export interface Signing {
  readonly key: string
  readonly audience: string
  readonly scopeClaim: string
  readonly scopes: readonly string[]
  /** Whether a server of this configuration asks for tokens at all. */
  readonly isAskedFor: boolean
}

/**
 * What signing needs from a configuration. The rest of it may be incomplete: tokens are often minted on a machine that
 * has no credentials of ShotGrid.
 */
export function signingOf({ problems, values, resolved }: Resolution): Signing {
  const ours = problems.filter(({ setting }) => setting === undefined || setting.startsWith('auth.'))
  const key = values.get('auth.key')
  if (typeof key !== 'string') {
    const missing = { message: 'auth.key is missing: set SGCACHE_JWT_KEY or SGCACHE_JWT_KEY_FILE.' }
    throw configInvalid(ours.length > 0 ? ours : [missing])
  }
  const named = resolved.flatMap(({ setting }) => (setting.path[0] === 'scopes' ? [setting.path[1]!] : []))
  return {
    key,
    audience: String(values.get('auth.audience')),
    scopeClaim: String(values.get('auth.scope_claim')),
    scopes: [...new Set([defaultScope, ...named])],
    isAskedFor: values.get('auth.mode') === 'jwt',
  }
}

export interface TokenRequest {
  readonly scope: string
  readonly subject: string
  /** `90d` */
  readonly ttl: string
}

export async function mintToken(signing: Signing, request: TokenRequest, nowMs: number): Promise<string> {
  const ttlMs = parseDuration(request.ttl)
  if (ttlMs === undefined || ttlMs < 1000) {
    throw new SgcacheError('WRONG_USAGE', { reason: `--ttl: "${request.ttl}" is not a duration such as "90d"` })
  }
  if (!signing.scopes.includes(request.scope)) {
    const suggestion = didYouMean(request.scope, signing.scopes)
    const reason = `--scope: there is no scope "${request.scope}"${suggestion}; there is ${signing.scopes.join(', ')}`
    throw new SgcacheError('WRONG_USAGE', { reason })
  }
  const now = Math.floor(nowMs / 1000)
  return new SignJWT({ [signing.scopeClaim]: request.scope })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(request.subject)
    .setAudience(signing.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(ttlMs / 1000))
    .sign(new TextEncoder().encode(signing.key))
}
