import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../src/cache/entry.ts'
import { decodeFrame, encodeFrame } from '../../src/cache/frame.ts'
import { makeDependency, makeEntry } from '../support/cache-world.ts'

const entry = makeEntry({
  stamp: { epoch: 'e7', seq: 42 },
  dependencies: [makeDependency({ rows: 'any', fields: 'any' }), makeDependency({ rows: [1, 2], fields: ['code'] })],
  body: Buffer.from('{"results":{"name":"Zoë\\n日本"}}'),
})

function randomEntry(): fc.Arbitrary<Entry> {
  const text = fc.string({ unit: 'binary' })
  const moment = fc.nat({ max: 4e12 })
  const dependency = fc.record({
    type: text,
    rows: fc.oneof(fc.constant('any' as const), fc.array(fc.nat())),
    fields: fc.oneof(fc.constant('any' as const), fc.array(text)),
    presence: fc.boolean(),
  })
  return fc
    .record({
      key: text,
      scope: text,
      type: text,
      call: text,
      stamp: fc.record({ epoch: text, seq: fc.nat() }),
      fetchedAt: moment,
      freshUntil: moment,
      keepUntil: moment,
      dependencies: fc.array(dependency),
      body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    })
    .map((parts) => ({ ...parts, validatedSeq: parts.stamp.seq }))
}

describe('a frame', () => {
  test('gives back the entry it was made of, for any entry', () => {
    fc.assert(
      fc.property(randomEntry(), (one) => {
        expect(decodeFrame(encodeFrame(one))).toEqual(one)
      }),
    )
  })

  test('is UTF-8 text when the reply is, with the reply as it came at its end', () => {
    const frame = encodeFrame(entry)
    expect(Buffer.from(frame.toString('utf8'))).toEqual(frame)
    expect(frame.subarray(-entry.body.length)).toEqual(entry.body)
  })

  test('is read without copying the reply', () => {
    const frame = encodeFrame(entry)
    expect(decodeFrame(frame)?.body.buffer).toBe(frame.buffer)
  })

  test('does not carry what this process has checked: the reader checks from the stamp', () => {
    const decoded = decodeFrame(encodeFrame({ ...entry, validatedSeq: 99 }))
    expect(decoded?.validatedSeq).toBe(42)
  })
})

describe('what cannot be read for certain is not trusted', () => {
  test('a frame of a later format', () => {
    const frame = encodeFrame(entry)
    frame.write('sgc2', 0)
    expect(decodeFrame(frame)).toBeUndefined()
  })

  test('a frame cut short anywhere', () => {
    const frame = encodeFrame(entry)
    for (let length = 0; length < frame.length; length++) expect(decodeFrame(frame.subarray(0, length))).toBeUndefined()
  })

  test('a frame with any one byte altered', () => {
    const whole = encodeFrame(entry)
    for (let at = 0; at < whole.length; at++) {
      const frame = Buffer.from(whole)
      frame[at]! ^= 0x11
      expect(decodeFrame(frame)).toBeUndefined()
    }
  })

  test('any other bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => decodeFrame(Buffer.from(bytes)) === undefined))
  })

  test.each([
    ['no key', { key: undefined }],
    ['a stamp that is no position', { stamp: { epoch: 'e1', seq: 'last' } }],
    ['no expiry', { freshUntil: undefined }],
    ['a call that is no text', { call: { type: 'Shot' } }],
    ['dependencies of another shape', { dependencies: [{ type: 'Shot', rows: 'all', fields: [], presence: true }] }],
    ['fields that are no names', { dependencies: [{ type: 'Shot', rows: [], fields: [7], presence: true }] }],
  ])('a whole frame with %s', (_, parts) => {
    // A writer with a fault of its own: the check sum is right, the content is not.
    const faulty = { ...entry, ...parts } as unknown as Entry
    expect(decodeFrame(encodeFrame(faulty))).toBeUndefined()
  })
})
