/**
 * Which rows a read has to look at: all of the type, or the few that a condition at the top of the filter leaves.
 * Every candidate is still tested, so this only ever saves work.
 */
import type { Reading } from './reading.ts'
import { isRef, liveRow, type StoredRow } from './row.ts'
import { lowerBound } from './sorted-ids.ts'

/** Rows of `type` that may pass `filters`, by ascending or descending id; retired ones among them. */
export function* candidates(reading: Reading, type: string, filters: unknown, descending = false): Iterable<StoredRow> {
  const narrowed = narrow(reading, type, filters)
  if (narrowed && 'rows' in narrowed) {
    yield* descending ? narrowed.rows.toReversed() : narrowed.rows
    return
  }
  const { ids = reading.view.ids(type), from = 0 } = narrowed ?? {}
  for (let i = from; i < ids.length; i += 1) {
    const row = reading.view.get(type, descending ? ids[ids.length - 1 - (i - from)]! : ids[i]!)
    if (row) yield row
  }
}

/** Given rows, or given ids (all of them if absent) from an index on. */
type Narrowed = { readonly rows: readonly StoredRow[] } | { readonly ids?: readonly number[]; readonly from?: number }

function narrow(reading: Reading, type: string, filters: unknown): Narrowed | undefined {
  const { logical_operator: operator, conditions } = filters as { logical_operator?: string; conditions?: unknown[] }
  if (!Array.isArray(conditions) || (operator !== 'and' && conditions.length !== 1)) return undefined
  let best: Narrowed | undefined
  for (const condition of conditions) {
    const found = narrowByLeaf(reading, type, condition as Readonly<Record<string, unknown>>) // a group has no path
    if (found && (!best || sizeOf(found) < sizeOf(best))) best = found
  }
  return best
}

function sizeOf(narrowed: Narrowed): number {
  if ('rows' in narrowed) return narrowed.rows.length
  return narrowed.ids?.length ?? Number.MAX_SAFE_INTEGER
}

function narrowByLeaf(reading: Reading, type: string, leaf: Readonly<Record<string, unknown>>): Narrowed | undefined {
  const { path, relation, values } = leaf
  if (typeof path !== 'string' || !Array.isArray(values)) return undefined
  if (path === 'id') return narrowById(reading, type, relation, values)
  const source = reading.schema.field(type, path)?.source
  if (source?.kind !== 'stored' || !source.indexed || (relation !== 'is' && relation !== 'in')) return undefined
  if (values.length !== 1 || !isRef(values[0]) || !liveRow(reading.view, values[0])) return undefined
  return { rows: reading.view.referrers(type, path, values[0]) }
}

function narrowById(reading: Reading, type: string, relation: unknown, values: unknown[]): Narrowed | undefined {
  const numbers = values.map(Number).filter(Number.isInteger)
  if (relation === 'is' || relation === 'in') return { ids: [...new Set(numbers)].sort((a, b) => a - b) }
  if (relation === 'greater_than' && numbers.length === 1) {
    return { from: lowerBound(reading.view.ids(type), numbers[0]! + 1) }
  }
  return undefined
}
