/**
 * Which changes alter who may see what: membership of projects and groups, roles, and accounts switched off.
 *
 * Permission rules cannot be read from outside, so such a change drops whatever was cached for a restricted view.
 */

/** `what` is a field name, or the action `New`, `Retirement`, `Revival` of the row itself. */
export function isAccessField(type: string, what: string): boolean {
  return accessFields[type]?.has(what) === true
}

const membership = ['any', 'Retirement', 'Revival']
const account = [...membership, 'permission_rule_set', 'projects', 'groups', 'sg_status_list', 'login', 'email']

const accessFields: Readonly<Record<string, ReadonlySet<string>>> = {
  Project: new Set([...membership, 'users']),
  Group: new Set([...membership, 'users']),
  HumanUser: new Set(account),
  ClientUser: new Set(account),
  ApiUser: new Set([...account, 'salted_password', 'password', 'firstname']),
  PermissionRuleSet: new Set([...membership, 'New', 'code', 'entity_type', 'parent_set']),
}
