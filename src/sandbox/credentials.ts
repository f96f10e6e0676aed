/**
 * Who is calling: the first element of every request's `params`, checked before anything else.
 *
 * Keys and passwords are fields of rows here, so that changing one is a write like any other and revoking one takes
 * effect at once. They are the sandbox's own: nothing real is ever kept.
 */
import type { AuthParams } from '../shotgrid/wire.ts'
import { faultCode } from '../shotgrid/wire.ts'
import type { Caller } from './caller.ts'
import { displayName } from './display-name.ts'
import { notAuthenticated, SiteFault } from './fault.ts'
import type { SeededRandom } from './random.ts'
import type { Roles } from './roles.ts'
import { liveRow, type Ref, refKey, type StoredRow } from './row.ts'
import type { Store } from './store.ts'
import type { SandboxSwitches } from './switches.ts'

/** The one-time code that people with two factors give. */
export const oneTimeCode = '123456'

export class Credentials {
  readonly #store: Store
  readonly #roles: Roles
  readonly #random: SeededRandom
  readonly #switches: SandboxSwitches
  readonly #sessions = new Map<string, Ref>()
  readonly #twoFactorLogins = new Set<string>()

  constructor(store: Store, roles: Roles, random: SeededRandom, switches: SandboxSwitches) {
    this.#store = store
    this.#roles = roles
    this.#random = random
    this.#switches = switches
  }

  /** The caller that `auth` proves to be; a fault 102, 106, 108 or 110 otherwise. */
  authenticate(auth: AuthParams): Caller {
    const row = this.#verify(auth)
    const sudo = auth.sudo_as_login
    const sessionUuid = auth.session_uuid ?? null
    if (sudo === undefined) return this.caller(row, sessionUuid)
    if (!this.#roleOf(row).admin) throw notAuthenticated(`${displayName(row)} may not act as '${sudo}'.`)
    const person = this.person(sudo)
    if (!person) throw notAuthenticated(`Can't authenticate user '${sudo}'.`)
    const sudoActual = { type: row.type, id: row.id, name: displayName(row) }
    return { ...this.caller(person, sessionUuid), sudoActual, silent: this.#isSilent(row) }
  }

  caller(row: StoredRow, sessionUuid: string | null = null): Caller {
    const role = this.#roleOf(row)
    const user = { type: row.type, id: row.id }
    return {
      user,
      userName: displayName(row),
      silent: this.#isSilent(row),
      sessionUuid,
      isAdmin: role.admin === true,
      sight: (view) => this.#roles.sight(role, user, view),
    }
  }

  /** A token that stands for the user until it is ended. */
  openSession(user: Ref): string {
    for (const [token, owner] of this.#sessions) if (refKey(owner) === refKey(user)) return token
    const token = this.#random.hex(32)
    this.#sessions.set(token, user)
    return token
  }

  /** Whoever holds the token is no longer let in. */
  endSessions(user?: Ref): void {
    for (const [token, owner] of this.#sessions) {
      if (!user || refKey(owner) === refKey(user)) this.#sessions.delete(token)
    }
  }

  requireTwoFactors(login: string): void {
    this.#twoFactorLogins.add(login.toLowerCase())
  }

  script(name: string): StoredRow | undefined {
    return this.#find('ApiUser', 'firstname', name)
  }

  #verify(auth: AuthParams): StoredRow {
    if (auth.user_login !== undefined) return this.#verifyPerson(auth)
    if (auth.script_name !== undefined) {
      const script = this.script(String(auth.script_name))
      if (script && matches(script.values.salted_password, auth.script_key)) return script
      throw notAuthenticated(`Can't authenticate script '${auth.script_name}'`)
    }
    return this.#verifySession(String(auth.session_token ?? ''))
  }

  #verifyPerson(auth: AuthParams): StoredRow {
    const { authenticationMethod: method } = this.#switches
    if (method === 'saml2')
      throw new SiteFault(faultCode.ssoLogin, 'This site uses single sign-on: log in with a browser.')
    if (method === 'oxygen') {
      throw new SiteFault(faultCode.autodeskIdentity, 'This site uses Autodesk Identity: log in with a browser.')
    }
    const login = String(auth.user_login)
    const person = this.person(login)
    if (!person || !matches(person.values.password_proxy, auth.user_password)) {
      throw notAuthenticated(`Can't authenticate user '${login}'.`)
    }
    if (this.#twoFactorLogins.has(login.toLowerCase()) && auth.auth_token !== oneTimeCode) {
      throw new SiteFault(faultCode.twoFactorMissing, 'Two-factor authentication code is missing or wrong.')
    }
    return person
  }

  #verifySession(token: string): StoredRow {
    const row = liveRow(this.#store, this.#sessions.get(token))
    if (row && row.values.sg_status_list !== 'dis') return row
    throw notAuthenticated(`Can't authenticate session token ending with '${token.slice(-4)}'`)
  }

  person(login: string): StoredRow | undefined {
    const person = this.#find('HumanUser', 'login', login)
    return person?.values.sg_status_list === 'dis' ? undefined : person
  }

  #find(type: string, field: string, value: string): StoredRow | undefined {
    const wanted = value.toLowerCase()
    for (const id of this.#store.ids(type)) {
      const row = this.#store.get(type, id)!
      if (!row.retired && String(row.values[field]).toLowerCase() === wanted) return row
    }
    return undefined
  }

  #roleOf(row: StoredRow) {
    const rules = liveRow(this.#store, row.values.permission_rule_set)
    return this.#roles.role(rules?.values.code)
  }

  #isSilent(row: StoredRow): boolean {
    return row.type === 'ApiUser' && row.values.generate_event_log_entries !== true
  }
}

/** A row without a secret lets nobody in. */
function matches(secret: unknown, given: unknown): boolean {
  return typeof secret === 'string' && secret !== '' && secret === given
}
