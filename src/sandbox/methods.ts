/**
 * Every JSON-RPC method the site has, by name: what it reads, or what it writes in a transaction.
 */
import { exportPage } from './export-page.ts'
import { malformed } from './fault.ts'
import { activityStream, displayNameCache, noteThread } from './page-methods.ts'
import { follow, followers, following, lastAccessed, preferences, subscribe, subscriptions } from './person-methods.ts'
import { type Args, read } from './read.ts'
import type { Reading } from './reading.ts'
import {
  createField,
  deleteField,
  readEntitySchema,
  readFieldSchema,
  readSchema,
  updateField,
} from './schema-methods.ts'
import { summarize } from './summarize.ts'
import { readWorkSchedule, updateWorkSchedule } from './work-schedule.ts'
import type { World } from './world.ts'
import { create, remove, revive, update } from './write.ts'
import type { Writing } from './writing.ts'

export type ReadMethod = (reading: Reading, args: Args, world: World) => unknown
export type WriteMethod = (writing: Writing, args: Args) => unknown

export const readMethods: Readonly<Record<string, ReadMethod>> = {
  read,
  summarize,
  schema_read: readSchema,
  schema_entity_read: readEntitySchema,
  schema_field_read: readFieldSchema,
  query_display_name_cache: displayNameCache,
  activity_stream: activityStream,
  note_thread_contents: noteThread,
  followers,
  following,
  preferences_read: preferences,
  work_schedule_read: readWorkSchedule,
  user_subscriptions_read: subscriptions,
  export_page: exportPage,
  get_session_token: (reading, _args, world) => ({ session_id: world.credentials.openSession(reading.caller.user) }),
}

export const writeMethods: Readonly<Record<string, WriteMethod>> = {
  create,
  update,
  delete: remove,
  revive,
  batch,
  schema_field_create: createField,
  schema_field_update: updateField,
  schema_field_delete: deleteField,
  follow: (writing, args) => follow(writing, args, true),
  unfollow: (writing, args) => follow(writing, args, false),
  update_project_last_accessed_by_current_user: lastAccessed,
  work_schedule_update: updateWorkSchedule,
  user_subscriptions_create: subscribe,
}

/** Whether a method may change anything. What nobody has heard of might. */
export function isWrite(method: string): boolean {
  return method !== 'info' && !(method in readMethods)
}

const batched: Readonly<Record<string, WriteMethod>> = { create, update, delete: remove }

/** All or nothing: the caller's transaction is rolled back when one of the requests is refused. */
function batch(writing: Writing, args: Args): readonly unknown[] {
  if (!Array.isArray(args)) throw malformed('API batch() expected an Array of requests.')
  return args.map((request: Args) => {
    const method = batched[String(request?.request_type)]
    if (!method) throw malformed(`API batch() invalid 'request_type': ${JSON.stringify(request?.request_type)}`)
    return method(writing, request)
  })
}
