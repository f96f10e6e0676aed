/**
 * Calls about the site itself: `info` and the schema. Cached like reads, but their replies know no rows.
 *
 * `info` needs no credentials and is the same for everybody. The schema differs by caller (what is editable), project
 * and language: it belongs to the caller's scope, which the language is part of.
 */
import { createHash } from 'node:crypto'
import type { Loaded, Question } from '../../cache/answer.ts'
import { siteDependencies, siteReplyType } from '../../freshness/site-replies.ts'
import type { ShotGridClient } from '../../shotgrid/client.ts'

export interface SiteCall {
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
}

/** The call, or `undefined` if it asks for something that is not known. */
export function siteCall(method: string, args: unknown = {}): SiteCall | undefined {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return undefined
  const given = args as Readonly<Record<string, unknown>>
  const known = Object.entries(given).every(([name, value]) => (method === 'info' ? false : isKnown(name, value)))
  return known ? { method, args: given } : undefined
}

function isKnown(name: string, value: unknown): boolean {
  if (name === 'type' || name === 'field_name') return typeof value === 'string'
  return name === 'project' && projectOf({ project: value }) !== undefined
}

export function siteQuestion(scope: string, site: string, { method, args }: SiteCall): Question {
  const project = projectOf(args)
  const call = JSON.stringify({
    operation: method,
    type: args.type ?? null,
    field: args.field_name ?? null,
    project: project ?? null,
  })
  const digest = createHash('sha256').update(site).update('\n').update(call).digest('base64url').slice(0, 32)
  return { key: `${scope}:${siteReplyType}:${method}:${digest}`, scope, type: siteReplyType, call }
}

/** `maxTtlMs`: the longest that an answer of the caller's scope may live. */
export async function loadSiteCall(
  client: ShotGridClient,
  call: SiteCall,
  maxTtlMs: number,
  signal: AbortSignal,
): Promise<Loaded> {
  const body = await client.call(call.method, call.args, { idempotent: true, signal })
  const ttlMs = Math.min(call.method === 'info' ? infoTtlMs : schemaTtlMs, maxTtlMs)
  return { body, dependencies: siteDependencies(projectOf(call.args)), ttlMs, store: true }
}

/** A deleted field may leave no event. */
const schemaTtlMs = 600_000
const infoTtlMs = 300_000

function projectOf({ project }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof project !== 'object' || project === null) return undefined
  const { type, id } = project as { readonly type?: unknown; readonly id?: unknown }
  return (type === 'Project' || type === undefined) && typeof id === 'number' ? id : undefined
}
