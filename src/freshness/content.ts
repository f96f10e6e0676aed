/**
 * Whether a change may alter what the rows of a reply show.
 *
 * It cannot where no row of the reply shows the field, nor where every place that shows it has exactly the new value
 * already: the last of the changes after the stamp holds the final value, and if the others are excused as well, they
 * all said the same.
 */

import type { Change } from '../cache/change.ts'
import { displayNameFields, isLinkList } from '../shotgrid/schema.ts'
import type { CompiledCall } from './compiled-call.ts'
import type { Effect } from './effects.ts'
import { makesName } from './implied-fields.ts'
import type { LinkedRow } from './reply-view.ts'
import { nothingSaid, type Said } from './said.ts'
import type { Step } from './steps.ts'
import type { Subject } from './subject.ts'
import { sameRow } from './truth.ts'

export function altersContent(effect: Effect, subject: Subject, isForeign: boolean): boolean {
  const fields = subject.call.shown.steps.get(effect.type)
  if (!fields) return false
  const alters = (name: string, said: Said): boolean =>
    fields.get(name)?.some((step) => !(isForeign && step.depth === 0) && altersStep(step, effect, said, subject)) ??
    false
  if (effect.field === 'any') return [...fields.keys()].some((name) => alters(name, nothingSaid))
  return alters(effect.field, effect.said) || effect.implied.some((name) => alters(name, nothingSaid))
}

function altersStep(step: Step, effect: Effect, said: Said, subject: Subject): boolean {
  if (subject.isBarred(step, effect)) return false
  const rows = subject.rowsShowing(step, effect)
  return rows.some((row) => !(step.isLast && showsAlready(row[step.path], said, step.dataType)))
}

/** The place shows exactly what the change says. */
function showsAlready(shown: unknown, said: Said, dataType: string): boolean {
  if (isLinkList(dataType)) return showsList(shown, said)
  if (said.new === undefined || !comparable.has(dataType)) return false
  return shown === said.new || (dataType === 'entity' && sameRow(shown, said.new) === true)
}

/** All that was added is there, nothing that was removed is. Other members have changes of their own. */
function showsList(shown: unknown, { added, removed }: Said): boolean {
  if (!Array.isArray(shown) || !added || !removed || added.length + removed.length === 0) return false
  const isShown = (row: unknown) => shown.some((link) => sameRow(link, row) === true)
  return added.every(isShown) && !removed.some(isShown)
}

/** Data types whose values are spelled alike in changes and replies, if they are equal. */
const comparable = new Set(
  ['text', 'number', 'percent', 'duration', 'timecode', 'footage', 'checkbox', 'date', 'date_time'].concat([
    ...['list', 'status_list', 'color', 'uuid', 'entity_type', 'entity'],
  ]),
)

/** Whether a change may alter what links to its rows show: their names, or that they are there at all. */
export function altersLinks(change: Change, subject: Subject): boolean {
  const { type, kind, ids } = change
  if (kind === 'create' || !mayLinkTo(type, subject.call)) return false
  const namesIt = makesName(type, change.field)
  // Only by parsing one finds out that a link shows more than a name, which few types' links ever do.
  if (ids !== 'any' && !ids.some((id) => subject.mayHold(type, id))) return false
  const linked = subject.view.linked.get(type)
  if (!linked) return false
  const concerned = ids === 'any' ? [...linked.values()] : ids.flatMap((id) => linked.get(id) ?? [])
  return concerned.some((row) => {
    if (kind !== 'change' || shownWhole.has(type) || row.showsMore) return true
    return namesIt && !showsName(row, change)
  })
}

function showsName({ names }: LinkedRow, { type, field, new: name }: Change): boolean {
  return typeof name === 'string' && displayNameFields(type)?.[0] === field && names.size === 1 && names.has(name)
}

/** A file's value shows all of its rows: paths, storage, type. */
const shownWhole = new Set(['Attachment', 'LocalStorage'])

/** Whether links to rows of the type can stand in the reply at all. */
function mayLinkTo(type: string, { call, shown, asked, shownPaths }: CompiledCall): boolean {
  if (call.operation === 'summarize') return asked.linksTo.has(type)
  return (
    shown.linksTo.has(type) ||
    (type === 'LocalStorage' && shown.linksTo.has('Attachment')) ||
    hasOpaque(shown, shownPaths)
  )
}

/** Fields of which it is not known what they hold. */
function hasOpaque({ steps }: CompiledCall['shown'], paths: ReadonlySet<string>): boolean {
  for (const fields of steps.values()) {
    for (const found of fields.values()) {
      if (found.some((step) => paths.has(step.path) && step.isLast && opaque.has(step.dataType))) return true
    }
  }
  return false
}

const opaque = new Set(['serializable', 'unknown', 'calculated', 'summary', 'pivot_column'])
