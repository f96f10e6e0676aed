/**
 * Whether a reply may be stored, and for how long at most, where the change log alone cannot keep it true.
 *
 * Not stored: what depends on who asks, what changes by itself all the time, and what cannot be reasoned about. Stored
 * for a short while: what moves with the clock, what is worked out on each read without any event, links to files that
 * expire.
 */
import type { Call } from '../shotgrid/call.ts'
import { isComputed, isPerUser, type Schema } from '../shotgrid/schema.ts'
import { type CompiledCall, compileCall, isRead } from './compiled-call.ts'
import { isConnection } from './connection-ends.ts'
import { ReplyView } from './reply-view.ts'
import { signaturesEndAt } from './signatures.ts'
import type { Step } from './steps.ts'

export interface Cacheability {
  /** True, or why the reply is not stored. */
  readonly store: true | string
  readonly maxTtlMs?: number
  /** Wall time, ms, from which it is of no use whatever its TTL. */
  readonly endsAt?: number
}

/** A bound of the error, where the clock decides: `in_last`, `in_calendar_day`, groups such as "last week". */
const relativeDateTtlMs = 30_000

/** A bound of the error, where no event tells of a change. */
const unannouncedTtlMs = 60_000

/** Signed addresses were seen to live for 650 s and more; many tell it themselves. */
const signedTtlMs = 600_000

/** Whoever is given a signed address needs a moment to fetch what is there, and clocks differ. */
const signedMarginMs = 50_000

/** `body` is the reply, if there is one: some reasons stand only there. */
export function cacheability(call: Call, schema: Schema, body?: Buffer): Cacheability {
  const compiled = compileCall(call, schema)
  const reason = reasonNotToStore(compiled, schema, body)
  if (reason) return { store: reason }
  const caps = [...ttlCaps(compiled)]
  const endsAt = body && showsFiles(compiled) ? signaturesEndAt(body) : undefined
  return {
    store: true,
    ...(caps.length > 0 && { maxTtlMs: Math.min(...caps) }),
    ...(endsAt !== undefined && { endsAt: endsAt - signedMarginMs }),
  }
}

function reasonNotToStore(compiled: CompiledCall, schema: Schema, body: Buffer | undefined): string | undefined {
  const { call } = compiled
  if (!schema.has(call.type)) return `unknown type ${call.type}`
  if (isRestless(call.type)) return `${call.type} rows change all the time`
  if (isRead(call) && call.presets.length > 0) return 'filter preset'
  const perUser = [...pathsOf(compiled)].find((path) => path.split('.').some(isPerUser))
  if (perUser) return `per-user field ${perUser}`
  return compiled.unreadable ?? unknownField(compiled, schema, body) ?? transientImage(body)
}

/** The site makes such rows itself, constantly, without events; the event log must be read fresh. */
function isRestless(type: string): boolean {
  return isConnection(type) || ['EventLogEntry', 'Page', 'PageHit', 'PageSetting'].includes(type)
}

function* pathsOf({ call, shownPaths, asked }: CompiledCall): Generator<string> {
  yield* shownPaths
  for (const fields of asked.steps.values())
    for (const steps of fields.values()) for (const { path } of steps) yield path
  if (isRead(call)) for (const { path } of call.sorts) yield path
}

/**
 * A filter on a field that no schema names cannot be judged. A returned one is left out by the site, until the schema
 * changes; if the site answers it all the same, it is a field that nobody knows anything of. A sort by one is ignored.
 */
function unknownField({ call, asked, shownPaths }: CompiledCall, schema: Schema, body?: Buffer): string | undefined {
  const filters = [...(asked.steps.get(call.type)?.values() ?? [])].flat().filter((step) => step.role === 'filter')
  const filter = filters.find((step) => step.dataType === 'unknown')
  if (filter) return `unknown field ${filter.path}`
  const unknown = [...shownPaths].filter((path) => path !== 'type' && !schema.resolve(call.type, path))
  if (unknown.length === 0) return undefined
  const rows = body ? new ReplyView(body).rows : []
  const answered = unknown.find((path) => !body || rows.some((row) => path in row))
  return answered && `unknown field ${answered}`
}

/** A picture that is still being made stands under an address of its own until it is ready. */
function transientImage(body: Buffer | undefined): string | undefined {
  const isTransient = body?.includes('/images/status/transient/') || body?.includes('\\/images\\/status\\/transient\\/')
  return isTransient ? 'transient thumbnail' : undefined
}

function* ttlCaps(compiled: CompiledCall): Generator<number> {
  const { call, asked, shown } = compiled
  for (const step of stepsIn(asked)) {
    if (step.leaf && isRelativeDate(step.leaf.relation)) yield relativeDateTtlMs
    if (isUnannounced(step)) yield unannouncedTtlMs
  }
  for (const step of stepsIn(shown)) {
    if (isUnannounced(step)) yield unannouncedTtlMs
  }
  if (showsFiles(compiled)) yield signedTtlMs
  if (!isRead(call) && call.grouping.some(({ type }) => relativeGroupings.has(type))) yield relativeDateTtlMs
}

function showsFiles({ shown }: CompiledCall): boolean {
  return [...stepsIn(shown)].some(({ isLast, dataType }) => isLast && (dataType === 'image' || dataType === 'url'))
}

function* stepsIn(uses: CompiledCall['asked']): Generator<Step> {
  for (const fields of uses.steps.values()) for (const steps of fields.values()) yield* steps
}

function isRelativeDate(relation: string): boolean {
  return /^(not_)?in_(last|next|calendar_\w+)$/.test(relation)
}

/** Computed when read, or written by the site without an event. */
function isUnannounced({ dataType, field }: Step): boolean {
  return isComputed(dataType) || field === 'followers' || field === 'following'
}

const relativeGroupings = new Set(['clustered_date', 'oneday', 'fivedays'])
