/**
 * What a change says of one field: the value before, the value after, or what came to and went from a list.
 *
 * Absent means unknown, as in the change itself. The questions asked of it: does a condition hold before, does it hold
 * after, and is it certain that the change left it as it was.
 */
import type { Change, RowRef } from '../cache/change.ts'
import { isLinkList } from '../shotgrid/schema.ts'
import { all, type Condition, holds, isRow, not, sameRow, some, type Truth } from './truth.ts'

export interface Said {
  readonly old?: unknown
  readonly new?: unknown
  readonly added?: readonly RowRef[]
  readonly removed?: readonly RowRef[]
  /** The value before is not what the change says: a write asks for a row to be added that may be there already. */
  readonly oldUnproven?: boolean
}

export const nothingSaid: Said = {}

export function saidBy(change: Change): Said {
  return change.source === 'event' || change.source === 'webhook' ? change : { ...change, oldUnproven: true }
}

export function holdsAfter(condition: Condition, said: Said): Truth {
  if (isLinkList(condition.dataType)) return listHolds(condition, listOf(said.new, said.added, said.removed))
  return holds(condition, said.new)
}

export function holdsBefore(condition: Condition, said: Said): Truth {
  if (said.oldUnproven) return undefined
  if (isLinkList(condition.dataType)) return listHolds(condition, listOf(said.old, said.removed, said.added))
  return holds(condition, said.old)
}

/** Whether the condition is certain to be as true after the change as it was before, whichever that is. */
export function keeps(condition: Condition, said: Said): boolean {
  if (changesNothing(said) || isUntouched(condition, said)) return true
  const before = holdsBefore(condition, said)
  return before !== undefined && before === holdsAfter(condition, said)
}

/** The change says the same value before and after. */
export function changesNothing({ old: before, new: after, oldUnproven }: Said): boolean {
  if (before === undefined || after === undefined || oldUnproven) return false
  return before === after || sameRow(before, after) === true
}

/** A list condition that asks for certain rows, none of which came or went. */
function isUntouched({ dataType, relation, values }: Condition, { added, removed }: Said): boolean {
  if (!isLinkList(dataType) || !added || !removed || !byRow.has(relation) || !values.every(isRow)) return false
  return [...added, ...removed].every((moved) => !values.some((wanted) => sameRow(wanted, moved)))
}

const byRow = new Set(['is', 'is_not', 'in', 'not_in'])

/** What is known of a list of links. */
interface List {
  readonly inside: readonly RowRef[]
  readonly outside: readonly RowRef[]
  /** Nothing else is inside. */
  readonly isWhole: boolean
}

function listOf(whole: unknown, inside?: readonly RowRef[], outside?: readonly RowRef[]): List {
  if (Array.isArray(whole) && whole.every(isRow)) return { inside: whole, outside: [], isWhole: true }
  const isClear = inside && outside && !inside.some((row) => outside.some((other) => sameRow(row, other)))
  return isClear ? { inside, outside, isWhole: false } : { inside: [], outside: [], isWhole: false }
}

function listHolds({ dataType, relation, values }: Condition, list: List): Truth {
  if (relation === 'is_not') return not(listHolds({ dataType, relation: 'is', values }, list))
  if (relation === 'not_in') return not(listHolds({ dataType, relation: 'in', values }, list))
  if (relation === 'is' && values.length === 1) return values[0] === null ? isEmpty(list) : contains(list, values[0])
  return relation === 'in' && values.every(isRow) ? some(values.map((wanted) => contains(list, wanted))) : undefined
}

function contains(list: List, wanted: unknown): Truth {
  if (!isRow(wanted)) return undefined
  if (list.inside.some((row) => sameRow(row, wanted))) return true
  return list.isWhole || list.outside.some((row) => sameRow(row, wanted)) ? false : undefined
}

function isEmpty(list: List): Truth {
  if (list.inside.length > 0) return false
  return list.isWhole ? true : undefined
}

export function allHoldAfter(conditions: readonly Condition[], said: Said): Truth {
  return all(conditions.map((condition) => holdsAfter(condition, said)))
}

export function allHoldBefore(conditions: readonly Condition[], said: Said): Truth {
  return all(conditions.map((condition) => holdsBefore(condition, said)))
}
