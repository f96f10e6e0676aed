/**
 * The order of answers: the sort keys in turn, then the id. Rows without a value come last, or first when descending.
 * A key that cannot be sorted by is passed over in silence, as the real site does.
 */
import { isLink, isLinkList } from '../shotgrid/schema.ts'
import { displayName } from './display-name.ts'
import { endOfPath, parsePath } from './path.ts'
import type { Reading } from './reading.ts'
import { liveRow, type StoredRow } from './row.ts'

export type Order = (a: StoredRow, b: StoredRow) => number

interface Key {
  readonly valueFrom: (row: StoredRow) => string | number | null
  readonly descending: boolean
}

const unsortable = new Set(['url', 'summary', 'serializable', 'calculated', 'pivot_column', 'password', 'image'])

/** `undefined` when no key counts: then the id decides. */
export function compileOrder(reading: Reading, type: string, sorts: unknown): Order | undefined {
  const keys = (Array.isArray(sorts) ? sorts : []).flatMap((sort) => keyOf(reading, type, sort) ?? [])
  if (keys.length === 0) return undefined
  return (a, b) => {
    for (const key of keys) {
      const order = compareValues(key.valueFrom(a), key.valueFrom(b))
      if (order !== 0) return key.descending ? -order : order
    }
    return a.id - b.id
  }
}

function keyOf(reading: Reading, type: string, sort: unknown): Key | undefined {
  const { field_name: name, direction } = sort as { field_name?: unknown; direction?: unknown }
  const path = typeof name === 'string' ? parsePath(reading, type, name) : undefined
  if (!path || path.throughList || unsortable.has(path.field.dataType) || isLinkList(path.field.dataType)) {
    return undefined
  }
  const valueFrom = sortValue(reading, path.field.name, path.field.dataType, path.field.source.kind)
  return {
    valueFrom: (row) => {
      const end = endOfPath(reading, row, path)
      return end ? valueFrom(end) : null
    },
    descending: direction === 'desc',
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
