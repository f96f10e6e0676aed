/** Which types the entries in memory depend on, directly or by a link: those whose silent changes are looked for. */
import type { Entry } from '../cache/entry.ts'

export function cachedTypes(entries: Iterable<Entry>): ReadonlySet<string> {
  const types = new Set<string>()
  for (const entry of entries) for (const dependency of entry.dependencies) types.add(dependency.type)
  return types
}

/** The rows of `type` that entries show or link to. Entries of retired rows are left out: those are not active. */
export function shownRows(entries: Iterable<Entry>, type: string): ReadonlySet<number> {
  const rows = new Set<number>()
  for (const entry of entries) {
    if (entry.call.includes('"retired":true')) continue
    for (const dependency of entry.dependencies) {
      if (dependency.type === type && dependency.rows !== 'any') for (const id of dependency.rows) rows.add(id)
    }
  }
  return rows
}
