/** What administrators do in the web pages, which no API offers: keys, roles, preferences. */
import type { EntityLink } from '../shotgrid/wire.ts'
import { displayName } from './display-name.ts'
import { emitSiteEvent } from './events.ts'
import { writeField } from './field-write.ts'
import { setPreference } from './person-methods.ts'
import type { Role } from './roles.ts'
import type { StoredRow } from './row.ts'
import type { Site } from './site.ts'
import { touch } from './touch.ts'
import type { Writing } from './writing.ts'

export interface Administration {
  revoke(name: string): void
  rotate(name: string, secret: string): void
  setRole(name: string, role: Role): void
  setPreference(name: string, value: unknown): void
  identity(name: string): EntityLink
}

export function administration(site: Site): Administration {
  const { credentials, roles } = site.world
  const asAdmin = (work: (writing: Writing) => void) =>
    site.transact(credentials.caller(identityRow(site, 'ada')), work)
  const setSecret = (name: string, secret: string | null) => {
    const row = identityRow(site, name)
    const field = row.type === 'ApiUser' ? 'salted_password' : 'password_proxy'
    asAdmin((writing) => {
      writeField(writing, { row, field: writing.world.schema.field(row.type, field)!, value: secret })
      touch(writing, row)
    })
    credentials.endSessions(row)
  }
  return {
    revoke: (name) => setSecret(name, null),
    rotate: setSecret,
    setRole: (name, role) =>
      asAdmin((writing) => {
        writing.tx.onCommit(() => roles.set(name, role))
        emitSiteEvent(writing, 'Shotgun_PermissionRuleSet_ChangeRule', { type: 'rule_change', rule_set: name })
        const { silent, consequence } = writing
        writing.tx.note({ kind: 'access', type: 'PermissionRuleSet', id: 0, fields: [], silent, consequence })
      }),
    setPreference: (name, value) => asAdmin((writing) => setPreference(writing, name, value)),
    identity: (name) => {
      const row = identityRow(site, name)
      return { type: row.type, id: row.id, name: displayName(row) }
    },
  }
}

function identityRow(site: Site, name: string): StoredRow {
  const { credentials } = site.world
  const row = credentials.script(name) ?? credentials.person(name)
  if (!row) throw new Error(`The sandbox has no script or login ${name}.`)
  return row
}
