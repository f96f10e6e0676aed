/** Puts the question of an entry to the site again, with the credentials of the entry's scope. */
import type { Entry } from '../cache/entry.ts'
import { cacheability } from '../freshness/cacheability.ts'
import { siteReplyType } from '../freshness/site-replies.ts'
import type { Scope } from '../reads/reader.ts'
import { callArgs, parseCall } from '../shotgrid/call.ts'
import type { Schema } from '../shotgrid/schema.ts'

/** Replies that may live no longer than this answer by the clock, or with what no event tells of. */
const SHORT_LIVED_MS = 60_000

/**
 * The reply as it is now; `undefined` if no credentials for the scope are held here, or if the reply may differ without
 * anything being wrong.
 */
export async function askAgain(
  entry: Entry,
  schema: Schema,
  scopeOf: (name: string) => Scope | undefined,
  signal?: AbortSignal,
): Promise<Buffer | undefined> {
  const scope = scopeOf(entry.scope)
  if (!scope || entry.type === siteReplyType) return undefined
  const call = parseCall(entry.call)
  const { store, maxTtlMs } = cacheability(call, schema)
  if (store !== true || (maxTtlMs ?? Number.POSITIVE_INFINITY) <= SHORT_LIVED_MS) return undefined
  return scope.client.call(call.operation, callArgs(call), { idempotent: true, ...(signal && { signal }) })
}
