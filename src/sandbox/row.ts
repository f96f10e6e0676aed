/**
 * Rows as they are kept. A row is never altered: a write puts another in its place, so a reader may hold on to one.
 *
 * Date-times are kept as `YYYY-MM-DDTHH:MM:SSZ`, links as `{type, id}` without a name, images as the id of a picture.
 */
export interface Ref {
  readonly type: string
  readonly id: number
}

export type Values = Readonly<Record<string, unknown>>

export interface StoredRow extends Ref {
  readonly retired: boolean
  /** Set when the row was retired along with another; that one's revival brings it back. */
  readonly retiredWith?: string
  readonly values: Values
}

/** What a reader looks at: the committed rows, those of an open transaction, or those of a moment ago. */
export interface View {
  get(type: string, id: number): StoredRow | undefined
  /** All ids ever given, ascending; the rows may be retired. */
  ids(type: string): readonly number[]
  /** Rows of `type` whose indexed link `field` leads to `target`, by ascending id; both may be retired. */
  referrers(type: string, field: string, target: Ref): readonly StoredRow[]
}

export function refKey(ref: Ref): string {
  return `${ref.type}:${ref.id}`
}

export function isRef(value: unknown): value is Ref {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value
}

export function sameRef(a: Ref | null | undefined, b: Ref | null | undefined): boolean {
  return a?.id === b?.id && a?.type === b?.type
}

/** The row a link leads to, unless it is retired: then the link reads as if it were empty. */
export function liveRow(view: View, ref: unknown): StoredRow | undefined {
  if (!isRef(ref)) return undefined
  const row = view.get(ref.type, ref.id)
  return row && !row.retired ? row : undefined
}

/** The links in a stored value, whether it is one, a list or nothing. */
export function refsIn(value: unknown): readonly Ref[] {
  if (Array.isArray(value)) return value.filter(isRef)
  return isRef(value) ? [value] : []
}
