/**
 * Freshness of replies that are about the site itself rather than about its rows: its schema, its version.
 *
 * They are entries of the type `Schema`, a name that no site has for rows. What they show hangs on everything that
 * changes the schema, on who may see what, and on rows from which the site makes parts of it: statuses, pipeline
 * steps, permission rules, the project a schema is asked for.
 */
import type { Change } from '../cache/change.ts'
import type { Dependency, Entry } from '../cache/entry.ts'

/** The type of the entries of such replies. */
export const siteReplyType = 'Schema'

export function siteDependencies(project?: number): readonly Dependency[] {
  const rows = { rows: 'any', fields: 'any', presence: true } as const
  const types = ['Status', 'Step', 'PermissionRuleSet', 'DisplayColumn'].map((type): Dependency => ({ type, ...rows }))
  if (project === undefined) return types
  return [...types, { type: 'Project', rows: [project], fields: [], presence: false }]
}

/** Judges such entries, and leaves all others to `affects`. */
export function withSiteReplies(
  affects: (change: Change, entry: Entry) => boolean,
): (change: Change, entry: Entry) => boolean {
  return (change, entry) => (entry.type === siteReplyType ? concernsSite(change, entry) : affects(change, entry))
}

/** The index has found the change by the dependencies; a row of a project asked for is one of many of its type. */
function concernsSite({ type, kind, ids }: Change, { dependencies }: Entry): boolean {
  const dependency = dependencies.find((one) => one.type === type)
  if (type === '*' || dependency === undefined || dependency.rows === 'any' || ids === 'any') return true
  return kind === 'schema' || kind === 'flush' || dependency.rows.some((id) => ids.includes(id))
}
