/**
 * Whether a change may put rows into a result, take them out, or move them.
 *
 * One change is looked at alone, never a picture of the whole row: the other fields of the same transaction come as
 * changes of their own, in any order, and a picture that mixes their times excuses what it should not. What can be
 * excused by one change alone, and why it is sound, is this:
 *
 * - A change that *keeps* every condition on its field flips nothing, whatever the rest of the filter is.
 * - A row of the reply fulfilled all conditions that every row must fulfil, the *top* ones. If those are the only ones
 *   on the field and they hold after the change, they hold as before.
 * - A row outside the result that fails a top condition after the change stays outside. If the reply shows only part
 *   of the result, one cannot see that it was outside before; then it must fail before the change too.
 *
 * An unknown value, or a condition of which nobody can say whether it holds, excuses nothing.
 */
import type { Change } from '../cache/change.ts'
import { isLinkList } from '../shotgrid/schema.ts'
import type { OwnField } from './compiled-call.ts'
import type { Effect } from './effects.ts'
import { allHoldAfter, allHoldBefore, changesNothing, keeps, nothingSaid, type Said } from './said.ts'
import type { Step } from './steps.ts'
import type { Subject } from './subject.ts'

/** An effect on a field of the rows asked for. */
export function movesOwnRows(effect: Effect, subject: Subject): boolean {
  const { call } = subject.call
  if (effect.type !== call.type) return false
  const fields = usedFields(effect, subject)
  if (fields.length === 0) return false
  const ids = effect.ids === 'any' ? effect.ids : effect.ids.filter((id) => subject.call.ids?.has(id) ?? true)
  if (ids === 'any') return fields.some((field) => movesAny(field, subject))
  return ids.some((id) => (subject.shownRow(id) ? movesInside(fields) : movesOutside(fields, effect, subject)))
}

type FieldSaid = readonly [field: OwnField, said: Said]

/** The fields concerned that the filter or the order uses, with what is said of them. */
function usedFields(effect: Effect, subject: Subject): readonly FieldSaid[] {
  const { own } = subject.call
  if (effect.field === 'any') return [...own.values()].map((field) => [field, nothingSaid])
  const told = own.get(effect.field)
  const implied = effect.implied.flatMap((name): FieldSaid[] => {
    const field = own.get(name)
    return field ? [[field, nothingSaid]] : []
  })
  return told ? [[told, effect.said], ...implied] : implied
}

function movesInside(fields: readonly FieldSaid[]): boolean {
  return fields.some(([field, said]) => !staysInside(field, said))
}

function movesOutside(fields: readonly FieldSaid[], effect: Effect, subject: Subject): boolean {
  // Fails a condition by what is told of the one field: where the others went with it makes no difference.
  const told = subject.call.own.get(effect.field)
  if (told && isOutside(told, effect.said, subject)) return false
  return fields.some(([field, said]) => !staysOutside(field, said, subject))
}

/** Rows that are not known: some may be in the reply, some not. */
function movesAny([field, said]: FieldSaid, subject: Subject): boolean {
  if (!staysOutside(field, said, subject)) return true
  return !staysInside(field, said) && subject.view.rows.length > 0
}

function staysInside(field: OwnField, said: Said): boolean {
  if (changesNothing(said)) return true
  if (field.isOrder) return false
  if (keepsAll(field, said)) return true
  const isSimple = !field.isHop && field.leaves.length === field.top.length
  return isSimple && allHoldAfter(field.top, said) === true
}

function staysOutside(field: OwnField, said: Said, subject: Subject): boolean {
  if (changesNothing(said)) return true
  const isKept = keepsAll(field, said)
  if (isKept && !field.isOrder) return true
  return isOutside(field, said, subject) || (isKept && subject.extent === 'complete')
}

/** Not in the result, as far as this field tells, before and after. */
function isOutside(field: OwnField, said: Said, subject: Subject): boolean {
  if (field.top.length === 0 || allHoldAfter(field.top, said) !== false) return false
  return allHoldBefore(field.top, said) === false || subject.extent !== 'part'
}

function keepsAll(field: OwnField, said: Said): boolean {
  return !field.isHop && field.leaves.every((leaf) => keeps(leaf, said))
}

/** An effect on a field of far rows, at which paths of the filter or the order lead. */
export function movesByFarRows(effect: Effect, subject: Subject): boolean {
  const fields = subject.call.asked.steps.get(effect.type)
  if (!fields) return false
  const moves = (name: string, said: Said) => fields.get(name)?.some((step) => movesByStep(step, effect, said, subject))
  if (effect.field === 'any') return [...fields.keys()].some((name) => moves(name, nothingSaid))
  return moves(effect.field, effect.said) === true || effect.implied.some((name) => moves(name, nothingSaid))
}

function movesByStep(step: Step, effect: Effect, said: Said, subject: Subject): boolean {
  if (step.depth === 0 || changesNothing(said) || subject.isBarred(step, effect)) return false
  if (step.role === 'filter') return !(step.isLast && step.leaf && keeps(step.leaf, said))
  // Of a complete reply all rows that stand in an order are seen.
  const isSeen = subject.call.shownPaths.has(step.prefix) && subject.extent === 'complete'
  return !isSeen || subject.rowsReached(step, effect).length > 0
}

/** A row of the type asked for came into being, was retired or revived. */
export function movesByPresence(change: Change, subject: Subject): boolean {
  const { call, ids: asked } = subject.call
  const { kind } = change
  if (change.type !== call.type || kind === 'change') return false
  const isRetiredOnly = call.operation === 'read' && call.retired
  if (kind === 'create' && isRetiredOnly) return false
  if ((kind === 'create' || kind === 'retire') && !isRetiredOnly && isBornOutside(change, subject)) return false
  if (change.ids === 'any') return true
  const ids = change.ids.filter((id) => asked?.has(id) ?? true)
  const leaves = kind === (isRetiredOnly ? 'revive' : 'retire')
  return ids.some((id) => {
    if (leaves) return subject.extent === 'part' || subject.shownRow(id) !== undefined
    return kind === 'create' ? !showsBirth(id, subject) : true
  })
}

/**
 * Any field of a row may have changed, and by what they are now the row is outside, as it was if the reply shows all of
 * the result or its head.
 */
export function isNowOutside(change: Change, subject: Subject): boolean {
  if (change.kind !== 'change' || !change.values || change.ids === 'any' || subject.extent === 'part') return false
  return change.ids.every((id) => !subject.shownRow(id)) && isBornOutside(change, subject)
}

/** A value that the row was born with, or has now, fails a condition that every row of the result fulfils. */
function isBornOutside({ kind, values }: Change, subject: Subject): boolean {
  if (!values) return false
  return [...subject.call.own].some(([name, field]) => {
    const value = name in values ? values[name] : kind === 'create' ? emptyList(field) : undefined
    return value !== undefined && allHoldAfter(field.top, { new: value }) === false
  })
}

/** A list that a create does not name was empty at birth: what was put in has an event, and so a change, of its own. */
function emptyList({ top }: OwnField): [] | undefined {
  return top[0] && isLinkList(top[0].dataType) ? [] : undefined
}

/** The reply shows the row: it was read after the row came into being. */
function showsBirth(id: number, subject: Subject): boolean {
  const { call } = subject.call
  return call.operation === 'read' && call.paging !== 'counts' && subject.shownRow(id) !== undefined
}
