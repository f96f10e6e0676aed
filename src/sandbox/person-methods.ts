/** What belongs to a person rather than to rows: follows, subscriptions, when they last opened a project, preferences. */

import { isoSeconds } from './dates.ts'
import { displayName } from './display-name.ts'
import { emitSiteEvent } from './events.ts'
import { malformed, noSuchRow, refused } from './fault.ts'
import { type Args, visibleRow } from './read.ts'
import type { Reading } from './reading.ts'
import { isRef, liveRow, type StoredRow } from './row.ts'
import { linkTo } from './values.ts'
import type { World } from './world.ts'
import type { Writing } from './writing.ts'

export function followers(reading: Reading, args: Args, world: World): unknown {
  const row = rowArgument(reading, args.entity, 'entity')
  return world.follows.followersOf(row).flatMap((ref) => {
    const user = liveRow(reading.view, ref)
    if (!user) return []
    const status = user.values.sg_status_list ?? null
    return [{ type: user.type, id: user.id, name: displayName(user), status, valid: 'valid' }]
  })
}

export function following(reading: Reading, args: Args, world: World): unknown {
  const user = rowArgument(reading, args.user, 'user')
  return world.follows.followedBy(user).flatMap((ref) => {
    const row = visibleRow(reading, ref)
    if (!row || (args.entity_type && row.type !== args.entity_type)) return []
    if (isRef(args.project) && (!isRef(row.values.project) || row.values.project.id !== args.project.id)) return []
    return [{ type: row.type, id: row.id }]
  })
}

/** No event tells of it. */
export function follow(writing: Writing, args: Args, isOn: boolean): unknown {
  const user = rowArgument(writing.reading, args.user, 'user')
  const entity = rowArgument(writing.reading, args.entity, 'entity')
  const { follows } = writing.world
  writing.tx.onCommit(() => (isOn ? follows.follow(user, entity) : follows.unfollow(user, entity)))
  return {
    [isOn ? 'followed' : 'unfollowed']: true,
    user: linkTo(writing.reading, user),
    entity: linkTo(writing.reading, entity),
  }
}

export function preferences(_reading: Reading, args: Args, world: World): unknown {
  const wanted = Array.isArray(args.prefs) && args.prefs.length > 0 ? args.prefs.map(String) : undefined
  const entries = [...world.preferences].filter(([name]) => !wanted || wanted.includes(name))
  return Object.fromEntries(entries)
}

export function subscriptions(reading: Reading, _args: Args, world: World): unknown {
  if (!reading.caller.isAdmin) throw refused('Subscriptions cannot be read by this user.')
  return [...world.subscriptions].map(([humanUserId, subscription]) => ({ humanUserId, subscription }))
}

/** What a person may use of the site; it is no row. */
export function subscribe({ world, tx, caller }: Writing, args: Args): unknown {
  if (!caller.isAdmin) throw refused('Subscriptions cannot be assigned by this user.')
  if (!Array.isArray(args.users)) throw malformed('API user_subscriptions_create() needs users.')
  for (const { humanUserId, subscription } of args.users as readonly Args[]) {
    tx.onCommit(() => world.subscriptions.set(Number(humanUserId), subscription ?? null))
  }
  return { status: 'success' }
}

/** Not a method of the API: administrators do it in the web pages. */
export function setPreference(writing: Writing, pref: string, value: unknown): void {
  const old = writing.world.preferences.get(pref) ?? null
  writing.tx.onCommit(() => writing.world.preferences.set(pref, value))
  emitSiteEvent(writing, 'Shotgun_Preferences_Change', { old, new: value, pref })
}

/** Neither the project's `updated_at` nor any event shows it: the value is each person's own. */
export function lastAccessed(writing: Writing, args: Args): unknown {
  const { world, tx, caller } = writing
  const project = rowArgument(writing.reading, { type: 'Project', id: args.project_id }, 'project_id')
  const user = typeof args.user_id === 'number' ? { type: 'HumanUser', id: args.user_id } : caller.user
  const value = isoSeconds(world.clock.now())
  const field = 'last_accessed_by_current_user'
  tx.onCommit(() => world.perUser.set(user, project, field, value))
  tx.note({ kind: 'perUser', type: 'Project', id: project.id, fields: [field], silent: true, consequence: false })
  return [{ ...linkTo(writing.reading, project), [field]: value }]
}

export function rowArgument(reading: Reading, ref: unknown, name: string): StoredRow {
  if (!isRef(ref)) throw malformed(`API invalid/missing Hash '${name}': ${JSON.stringify(ref)}`)
  const row = visibleRow(reading, ref)
  if (!row) throw noSuchRow(ref.type, ref.id)
  return row
}
