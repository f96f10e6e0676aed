/**
 * What a change comes to, as *effects*: a field of some rows may have got another value, so or so.
 *
 * A change has the effect it tells of, and others it does not: on `updated_at` and other implied fields of the row; on
 * links to a row that was retired or revived; on the inverse of a link; on the lists that a connection row belongs to.
 * The untold ones are possibilities: that they come to nothing is always possible too, and does not matter.
 */
import type { Change, RowRef } from '../cache/change.ts'
import { joinedRows } from './connection-ends.ts'
import { impliedFields } from './implied-fields.ts'
import { nothingSaid, type Said, saidBy } from './said.ts'
import { isList, type Step } from './steps.ts'
import { isRow } from './truth.ts'
import type { Uses } from './uses.ts'

export interface Effect {
  readonly type: string
  readonly ids: readonly number[] | 'any'
  /** `any` if it is not known which. */
  readonly field: string
  readonly said: Said
  /** Fields of the same row that may have moved along. */
  readonly implied: readonly string[]
  /** Only rows that linked to one of these are concerned. */
  readonly holders?: readonly RowRef[]
  /** The effect that the change tells of; the others are possibilities. */
  readonly isTold: boolean
}

/** The effects that may concern these uses. */
export function effectsOf(change: Change, uses: Uses): readonly Effect[] {
  const effects: Effect[] = []
  if (change.kind === 'change' && uses.steps.has(change.type)) effects.push(toldEffect(change))
  if (change.kind === 'retire' || change.kind === 'revive') {
    for (const link of uses.linksTo.get(change.type) ?? []) effects.push(...linkEffects(change, link))
  }
  return change.isConsequence ? effects : [...effects, ...furtherEffects(change, uses)]
}

/** What a consequence does not bring along, since all that follows is told with the change that it follows from. */
function furtherEffects(change: Change, uses: Uses): readonly Effect[] {
  const isMove = change.kind === 'retire' || change.kind === 'revive'
  const inverses = isMove ? undefined : uses.inverses.get(change.type)
  const lists = uses.connections.get(change.type) ?? []
  return [
    ...(inverses ? inverseEffects(change, inverses) : []),
    ...lists.map((list) => effectOn(list, joinedRows(change, list.type), nothingSaid)),
  ]
}

function toldEffect(change: Change): Effect {
  const { type, ids, field, added, removed } = change
  // Whichever row it is, it has lost these.
  const holders = ids === 'any' && added?.length === 0 && removed && removed.length > 0 ? removed : undefined
  return {
    type,
    ids,
    field,
    said: saidBy(change),
    implied: field === 'any' ? [] : impliedFields(type, field),
    isTold: true,
    ...(holders && { holders }),
  }
}

function effectOn(link: Step, ids: readonly number[] | 'any', said: Said, holder?: RowRef): Effect {
  return {
    type: link.type,
    ids,
    field: link.field,
    said,
    implied: [],
    isTold: false,
    ...(holder && { holders: [holder] }),
  }
}

/** A retired row vanishes from every link to it, a revived one is back. */
function linkEffects(change: Change, link: Step): readonly Effect[] {
  const refs = refsOf(change)
  if (!refs) return [effectOn(link, 'any', nothingSaid)]
  return refs.map((ref) =>
    change.kind === 'retire'
      ? effectOn(link, 'any', loss(link, ref), ref)
      : effectOn(link, 'any', isList(link) ? gain(link, ref) : { old: null, new: ref }),
  )
}

function inverseEffects(change: Change, inverses: ReadonlyMap<string, readonly Step[]>): readonly Effect[] {
  return [...moves(change, [...inverses.keys()])].flatMap(([field, said]) =>
    (inverses.get(field) ?? []).flatMap((link) => inverseEffect(change, link, said)),
  )
}

/** The fields that changed and may be links, with what is told of them. */
function* moves(change: Change, links: readonly string[]): Generator<[string, Said]> {
  if (change.kind === 'change' && change.field !== 'any') {
    yield [change.field, saidBy(change)]
  } else if (change.kind === 'create' && change.values) {
    // A link that a create does not name is empty, or has a change of its own.
    for (const field of links) if (field in change.values) yield [field, bornWith(change.values[field])]
  } else if (change.kind === 'create' || change.kind === 'change') {
    for (const field of links) yield [field, saidOf(change, field)]
  }
}

/** Any field may have changed; what they are now may be known. */
function saidOf({ values }: Change, field: string): Said {
  return values && field in values ? { new: values[field], oldUnproven: true } : nothingSaid
}

function bornWith(value: unknown): Said {
  return Array.isArray(value) ? { added: value.filter(isRow), removed: [] } : { old: null, new: value }
}

/** The rows that the changed link now leads to may have gained a link back, those it led to may have lost one. */
function inverseEffect(change: Change, link: Step, said: Said): readonly Effect[] {
  const gained = targetsIn(link.type, said.new, said.added)
  const lost = targetsIn(link.type, said.oldUnproven ? undefined : said.old, said.removed)
  const refs = refsOf(change)
  if (!refs || refs.length > manyRows) {
    const either = gained === 'any' || lost === 'any' ? 'any' : [...gained, ...lost]
    return isNone(either) ? [] : [effectOn(link, either, nothingSaid)]
  }
  return refs.flatMap((ref) => [
    ...(isNone(gained) ? [] : [effectOn(link, gained, gain(link, ref))]),
    ...(isNone(lost) ? [] : [effectOn(link, lost, loss(link, ref), ref)]),
  ])
}

/** A change of more rows than this is not looked at row by row. */
const manyRows = 50

/** Ids of the rows of a type that a value links to, `any` if the value is not known. */
function targetsIn(type: string, value: unknown, listed: readonly RowRef[] | undefined): readonly number[] | 'any' {
  const links = listed ?? (Array.isArray(value) ? value : value === null ? [] : [value])
  return links.every(isRow) ? links.filter((link) => link.type === type).map((link) => link.id) : 'any'
}

function isNone(ids: readonly number[] | 'any'): boolean {
  return ids !== 'any' && ids.length === 0
}

function gain(link: Step, ref: RowRef): Said {
  return isList(link) ? { added: [ref], removed: [] } : { new: ref }
}

/** What else a single link may lead to afterwards is told by that other row, or by the link itself. */
function loss(link: Step, ref: RowRef): Said {
  return isList(link) ? { added: [], removed: [ref] } : { old: ref, new: null }
}

function refsOf({ type, ids }: Change): readonly RowRef[] | undefined {
  return ids === 'any' ? undefined : ids.map((id) => ({ type, id }))
}
