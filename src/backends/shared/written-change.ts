/**
 * A change as text, in a log that other versions of this program write to and read from (rule 7).
 *
 * What is not known means *yes*: a member that this version has not heard of may say more than the others do, so the
 * change is read as a `flush` of its type; a kind that is not known, or text that cannot be read, may be about
 * anything, and is read as a `flush` of all types. So a later version may add members that concern the rows of the
 * change's own type; what reaches further needs a kind of its own.
 */
import type { Change, ChangeKind, ChangeRecord, ChangeSource, Position } from '../../cache/change.ts'

export function writtenChange(record: ChangeRecord): string {
  return JSON.stringify(record)
}

/** `at`: when it was appended, wall time, ms. */
export function readChange(text: string, { epoch, seq }: Position, at: number): Change {
  return { ...recordIn(text), epoch, seq, at }
}

function recordIn(text: string): ChangeRecord {
  const written = parsed(text)
  const source = isSource(written?.source) ? written.source : 'write' // the one that may answer for least
  if (!written || !isComplete(written)) return { ...flushOfAll, source }
  const { type } = written
  const isKnown = Object.keys(written).every((name) => Object.hasOwn(members, name)) && source === written.source
  return isKnown ? written : { ...flushOfAll, source, type }
}

const flushOfAll = {
  kind: 'flush',
  type: '*',
  ids: 'any',
  field: 'any',
  reason: 'a change that this version cannot read',
} as const

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** What every change has, each of the kind it must be. What else it has is looked at where it is needed. */
function isComplete(
  written: Readonly<Record<string, unknown>>,
): written is Readonly<Record<string, unknown>> & ChangeRecord {
  const { kind, type, ids, field } = written
  const namesRows = ids === 'any' || (Array.isArray(ids) && ids.every((id) => typeof id === 'number'))
  return (
    typeof kind === 'string' &&
    Object.hasOwn(kinds, kind) &&
    typeof type === 'string' &&
    namesRows &&
    typeof field === 'string'
  )
}

function isSource(source: unknown): source is ChangeSource {
  return typeof source === 'string' && Object.hasOwn(sources, source)
}

const kinds: Record<ChangeKind, true> = {
  change: true,
  create: true,
  retire: true,
  revive: true,
  schema: true,
  access: true,
  flush: true,
}

const sources: Record<ChangeSource, true> = {
  event: true,
  write: true,
  sweep: true,
  audit: true,
  webhook: true,
  admin: true,
}

const members: Record<keyof ChangeRecord, true> = {
  source: true,
  kind: true,
  type: true,
  ids: true,
  field: true,
  old: true,
  new: true,
  added: true,
  removed: true,
  values: true,
  project: true,
  scope: true,
  eventId: true,
  eventAt: true,
  transaction: true,
  isConsequence: true,
  actor: true,
  reason: true,
}
