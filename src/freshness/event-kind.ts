/**
 * What an event of the site's log is about, by its name alone: `<App>_<Type>_<Action>`, where the type may itself hold
 * underscores and digits, so it is what stands between the first underscore and the last.
 */

/**
 * - `row`: a row of `type` was made, changed, retired or revived.
 * - `schema`: field definitions, preferences or a project's configuration; the event does not say of what.
 * - `access`: permission rules.
 * - `nothing`: activity that leaves no trace in what a reply shows.
 * - `unclear`: a name that is none of the above. `type` if there is one.
 */
export type EventKind =
  | { readonly kind: 'row'; readonly type: string; readonly action: RowAction }
  | { readonly kind: 'schema' }
  | { readonly kind: 'access' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unclear'; readonly type?: string }

export type RowAction = 'New' | 'Change' | 'Retirement' | 'Revival'

export function eventKind(name: unknown, isType: (type: string) => boolean): EventKind {
  if (typeof name !== 'string') return { kind: 'unclear' }
  const first = name.indexOf('_')
  const last = name.lastIndexOf('_')
  const app = name.slice(0, Math.max(first, 0))
  const type = name.slice(first + 1, last)
  const action = name.slice(last + 1)
  if (app !== 'Shotgun') return kindOfForeign(type, action, isType)
  if (first === last || type === '') return { kind: 'unclear' }
  if (schemaTypes.has(type)) return { kind: 'schema' }
  if (type === 'PermissionRuleSet' && action.endsWith('Rule')) return { kind: 'access' }
  if (isRowAction(action) && !activityTypes.has(type)) return { kind: 'row', type, action }
  if (activityTypes.has(type) || activityActions.has(action)) return { kind: 'nothing' }
  return { kind: 'unclear', type }
}

/**
 * Other applications log what they do (`Toolkit_Folders_Create`, `CRS_…`, `SG_RV_…`); what they write to the site has
 * events of its own. An unheard-of application that seems to name a row is believed.
 */
function kindOfForeign(type: string, action: string, isType: (type: string) => boolean): EventKind {
  return isRowAction(action) && isType(type) ? { kind: 'row', type, action } : { kind: 'nothing' }
}

function isRowAction(action: string): action is RowAction {
  return action === 'New' || action === 'Change' || action === 'Retirement' || action === 'Revival'
}

const schemaTypes = new Set(['DisplayColumn', 'Preferences', 'ProjectConfiguration'])

/** Not types of rows that a reply could show (`Reading` is who has read a note, `User` is logging in and out). */
const activityTypes = new Set(['Reading', 'User', 'ActionMenuItem', 'EventLogEntry', 'PageHit'])

const activityActions = new Set(['View', 'Login', 'Logout', 'FailedLogin', 'Triggered', 'Hit'])
