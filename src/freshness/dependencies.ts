/**
 * What a reply depends on: a coarse net, by which the changes that may concern it are found among many.
 *
 * Always true: a change that `affects` says yes to is in the net. The net may hold more. It knows
 *
 * - rows: those the reply shows, and those its links lead to, for their names and their retirement;
 * - fields, whichever row has them: filters, orders, paths whose rows the reply does not show, possible inverses;
 * - presence: whether rows come and go.
 */
import type { Dependency } from '../cache/entry.ts'
import type { Call } from '../shotgrid/call.ts'
import { displayNameFields, type Schema } from '../shotgrid/schema.ts'
import { type CompiledCall, compileCall } from './compiled-call.ts'
import { announcers } from './implied-fields.ts'
import { Net } from './net.ts'
import { ReplyView } from './reply-view.ts'
import { restricted } from './scopes.ts'
import type { Step } from './steps.ts'
import { isRow } from './truth.ts'
import type { Uses } from './uses.ts'

/** `sees`: whether permission rules may hide rows or fields from who asked. */
export function dependenciesOf(
  call: Call,
  body: Buffer,
  schema: Schema,
  sees: 'everything' | 'restricted' = 'everything',
): readonly Dependency[] {
  const compiled = compileCall(call, schema)
  const net = new Net()
  addRows(net, compiled, new ReplyView(body))
  for (const step of stepsIn(compiled.shown)) if (isFarUnseen(step, compiled)) addField(net, step)
  for (const step of stepsIn(compiled.asked)) if (step.depth > 0 || !compiled.ids) addField(net, step)
  for (const type of compiled.names) net.fields(type, displayNameFields(type) ?? 'any')
  addLinks(net, compiled.shown, () => false)
  addLinks(net, compiled.asked, (step) => isOfNamedRows(step, compiled))
  const dependencies = net.dependencies()
  return sees === 'everything' ? dependencies : restricted(dependencies)
}

function addRows(net: Net, { call, ids }: CompiledCall, view: ReplyView): void {
  net.rows(
    call.type,
    view.rows.map((row) => row.id),
  )
  if (ids) net.rows(call.type, ids)
  else net.presence(call.type)
  for (const [type, rows] of view.linked) net.rows(type, rows.keys())
}

function* stepsIn(uses: Uses): Generator<Step> {
  for (const fields of uses.steps.values()) for (const steps of fields.values()) yield* steps
}

/** The reply does not show which rows the path leads through. */
function isFarUnseen(step: Step, { shownPaths }: CompiledCall): boolean {
  return step.depth > 0 && !shownPaths.has(step.prefix)
}

function addField(net: Net, { type, field }: Step): void {
  net.fields(type, announcers(type, field))
}

/** Rows that links lead to come and go; links back to the link's row, and the rows that hold lists, change. */
function addLinks(net: Net, uses: Uses, isOfKnownRows: (step: Step) => boolean): void {
  for (const [type, steps] of uses.linksTo) {
    for (const step of steps) {
      if (isOfKnownRows(step)) net.rows(type, namedRows(uses, step, type))
      else net.presence(type)
    }
  }
  for (const [type, fields] of uses.inverses) {
    net.fields(type, [...fields.keys()])
    net.presence(type)
  }
  for (const type of uses.connections.keys()) {
    net.fields(type, 'any')
    net.presence(type)
  }
}

/** A condition on a link that only the rows it names can turn: for all others it is as false, or as true, without. */
function isOfNamedRows(step: Step, { asked }: CompiledCall): boolean {
  const steps = asked.steps.get(step.type)?.get(step.field) ?? []
  return steps.every(
    ({ isLast, leaf, role }) =>
      isLast && role === 'filter' && leaf !== undefined && byRow.has(leaf.relation) && leaf.values.every(isRow),
  )
}

const byRow = new Set(['is', 'is_not', 'in', 'not_in'])

function namedRows(uses: Uses, { type, field }: Step, target: string): readonly number[] {
  const leaves = (uses.steps.get(type)?.get(field) ?? []).flatMap(({ leaf }) => leaf?.values ?? [])
  return leaves.filter(isRow).flatMap((row) => (row.type === target ? [row.id] : []))
}
