/** What two answers must have in common to be the same answer. */
import { type Call, callArgs } from '../../src/shotgrid/call.ts'
import { isComputed, type Schema } from '../../src/shotgrid/schema.ts'

/** A reply as text, with what differs on every read masked: signatures of addresses, and the order of keys. */
export function answerText(reply: unknown): string {
  const { exception, message, results } = reply as { exception?: boolean; message?: string; results?: unknown }
  return exception ? `fault: ${message}` : JSON.stringify(results, masked)
}

function masked(_: string, value: unknown): unknown {
  if (typeof value === 'string') return /^https?:.*\?/.test(value) ? value.slice(0, value.indexOf('?')) : value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Whether the answer moves without anything being changed: by the clock, or by what is worked out on each read. */
export function movesWithTheClock(call: Call, schema: Schema): boolean {
  const text = JSON.stringify(callArgs(call))
  if (/"(not_)?in_(last|next)"|"in_calendar_/.test(text)) return true
  const names = new Set([...text.matchAll(/"([\w.]+)"/g)].flatMap((match) => match[1]!.split('.')))
  return [...names].some((name) => schema.types.some((type) => isComputed(schema.field(type, name)?.dataType ?? '')))
}
