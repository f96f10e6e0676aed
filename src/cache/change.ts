/**
 * A change: one thing that may make a cached reply untrue, as it stands in the change log.
 *
 * Everything is a change: an event from upstream, a write that passed through us, a difference found by a sweep or an
 * audit, an operator's order. **Absent means unknown, null means empty.** What is unknown is taken as "could be
 * anything", so a record may always say less than is known, never something else.
 */

/** A place in the log. Positions of two epochs cannot be compared: an entry of another epoch is not fresh. */
export interface Position {
  readonly epoch: string
  /** Dense, starting at 1, in commit order. 0 is "before the first change". */
  readonly seq: number
}

export type ChangeSource = 'event' | 'write' | 'sweep' | 'audit' | 'webhook' | 'admin'

/**
 * - `change`: a field of rows of `type` has, or may have, another value. `field: 'any'`: any of its fields.
 * - `create`: rows came into being. `values` holds those known at birth.
 * - `retire`, `revive`: rows left, came back.
 * - `schema`: the fields of `type` changed.
 * - `access`: who may see what changed (permission rules, project membership, groups).
 * - `flush`: nothing known of `type` is to be trusted.
 */
export type ChangeKind = 'change' | 'create' | 'retire' | 'revive' | 'schema' | 'access' | 'flush'

/** What somebody appends; the log adds where and when. */
export interface ChangeRecord {
  readonly source: ChangeSource
  readonly kind: ChangeKind
  /** A type name, or `*` for all types. */
  readonly type: string
  readonly ids: readonly number[] | 'any'
  /** For `change`: the field, or `any`. Other kinds say `any`. */
  readonly field: string
  readonly old?: unknown
  readonly new?: unknown
  /** List-valued fields: what was added and removed (`{type, id}`), instead of old and new. */
  readonly added?: readonly RowRef[]
  readonly removed?: readonly RowRef[]
  /**
   * For `create`: the fields known at birth. For a `change` of any field of one row: what its fields are after it.
   * For `retire` of any rows: what those that were retired have in common.
   * A field not in it is unknown.
   */
  readonly values?: Readonly<Record<string, unknown>>
  /** The row's group (ShotGrid: project) when the change was made, `none` if it has none; absent if unknown. */
  readonly project?: number | 'none'
  /** Only entries of this scope are concerned; absent means all. */
  readonly scope?: string
  readonly eventId?: number
  /** Wall time of the event upstream, ms. */
  readonly eventAt?: number
  /** Groups the changes of one upstream transaction, where that is known. */
  readonly transaction?: string
  /** Follows from another change in the log, with which all that follows is told: nothing more follows from this one. */
  readonly isConsequence?: true
  /** Who did it, for people to read: `HumanUser 88`. */
  readonly actor?: string
  /** Why, for people to read. */
  readonly reason?: string
}

export interface RowRef {
  readonly type: string
  readonly id: number
}

export interface Change extends ChangeRecord, Position {
  /** Wall time of the append, ms. */
  readonly at: number
}

/** True for the kinds that add or remove rows of a type, so that any reply listing the type may be concerned. */
export function movesRows(kind: ChangeKind): boolean {
  return kind === 'create' || kind === 'retire' || kind === 'revive'
}

/** True for changes after which the schema of the site may be another one. */
export function concernsSchema(change: ChangeRecord): boolean {
  return change.kind === 'schema' || (change.kind === 'flush' && change.type === '*')
}

/** True for changes that no index by row or field can find: they concern everything of their type. */
export function isBroad(change: ChangeRecord): boolean {
  return (
    change.type === '*' ||
    change.kind === 'schema' ||
    change.kind === 'access' ||
    change.kind === 'flush' ||
    (change.ids === 'any' && (change.field === 'any' || movesRows(change.kind)))
  )
}
