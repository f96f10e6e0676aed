/**
 * An entry: one upstream reply, with what is needed to tell whether it is still true.
 *
 * The *stamp* is the position of the change log that the reply is known to be at least as new as: it was read before
 * the upstream read began, so a change that arrives while the read is under way is after the stamp. The entry is fresh
 * while no change after its stamp affects it. `validatedSeq` remembers how far that has been checked: it is a memo of
 * this process, never stored, and belongs to one entry in one scope.
 *
 * The body is upstream's bytes, never parsed or rewritten here.
 */
import type { Position } from './change.ts'

/**
 * What of one type an entry depends on. A coarse net: the change window uses it to find the *candidates* among many
 * changes; `affects` then decides about each. So it may name too much, never too little.
 */
export interface Dependency {
  readonly type: string
  /** Rows that the reply shows or links to: any change of them is a candidate. */
  readonly rows: readonly number[] | 'any'
  /** Fields whose change on *any* row of the type is a candidate (filters, sorts, deep paths). */
  readonly fields: readonly string[] | 'any'
  /** Whether a row of the type coming or going is a candidate whatever its id. */
  readonly presence: boolean
}

export interface EntryHead {
  /** `{scope}:{type}:{operation}:{digest}` */
  readonly key: string
  readonly scope: string
  /** The root type of the call: counts, TTL overrides and `inspect` go by it. */
  readonly type: string
  readonly stamp: Position
  /** Wall times, ms. Fresh until `freshUntil` (TTL), kept for grace until `keepUntil`. */
  readonly fetchedAt: number
  readonly freshUntil: number
  readonly keepUntil: number
}

export interface EntryContent {
  /** The canonical call, JSON. Compared on every look-up, so a digest collision cannot answer another question. */
  readonly call: string
  readonly dependencies: readonly Dependency[]
  /** Upstream's reply as it came. */
  readonly body: Buffer
}

export interface Entry extends EntryHead, EntryContent {
  /** The seq up to which this process has found no change that affects the entry; at least `stamp.seq`. */
  validatedSeq: number
  /** What this process has made of the body to show it: never stored, dropped with the entry, counted in its bytes. */
  attached?: Attachment
}

export interface Attachment {
  readonly bytes: number
}

/** Whether `other` is a younger fill of the same epoch, so that `entry` must not take its place (rule 12). */
export function isYounger(other: Entry, entry: Entry): boolean {
  return other.stamp.epoch === entry.stamp.epoch && other.stamp.seq > entry.stamp.seq
}

/**
 * The entry as it may be stored again after it passed a check: the stamp moves to where it is known to be true; fill
 * time and expiry stay (rule 12).
 */
export function restamped(entry: Entry): Entry {
  return { ...entry, stamp: { epoch: entry.stamp.epoch, seq: entry.validatedSeq } }
}

/** Bytes an entry takes in memory, as the byte bound counts it: body, call, dependencies, attachment, fixed overhead. */
export function entryBytes(entry: Entry): number {
  let dependencyBytes = 0
  for (const dependency of entry.dependencies) {
    const rows = dependency.rows === 'any' ? 0 : dependency.rows.length
    const fields = dependency.fields === 'any' ? 0 : dependency.fields.length
    dependencyBytes += 96 + rows * 8 + fields * 16
  }
  const attachedBytes = entry.attached?.bytes ?? 0
  return entry.body.length + entry.call.length + entry.key.length * 2 + dependencyBytes + attachedBytes + 400
}
