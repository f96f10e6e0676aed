/**
 * Tells who asks: from the `Authorization` header to an *identity*, which is a scope and how long that is proven.
 *
 * `jwt`: a bearer token, HS256, with `exp` and `aud`; a claim names the scope. Two keys may be valid at once, so that
 * keys can be changed without a stop. Otherwise there is one identity, the default scope, for everybody.
 *
 * A proven header is remembered until it expires, so that a hit verifies no signature: the same text proves the same
 * thing. The memory is dropped when keys change. Nothing of a token is ever logged or put in an error.
 */
import { errors, jwtVerify } from 'jose'
import type { Clock } from '../clock.ts'
import { SgcacheError } from '../errors.ts'
import type { Scope } from '../reads/reader.ts'
import { Memo } from './memo.ts'

export interface Identity {
  readonly scope: Scope
  /** Wall time, ms, from which it has to be proven again. */
  readonly expiresAt: number
}

export interface AuthenticatorOptions {
  readonly mode: 'jwt' | 'none'
  /** The valid keys; only for `jwt`. */
  readonly keys: readonly string[]
  readonly audience: string
  readonly scopeClaim: string
  readonly scopes: ReadonlyMap<string, Scope>
  readonly defaultScope: Scope
  readonly clock: Clock
}

export class Authenticator {
  readonly #options: AuthenticatorOptions
  readonly #proven = new Memo<Identity>(memoBytes)
  readonly #everybody: Identity | undefined
  #keys: readonly Uint8Array[]
  /** The header proven last: to compare two texts is much less than to look one up among many. */
  #last: { readonly authorization: string; readonly identity: Identity } | undefined

  constructor(options: AuthenticatorOptions) {
    this.#options = options
    this.#keys = encoded(options.keys)
    const isOpen = options.mode === 'none'
    this.#everybody = isOpen ? { scope: options.defaultScope, expiresAt: Number.POSITIVE_INFINITY } : undefined
  }

  /** The identity of a header that was proven before and still holds. */
  known(authorization: string | undefined): Identity | undefined {
    if (this.#everybody) return this.#everybody
    if (authorization === undefined) return undefined
    const identity = this.#remembered(authorization)
    return identity !== undefined && this.#options.clock.now() < identity.expiresAt ? identity : undefined
  }

  /** Rejects with `UNAUTHENTICATED` or `SCOPE_FORBIDDEN`. */
  async identify(authorization: string | undefined): Promise<Identity> {
    const known = this.known(authorization)
    if (known) return known
    const keys = this.#keys
    const identity = this.#identityOf(await this.#verify(bearer(authorization), keys))
    // Keys that changed meanwhile would leave behind what only the old ones prove.
    if (keys === this.#keys) this.#proven.set(authorization!, identity) // `bearer` has refused a missing header
    return identity
  }

  /** From now on these keys prove a token, and nothing proven before counts. */
  useKeys(keys: readonly string[]): void {
    this.#keys = encoded(keys)
    this.#proven.clear()
    this.#last = undefined
  }

  #remembered(authorization: string): Identity | undefined {
    if (this.#last?.authorization === authorization) return this.#last.identity
    const identity = this.#proven.get(authorization)
    if (identity) this.#last = { authorization, identity }
    return identity
  }

  async #verify(token: string, keys: readonly Uint8Array[]): Promise<Claims> {
    let reason = 'the signature of the token is not ours'
    for (const key of keys) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          audience: this.#options.audience,
          requiredClaims: ['exp', 'aud'],
          currentDate: new Date(this.#options.clock.now()),
        })
        return payload
      } catch (error) {
        if (error instanceof errors.JWSSignatureVerificationFailed) continue
        reason = reasonOf(error)
      }
    }
    throw new SgcacheError('UNAUTHENTICATED', { reason, problem: 'invalid_token' })
  }

  #identityOf(claims: Claims): Identity {
    const name = claims[this.#options.scopeClaim]
    const scope = typeof name === 'string' ? this.#options.scopes.get(name) : undefined
    if (!scope)
      throw new SgcacheError('SCOPE_FORBIDDEN', { value: typeof name === 'string' ? `"${name}"` : 'no scope' })
    return { scope, expiresAt: claims.exp! * 1000 } // `exp` is required above
  }
}

interface Claims {
  readonly exp?: number
  readonly [claim: string]: unknown
}

const memoBytes = 16 * 1024 * 1024
const longestToken = 8192

function bearer(authorization: string | undefined): string {
  if (authorization === undefined) throw new SgcacheError('UNAUTHENTICATED', { reason: 'there is no token' })
  const match = /^Bearer +([\w.-]+) *$/i.exec(authorization)
  if (match && authorization.length <= longestToken) return match[1]!
  throw new SgcacheError('UNAUTHENTICATED', {
    reason: 'the Authorization header is not "Bearer <token>"',
    problem: 'invalid_request',
  })
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the claim "${error.claim}" of the token is missing or wrong`
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token is not signed with HS256'
  return 'the token is not a valid JWT'
}

function encoded(keys: readonly string[]): readonly Uint8Array[] {
  return keys.map((key) => new TextEncoder().encode(key))
}
