/**
 * Tells whether a change may have made an entry untrue.
 *
 * It looks at one change and one entry, and at nothing else: so order, repetition and late arrival of changes do not
 * matter, and an entry is true as long as none of the changes after its stamp affects it. It may err towards yes, which
 * costs one read upstream, never towards no.
 *
 * A change matters by *membership or order* (the rows in the result are others, or stand elsewhere) or by *content*
 * (they show something else). Both are judged per effect: what the change tells, and what it may bring along.
 *
 * Cost: a few microseconds. The reply is parsed only for changes of rows
 * that it holds, of fields that the call uses.
 */
import type { Change } from '../cache/change.ts'
import type { Entry } from '../cache/entry.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { CallCompiler, type CompiledCall } from './compiled-call.ts'
import { altersContent, altersLinks } from './content.ts'
import { effectsOf } from './effects.ts'
import { makesName } from './implied-fields.ts'
import { isNowOutside, movesByFarRows, movesByPresence, movesOwnRows } from './membership.ts'
import { ReplyViews } from './reply-view.ts'
import { allHoldAfter } from './said.ts'
import { altersAccess, mayAlterView } from './scopes.ts'
import { Subject } from './subject.ts'

export interface AffectsOptions {
  readonly schema: () => Schema
  /** The operator's word that no permission rule hides anything from the scope. */
  readonly seesEverything: (scope: string) => boolean
}

export type Affects = (change: Change, entry: Entry) => boolean

export function createAffects({ schema, seesEverything }: AffectsOptions): Affects {
  const compiler = new CallCompiler()
  const views = new ReplyViews()
  return (change, entry) => {
    if (change.scope !== undefined && change.scope !== entry.scope) return false
    if (change.kind === 'access') return change.scope !== undefined || !seesEverything(entry.scope)
    if (!rowKinds.has(change.kind) || change.type === '*') return concernsType(change.type, entry)
    const call = compiler.compile(entry.call, schema())
    if (call.unreadable) return true
    const subject = new Subject(call, entry, views)
    if (!seesEverything(entry.scope) && (altersAccess(change) || mayAlterView(change, subject))) return true
    const isForeign = isOfOtherRows(change, call)
    return movesRows(change, subject, isForeign) || changesContent(change, subject, isForeign)
  }
}

/** All other kinds, flush and schema and those not heard of, concern everything of their type. */
const rowKinds: ReadonlySet<string> = new Set(['change', 'create', 'retire', 'revive'])

function concernsType(type: string, entry: Entry): boolean {
  return type === '*' || type === entry.type || entry.dependencies.some((dependency) => dependency.type === type)
}

function movesRows(change: Change, subject: Subject, isForeign: boolean): boolean {
  const { call } = subject
  if (!isForeign && movesByPresence(change, subject)) return true
  if (call.names.has(change.type) && change.kind === 'change' && makesName(change.type, change.field)) return true
  const effects = effectsOf(change, call.asked)
  const staysOut = isForeign || (change.type === call.call.type && isNowOutside(change, subject))
  return effects.some(
    (effect) => (!(staysOut && effect.isTold) && movesOwnRows(effect, subject)) || movesByFarRows(effect, subject),
  )
}

function changesContent(change: Change, subject: Subject, isForeign: boolean): boolean {
  if (subject.call.call.operation === 'summarize') return altersLinks(change, subject)
  return (
    effectsOf(change, subject.call.shown).some((effect) =>
      altersContent(effect, subject, isForeign && effect.isTold),
    ) || altersLinks(change, subject)
  )
}

/**
 * The changed rows are of a project, or have ids, that the filter excludes, so they were not and are not in the
 * result. That goes for the rows as rows asked for: links and paths may still lead to them.
 *
 * The project is believed only where an event tells it, and not of a change of the project itself: that one may carry
 * the project before.
 */
function isOfOtherRows(change: Change, { call, ids, own }: CompiledCall): boolean {
  if (change.type !== call.type) return false
  if (ids && (change.ids === 'any' ? ids.size === 0 : !change.ids.some((id) => ids.has(id)))) return true
  if (change.ids !== 'any' && change.ids.length > 1) return false
  if (change.project === undefined || (change.source !== 'event' && change.source !== 'webhook')) return false
  if (change.kind === 'change' && (change.field === 'project' || change.field === 'any')) return false
  const project = change.project === 'none' ? null : { type: 'Project', id: change.project }
  const field = own.get('project')
  return field !== undefined && allHoldAfter(field.top, { new: project }) === false
}
