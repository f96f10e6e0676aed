/**
 * Values as the event log spells them, brought to the spelling of replies.
 *
 * `undefined` is "unknown": media values are numbers of files rather than what a reply shows, large values are cut,
 * some spellings cannot be compared with a reply's. What is unknown excuses nothing, so in doubt a value is unknown.
 */
import type { RowRef } from '../cache/change.ts'

/** A value of a field of `dataType`, as a reply would show it, or `undefined` if that is not certain. */
export function eventValue(dataType: string, raw: unknown): unknown {
  if (raw === undefined) return undefined
  if (raw === null) return unknownTypes.has(dataType) ? undefined : null
  return spellings[dataType]?.(raw)
}

/** The links of an `added` or `removed` list, trimmed; `undefined` unless all of them can be read. */
export function eventLinks(raw: unknown): readonly RowRef[] | undefined {
  if (!Array.isArray(raw)) return undefined
  const links = raw.map(link)
  return links.every((item) => item !== undefined) ? links : undefined
}

/** Whether the site says that it left values out of the event, as it does above a size. */
export function isTruncated(meta: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(meta).some(([key, value]) => /truncat|warning/i.test(key) && Boolean(value))
}

/** Nothing certain can be said of these, not even that they are empty. */
const unknownTypes = new Set(['image', 'url', 'serializable', 'password', 'calculated', 'summary', 'pivot_column'])

const text = (raw: unknown) => {
  // Empty text is stored as null, and replies escape `<`: neither can be compared by spelling.
  return typeof raw === 'string' && raw !== '' && !raw.includes('&') && !raw.includes('<') ? raw : undefined
}
const number = (raw: unknown) => (typeof raw === 'number' ? raw : undefined)
const integer = (raw: unknown) => (Number.isInteger(raw) ? raw : undefined)

const spellings: Readonly<Record<string, (raw: unknown) => unknown>> = {
  text,
  list: text,
  status_list: text,
  uuid: text,
  entity_type: text,
  color: text,
  footage: text,
  number: integer,
  percent: integer,
  duration: integer,
  timecode: integer,
  float: number,
  currency: number,
  checkbox: (raw) => (typeof raw === 'boolean' ? raw : undefined),
  date: (raw) => (typeof raw === 'string' && /^\d{4}-\d\d-\d\d$/.test(raw) ? raw : undefined),
  date_time: (raw) => (typeof raw === 'string' ? dateTime(raw) : undefined),
  entity: link,
}

/** `2015-07-13 21:54:01 UTC` as `2015-07-13T21:54:01Z`. Fractions of a second have no spelling in replies. */
function dateTime(raw: string): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?: UTC|Z)$/.exec(raw)
  return parts ? `${parts[1]}T${parts[2]}Z` : undefined
}

/** A link that is not `valid` reads null or is left out, depending on the field: unknown. */
function link(raw: unknown): (RowRef & { readonly name?: string }) | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const { type, id, name, valid } = raw as Readonly<Record<string, unknown>>
  if (typeof type !== 'string' || !Number.isInteger(id)) return undefined
  if (valid !== undefined && valid !== null && valid !== 'valid') return undefined
  return { type, id: id as number, ...(typeof name === 'string' && { name }) } // isInteger says that it is a number
}
