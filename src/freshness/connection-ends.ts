/**
 * The two ends of a connection type: the hidden rows by which a list of links is stored.
 *
 * `PlaylistVersionConnection` joins Playlist and Version; `Asset_linked_projects_Connection` is the field
 * `linked_projects` of Asset; `TaskDependency` joins rows of Task. Order lives in such rows, so a change of one may
 * change a list that got no event itself.
 */
import type { ChangeRecord, RowRef } from '../cache/change.ts'
import { isLinkList, type Schema } from '../shotgrid/schema.ts'

/** A list of links that a connection may hold; `field: 'any'` if it cannot be told which. */
export interface ListField {
  readonly type: string
  readonly field: string
}

export function isConnection(type: string): boolean {
  return /.(Connection|Dependency)$/.test(type)
}

/** The lists at both ends, or `undefined` if the name tells nothing. */
export function connectionEnds(connection: string, schema: Schema): readonly ListField[] | undefined {
  const stem = connection.replace(/_?(Connection|Dependency)$/, '')
  const near = typePrefix(stem, schema)
  if (!near) return undefined
  const rest = stem.slice(near.stem.length).replace(/^_/, '')
  const far = connection.endsWith('Dependency') ? [near.type] : fartherTypes(near.type, rest, schema)
  const ends = far.flatMap((type) => [
    ...listsBetween(near.type, type, schema),
    ...listsBetween(type, near.type, schema),
  ])
  const unique = new Map(ends.map((end) => [`${end.type}.${end.field}`, end]))
  return unique.size > 0 ? [...unique.values()] : [near.type, ...far].map((type) => ({ type, field: 'any' }))
}

/** The longest type name that the stem begins with; people are `User` there. */
function typePrefix(stem: string, schema: Schema): { type: string; stem: string } | undefined {
  const names = schema.types.map((type) => ({ type, stem: type })).concat({ type: 'HumanUser', stem: 'User' })
  return names.filter((name) => stem.startsWith(name.stem)).sort((a, b) => b.stem.length - a.stem.length)[0]
}

/** The types at the other end: by a field's name, by a type's name, else all that the near type's lists lead to. */
function fartherTypes(near: string, rest: string, schema: Schema): readonly string[] {
  const field = schema.field(near, rest)
  if (field && isLinkList(field.dataType)) return field.validTypes
  const named = typePrefix(rest, schema)
  if (named) return [named.type]
  const lists = [...schema.fields(near).values()].filter((item) => isLinkList(item.dataType))
  return [...new Set(lists.flatMap((item) => item.validTypes))]
}

function listsBetween(from: string, to: string, schema: Schema): ListField[] {
  return [...schema.fields(from).values()]
    .filter((field) => isLinkList(field.dataType) && field.validTypes.includes(to))
    .map((field) => ({ type: from, field: field.name }))
}

/** The rows of a type that a connection row joins, as far as its create tells; else it can be any. */
export function joinedRows({ kind, values }: ChangeRecord, type: string): readonly number[] | 'any' {
  if (kind !== 'create') return 'any'
  const links = Object.values(values ?? {}) as readonly (Partial<RowRef> | null)[] // only their shape is looked at
  const ids = links.filter((link) => link?.type === type && link.id !== undefined).map((link) => link!.id!)
  return ids.length > 0 ? ids : 'any'
}
