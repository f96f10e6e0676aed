/**
 * An entry as bytes, for a store outside this process.
 *
 * A *frame* is UTF-8 text in three parts: a head line (format, check sum, and the entry's head as JSON), a line with
 * the canonical call and the dependencies, and upstream's reply as it came. Text, so that a TEXT column holds it; read
 * as a Buffer, so that the body is never decoded on a hit.
 *
 *     sgc1 5b0c9e1f {"key":"farm:Shot:read:x1","scope":"farm",...,"stamp":["e1",42],...}
 *     {"call":"{...}","dependencies":[{"type":"Shot","rows":[1],"fields":["code"],"presence":true}]}
 *     {"results":{"entities":[...
 *
 * What cannot be read for certain is not trusted: another format, a truncated or altered frame is no entry. The check
 * sum (CRC-32 of everything after it) finds damage, not malice: whoever writes to the store is trusted.
 */
import { crc32 } from 'node:zlib'
import type { Dependency, Entry } from './entry.ts'

const format = 'sgc1'
const lineFeed = 0x0a
/** `sgc1 5b0c9e1f ` */
const prefixLength = format.length + 10

interface FrameHead {
  readonly key: string
  readonly scope: string
  readonly type: string
  readonly stamp: readonly [epoch: string, seq: number]
  readonly fetchedAt: number
  readonly freshUntil: number
  readonly keepUntil: number
}

interface FrameTerms {
  readonly call: string
  readonly dependencies: readonly Dependency[]
}

export function encodeFrame(entry: Entry): Buffer {
  const { key, scope, type, stamp, fetchedAt, freshUntil, keepUntil, call, dependencies, body } = entry
  const head: FrameHead = { key, scope, type, stamp: [stamp.epoch, stamp.seq], fetchedAt, freshUntil, keepUntil }
  const terms: FrameTerms = { call, dependencies }
  const lines = Buffer.from(`${JSON.stringify(head)}\n${JSON.stringify(terms)}\n`)
  return Buffer.concat([Buffer.from(prefix(crc32(body, crc32(lines)))), lines, body])
}

/** Undefined if it is not a whole frame of this format. The body is a view of `frame`, not a copy. */
export function decodeFrame(frame: Buffer): Entry | undefined {
  if (frame.toString('latin1', 0, format.length) !== format) return undefined
  if (frame.toString('latin1', 0, prefixLength) !== prefix(crc32(frame.subarray(prefixLength)))) return undefined
  const headEnd = frame.indexOf(lineFeed, prefixLength)
  const termsEnd = frame.indexOf(lineFeed, headEnd + 1)
  if (headEnd < 0 || termsEnd < 0) return undefined
  const head = parse(frame.toString('utf8', prefixLength, headEnd))
  const terms = parse(frame.toString('utf8', headEnd + 1, termsEnd))
  if (!isHead(head) || !isTerms(terms)) return undefined
  const { stamp, ...rest } = head
  const [epoch, seq] = stamp
  return { ...rest, ...terms, stamp: { epoch, seq }, validatedSeq: seq, body: frame.subarray(termsEnd + 1) }
}

function prefix(checkSum: number): string {
  return `${format} ${checkSum.toString(16).padStart(8, '0')} `
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isHead(value: unknown): value is FrameHead {
  if (!isRecord(value) || !Array.isArray(value.stamp)) return false
  const { key, scope, type, stamp, fetchedAt, freshUntil, keepUntil } = value
  const isText = [key, scope, type, stamp[0]].every((text) => typeof text === 'string')
  return isText && [stamp[1], fetchedAt, freshUntil, keepUntil].every((number) => Number.isFinite(number))
}

function isTerms(value: unknown): value is FrameTerms {
  if (!isRecord(value) || typeof value.call !== 'string') return false
  return Array.isArray(value.dependencies) && value.dependencies.every(isDependency)
}

function isDependency(value: unknown): value is Dependency {
  if (!isRecord(value) || typeof value.type !== 'string' || typeof value.presence !== 'boolean') return false
  return isAnyOr('number', value.rows) && isAnyOr('string', value.fields)
}

function isAnyOr(type: 'number' | 'string', value: unknown): boolean {
  return value === 'any' || (Array.isArray(value) && value.every((item) => typeof item === type))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
