/**
 * Scopes that do not see everything: permission rules, which nobody can read, hide rows and fields from them.
 *
 * A rule is a filter that is not known. So any change of a row may let it appear or vanish, and any change of who is
 * who, of projects' and groups' members or of roles, may change everything.
 */
import type { Change } from '../cache/change.ts'
import type { Dependency } from '../cache/entry.ts'
import { isAccessField } from './access-fields.ts'
import type { Subject } from './subject.ts'

/** Types whose rows decide who may see what. */
const accessTypes = ['Project', 'Group', 'HumanUser', 'ClientUser', 'ApiUser', 'PermissionRuleSet']

export function altersAccess({ type, kind, field }: Change): boolean {
  if (kind === 'change') return isAccessField(type, field)
  return accessTypes.includes(type) && isAccessField(type, actionOf[kind] ?? 'any')
}

const actionOf: Readonly<Record<string, string>> = { create: 'New', retire: 'Retirement', revive: 'Revival' }

/** For an entry of such a scope: any change of the rows asked for, of rows on the way, or of rows linked to. */
export function mayAlterView(change: Change, subject: Subject): boolean {
  const { call, shown, asked } = subject.call
  if (change.type === call.type || shown.steps.has(change.type) || asked.steps.has(change.type)) return true
  if (change.ids === 'any') return subject.dependsOn(change.type)
  return change.ids.some((id) => subject.mayHold(change.type, id))
}

/** The dependencies of a reply read by such a scope. */
export function restricted(dependencies: readonly Dependency[]): readonly Dependency[] {
  return [
    ...dependencies.map((dependency): Dependency => ({ ...dependency, fields: 'any', presence: true })),
    ...accessTypes.map((type): Dependency => ({ type, rows: [], fields: 'any', presence: true })),
  ]
}
