/**
 * The order of answers: the sort keys in turn, then the id. Rows without a value come last, or first when descending.
 * A key that cannot be sorted by is passed over in silence, as the real site does.
 */
import { isLink, isLinkList } from '../shotgrid/schema.ts'
import { displayName } from './display-name.ts'
import { endOfPath, parsePath, seesPath } from './path.ts'
import type { Reading } from './reading.ts'
import { liveRow, type StoredRow } from './row.ts'

export interface Order {
  /** The id alone decides, so rows found by id need no sorting. */
  readonly byId?: 'asc' | 'desc'
  sort(rows: readonly StoredRow[]): readonly StoredRow[]
}

interface Key {
  readonly valueFrom: (row: StoredRow) => string | number | null
  readonly descending: boolean
  readonly isId: boolean
}

const unsortable = new Set(['url', 'summary', 'serializable', 'calculated', 'pivot_column', 'password', 'image'])

/** `undefined` when no key counts: then the id decides. */
export function compileOrder(reading: Reading, type: string, sorts: unknown): Order | undefined {
  const keys = (Array.isArray(sorts) ? sorts : []).flatMap((sort) => keyOf(reading, type, sort) ?? [])
  const [first] = keys
  if (!first) return undefined
  return { ...(first.isId && { byId: first.descending ? 'desc' : 'asc' }), sort: (rows) => sorted(rows, keys) }
}

/** Each row's keys are worked out once. */
function sorted(rows: readonly StoredRow[], keys: readonly Key[]): readonly StoredRow[] {
  const entries = rows.map((row) => ({ row, values: keys.map((key) => key.valueFrom(row)) }))
  entries.sort((a, b) => {
    for (let i = 0; i < keys.length; i += 1) {
      const order = compareValues(a.values[i]!, b.values[i]!)
      if (order !== 0) return keys[i]!.descending ? -order : order
    }
    return a.row.id - b.row.id
  })
  return entries.map(({ row }) => row)
}

function keyOf(reading: Reading, type: string, sort: unknown): Key | undefined {
  const { field_name: name, direction } = sort as { field_name?: unknown; direction?: unknown }
  const path = typeof name === 'string' ? parsePath(reading, type, name) : undefined
  if (!path || !seesPath(reading, type, path)) return undefined
  if (path.throughList || unsortable.has(path.field.dataType) || isLinkList(path.field.dataType)) {
    return undefined
  }
  const valueFrom = sortValue(reading, path.field.name, path.field.dataType, path.field.source.kind)
  return {
    valueFrom: (row) => {
      const end = endOfPath(reading, row, path)
      return end ? valueFrom(end) : null
    },
    descending: direction === 'desc',
    isId: path.hops.length === 0 && path.field.source.kind === 'id',
  }
}

function sortValue(reading: Reading, name: string, dataType: string, kind: string) {
  return (row: StoredRow): string | number | null => {
    if (kind === 'id') return row.id
    if (kind === 'displayName') return displayName(row).toLowerCase()
    const value = kind === 'perUser' ? reading.perUser.get(reading.caller.user, row, name) : row.values[name]
    if (dataType === 'checkbox') return value === true ? 1 : 0
    if (isLink(dataType)) {
      const target = liveRow(reading.view, value)
      return target ? displayName(target).toLowerCase() : null
    }
    if (typeof value === 'string') return value.toLowerCase()
    return typeof value === 'number' ? value : null
  }
}

export function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b ? -1 : 1
}
