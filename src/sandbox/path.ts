/**
 * Dotted paths, `field.Type.field…`: taken apart once a call, then walked for each row.
 *
 * A hop follows the links of one field to rows of one type. For a returned field or a sort, a path that does not hold
 * together is simply no path; a filter refuses it.
 */
import { isLinkList } from '../shotgrid/schema.ts'
import { type FieldSpec, idSpec } from './field-spec.ts'
import { linkedRows } from './links.ts'
import type { Reading } from './reading.ts'
import { liveRow, type StoredRow } from './row.ts'

export interface Hop {
  readonly field: FieldSpec
  readonly to: string
}

export interface FieldPath {
  readonly text: string
  readonly hops: readonly Hop[]
  /** The type that the last part is a field of. */
  readonly type: string
  readonly field: FieldSpec
  /** A hop leads through a list, so there may be several values. */
  readonly throughList: boolean
}

/** The path, or `undefined` if a part of it does not exist or links elsewhere. */
export function parsePath(reading: Reading, type: string, text: string): FieldPath | undefined {
  const parts = text.split('.')
  if (parts.length % 2 === 0) return undefined
  const hops: Hop[] = []
  let at = type
  for (let i = 0; i + 2 < parts.length; i += 2) {
    const field = reading.schema.field(at, parts[i]!)
    const to = parts[i + 1]!
    if (!field?.validTypes.includes(to) || !reading.schema.has(to)) return undefined
    hops.push({ field, to })
    at = to
  }
  const leaf = parts.at(-1)!
  const field = leaf === 'id' ? idSpec : (reading.schema.field(at, leaf) ?? hiddenFields[`${at}.${leaf}`])
  if (!field) return undefined
  return { text, hops, type: at, field, throughList: hops.some((hop) => isLinkList(hop.field.dataType)) }
}

/** Readable, though in no schema answer. */
const hiddenFields: Readonly<Record<string, FieldSpec>> = {
  'Note.read_by_current_user': {
    ...idSpec,
    name: 'read_by_current_user',
    dataType: 'list',
    editable: true,
    validValues: ['read', 'unread'],
    defaultValue: 'unread',
    source: { kind: 'perUser' },
  },
}

export function hiddenField(type: string, name: string): FieldSpec | undefined {
  return hiddenFields[`${type}.${name}`]
}

/** The row at the end of a path that leads through single links only. */
export function endOfPath(reading: Reading, row: StoredRow, path: FieldPath): StoredRow | undefined {
  let at: StoredRow | undefined = row
  for (const hop of path.hops) {
    if (!at) return undefined
    at = liveRow(reading.view, at.values[hop.field.name])
    if (at && (at.type !== hop.to || !sees(reading, at))) return undefined
  }
  return at
}

/** All rows at the ends of a path that leads through lists. */
export function endsOfPath(reading: Reading, row: StoredRow, path: FieldPath): readonly StoredRow[] {
  let at: readonly StoredRow[] = [row]
  for (const hop of path.hops) {
    at = at.flatMap((from) =>
      linkedRows(reading.view, from, hop.field).filter((to) => to.type === hop.to && sees(reading, to)),
    )
  }
  return at
}

/** Whether the caller may see every field and type that the path leads through. */
export function seesPath(reading: Reading, type: string, path: FieldPath): boolean {
  const { sight } = reading
  if (sight.everything) return true
  let at = type
  for (const hop of path.hops) {
    if (!sight.seesField(at, hop.field.name) || !sight.seesType(hop.to)) return false
    at = hop.to
  }
  return sight.seesField(at, path.field.name)
}

function sees(reading: Reading, row: StoredRow): boolean {
  return reading.sight.everything || reading.sight.seesRow(row)
}
