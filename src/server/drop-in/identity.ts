/**
 * Who asks, by the credentials of the request. The secret itself is not kept: an identity is a digest of everything
 * that decides what the site lets the caller see, salted anew in every process.
 *
 * Two requests are of one identity only if they agree in the kind of credentials, the name, the secret and the person
 * acted for, and in the headers the answer may depend on. `session_uuid` and further members of `auth` do not count.
 */
import { createHmac } from 'node:crypto'
import type { AuthParams } from '../../shotgrid/wire.ts'
import type { ContextHeaders } from './context.ts'

export interface Identity {
  readonly kind: 'person' | 'script' | 'session'
  /** The script's name or the person's login; a session does not say whose it is. */
  readonly name?: string
  readonly sudo?: string
  /** Stands for all of it, secret included, in keys and maps. */
  readonly digest: string
}

/**
 * `undefined` if the credentials are of no known form, or of several. Also for a one-time code: it is worth one login
 * and proves nothing about the next request.
 */
export function identityOf(auth: AuthParams, context: ContextHeaders, salt: Buffer): Identity | undefined {
  const credentials = credentialsOf(auth)
  const sudo = auth.sudo_as_login
  if (!credentials || auth.auth_token !== undefined) return undefined
  if (sudo !== undefined && typeof sudo !== 'string') return undefined
  const { kind, name, secret } = credentials
  const parts = [kind, name ?? null, secret, sudo ?? null, context.locale ?? null, context.authorization ?? null]
  const digest = createHmac('sha256', salt).update(JSON.stringify(parts)).digest('base64url').slice(0, 32)
  return { kind, digest, ...(name !== undefined && { name }), ...(sudo !== undefined && { sudo }) }
}

interface Credentials {
  readonly kind: Identity['kind']
  readonly name?: string
  readonly secret: string
}

function credentialsOf(auth: AuthParams): Credentials | undefined {
  const {
    user_login: login,
    user_password: password,
    script_name: script,
    script_key: key,
    session_token: token,
  } = auth
  const found: Credentials[] = []
  if (isText(login) && isText(password)) found.push({ kind: 'person', name: login, secret: password })
  if (isText(script) && isText(key)) found.push({ kind: 'script', name: script, secret: key })
  if (isText(token)) found.push({ kind: 'session', secret: token })
  const forms = [login ?? password, script ?? key, token].filter((form) => form !== undefined)
  return forms.length === 1 ? found[0] : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
