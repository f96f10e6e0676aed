/**
 * What is done with each method of the JSON-RPC. The table of `docs/compatibility.md` is held to this one by a test.
 *
 * - `read`: answered through the cache.
 * - `site`: about the site rather than its rows: answered through the cache as well.
 * - `pass`: goes to the site each time; it changes nothing that is cached.
 * - `write`: goes to the site, once, and what it changes is in the change log before the caller is answered.
 *
 * A method that is not in the table is a write that may have changed anything.
 */
export type MethodClass = 'read' | 'site' | 'pass' | 'write'

export const methodClasses: Readonly<Record<string, MethodClass>> = {
  read: 'read',
  summarize: 'read',
  info: 'site',
  schema_read: 'site',
  schema_entity_read: 'site',
  schema_field_read: 'site',
  // Credentials; answers that differ by person, that no event tells of, or that are no JSON.
  get_session_token: 'pass',
  activity_stream: 'pass',
  export_page: 'pass',
  followers: 'pass',
  following: 'pass',
  nav_expand: 'pass',
  nav_search: 'pass',
  note_thread_contents: 'pass',
  preferences_read: 'pass',
  query_display_name_cache: 'pass',
  user_subscriptions_read: 'pass',
  work_schedule_read: 'pass',
  create: 'write',
  update: 'write',
  delete: 'write',
  revive: 'write',
  batch: 'write',
  follow: 'write',
  unfollow: 'write',
  schema_field_create: 'write',
  schema_field_update: 'write',
  schema_field_delete: 'write',
  update_project_last_accessed_by_current_user: 'write',
  user_subscriptions_create: 'write',
  work_schedule_update: 'write',
}

export function methodClass(method: string): MethodClass {
  return isKnownMethod(method) ? methodClasses[method]! : 'write'
}

export function isKnownMethod(method: string): boolean {
  return Object.hasOwn(methodClasses, method)
}
