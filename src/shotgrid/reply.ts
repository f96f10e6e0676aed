/**
 * Reads a reply of `read` without parsing it: where in the bytes the rows stand, so that another envelope can be put
 * around them. Parsing is for those who need the values.
 *
 * The spans come from one pass over the bytes that knows strings and brackets only; a reply that is not
 * `{"results": {"entities": [...]}}` throws `MalformedReply`.
 */
import type { Fault, ReadResults } from './wire.ts'

/** Bytes `start` to `end` (exclusive) of a reply. */
export interface Span {
  readonly start: number
  readonly end: number
}

export class MalformedReply extends Error {
  constructor(reason: string) {
    super(`ShotGrid's reply is not what a read answers: ${reason}`)
    this.name = 'MalformedReply'
  }
}

/** The bytes of `results.entities`, brackets included. */
export function entitiesSpan(body: Buffer): Span {
  const results = memberSpan(body, { start: 0, end: body.length }, 'results')
  const entities = results && memberSpan(body, results, 'entities')
  if (!entities || body[entities.start] !== BRACKET) throw new MalformedReply('no results.entities')
  return entities
}

/** The bytes of each element of the array at `span`. */
export function elementSpans(body: Buffer, span: Span): Span[] {
  const elements: Span[] = []
  let at = skipBlanks(body, span.start + 1)
  while (at < span.end && body[at] !== BRACKET_END) {
    const end = valueEnd(body, at)
    elements.push({ start: at, end })
    at = skipBlanks(body, end)
    if (body[at] === COMMA) at = skipBlanks(body, at + 1)
  }
  return elements
}

export function parseRead(body: Buffer): ReadResults {
  const { results } = JSON.parse(body.toString('utf8')) as { results?: ReadResults }
  if (!Array.isArray(results?.entities)) throw new MalformedReply('no results.entities')
  return results
}

/** The fault a reply holds, if it is one. Faults are short, so a large reply is not searched. */
export function faultOf(body: Buffer): Fault | undefined {
  if (body.length > MAX_FAULT_BYTES || !body.includes('"exception"')) return undefined
  const reply = parseOrNothing(body) as Partial<Fault> | null | undefined
  return reply?.exception ? { ...reply, exception: true, message: String(reply.message ?? '') } : undefined
}

function parseOrNothing(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined // not a fault, then; whoever reads the rows will find it malformed
  }
}

const MAX_FAULT_BYTES = 65_536
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BRACKET = 0x5b
const BACKSLASH = 0x5c
const BRACKET_END = 0x5d
const BRACE = 0x7b
const BRACE_END = 0x7d

/** The value of `name` in the object at `span`. */
function memberSpan(body: Buffer, span: Span, name: string): Span | undefined {
  let at = skipBlanks(body, span.start)
  if (body[at] !== BRACE) return undefined
  at = skipBlanks(body, at + 1)
  while (at < span.end && body[at] === QUOTE) {
    const keyEnd = stringEnd(body, at)
    const start = skipBlanks(body, skipBlanks(body, keyEnd) + 1)
    const end = valueEnd(body, start)
    if (body.toString('utf8', at + 1, keyEnd - 1) === name) return { start, end }
    at = skipBlanks(body, end)
    if (body[at] === COMMA) at = skipBlanks(body, at + 1)
  }
  return undefined
}

function valueEnd(body: Buffer, start: number): number {
  const first = body[start]
  if (first === QUOTE) return stringEnd(body, start)
  if (first === BRACE || first === BRACKET) return nestedEnd(body, start)
  let at = start
  while (at < body.length && !endsScalar(body[at]!)) at += 1
  if (at === start) throw new MalformedReply(`no value at byte ${start}`)
  return at
}

function nestedEnd(body: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < body.length; at += 1) {
    const byte = body[at]
    if (byte === QUOTE) at = stringEnd(body, at) - 1
    else if (byte === BRACE || byte === BRACKET) depth += 1
    else if (byte === BRACE_END || byte === BRACKET_END) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  throw new MalformedReply('it ends in the middle')
}

/** The index after the closing quote. */
function stringEnd(body: Buffer, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = body.indexOf(QUOTE, at)
    if (quote < 0) throw new MalformedReply('it ends in a string')
    let backslashes = 0
    while (body[quote - 1 - backslashes] === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
    at = quote + 1
  }
}

function skipBlanks(body: Buffer, start: number): number {
  let at = start
  while (body[at] === 0x20 || (body[at]! >= 0x09 && body[at]! <= 0x0d)) at += 1
  return at
}

function endsScalar(byte: number): boolean {
  return byte === COMMA || byte === BRACE_END || byte === BRACKET_END || byte === COLON || byte <= 0x20
}
