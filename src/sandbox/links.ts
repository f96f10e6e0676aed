/**
 * Where a row's links lead, whatever way the field keeps them. Retired rows are never among the targets.
 */
import type { FieldSpec } from './field-spec.ts'
import { liveRow, type Ref, refKey, refsIn, type StoredRow, type View } from './row.ts'

/** The live targets of a link or list of links. Lists come in no order that a caller may rely on, except by connection. */
export function linkedRows(view: View, row: StoredRow, spec: FieldSpec): readonly StoredRow[] {
  const { source } = spec
  if (source.kind === 'inverse') return inverseRows(view, row, spec)
  if (source.kind === 'connection') return connectedRows(view, row, spec)
  const found: StoredRow[] = []
  for (const ref of refsIn(row.values[spec.name])) {
    const target = liveRow(view, ref)
    if (target) found.push(target)
  }
  return found
}

function inverseRows(view: View, row: StoredRow, spec: FieldSpec): readonly StoredRow[] {
  if (spec.source.kind !== 'inverse') return []
  return spec.source.of.flatMap(({ type, field }) => view.referrers(type, field, row).filter((found) => !found.retired))
}

function connectedRows(view: View, row: StoredRow, spec: FieldSpec): readonly StoredRow[] {
  const found = connections(view, row, spec).flatMap((connection) => {
    const target = spec.source.kind === 'connection' ? liveRow(view, connection.values[spec.source.far]) : undefined
    return target ? [{ connection, target }] : []
  })
  const order = spec.source.kind === 'connection' ? spec.source.order : undefined
  if (!order) return found.map(({ target }) => target).sort(byTypeAndId)
  const rank = (entry: (typeof found)[number]) => Number(entry.connection.values[order] ?? Number.MAX_SAFE_INTEGER)
  return found.sort((a, b) => rank(a) - rank(b) || a.connection.id - b.connection.id).map(({ target }) => target)
}

/** The live hidden rows that hold the list. */
export function connections(view: View, row: Ref, spec: FieldSpec): readonly StoredRow[] {
  if (spec.source.kind !== 'connection') return []
  return view.referrers(spec.source.connection, spec.source.near, row).filter((connection) => !connection.retired)
}

function byTypeAndId(a: StoredRow, b: StoredRow): number {
  return a.id - b.id || refKey(a).localeCompare(refKey(b))
}
