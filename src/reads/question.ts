/**
 * From a call to the question the cache knows: `{scope}:{type}:{operation}:{digest}`.
 *
 * The digest covers the site and the canonical call, 192 bits of SHA-256; the canonical text itself is kept in the
 * entry and compared, so even a collision cannot answer another question.
 */
import { createHash } from 'node:crypto'
import type { Question } from '../cache/cache.ts'
import { type Call, callText } from '../shotgrid/call.ts'

export function questionOf(scope: string, site: string, call: Call): Question {
  const text = callText(call)
  const digest = createHash('sha256').update(site).update('\n').update(text).digest('base64url').slice(0, 32)
  return { key: `${scope}:${call.type}:${call.operation}:${digest}`, scope, type: call.type, call: text }
}
