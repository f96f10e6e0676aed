import { describe, expect, it, test } from 'vitest'
import { acceptedEncoding, EncodingMemo } from '../../../src/server/answer/encoding.ts'

/** RFC 9110, 12.5.3. */
const accepted: readonly [header: string, encoding: 'br' | 'gzip' | undefined][] = [
  ['', undefined],
  ['gzip', 'gzip'],
  ['br', 'br'],
  ['gzip, deflate', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['br, gzip', 'br'],
  ['deflate', undefined],
  ['GZIP', 'gzip'],
  ['  gzip ;q=1.0 ,br ; q=0.5', 'gzip'],
  ['gzip;q=0.5, br;q=0.5', 'br'],
  ['gzip;Q=0', undefined],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0.000, gzip;q=0', undefined],
  ['gzip;q=nonsense', undefined],
  ['*', 'br'],
  ['*;q=0', undefined],
  ['br;q=0, *', 'gzip'],
  ['gzip, *;q=0', 'gzip'],
  ['identity', undefined],
  ['identity;q=0, gzip', 'gzip'],
  ['identity;q=1, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip', 'gzip'],
  ['identity;q=0.5, *', 'br'],
  ['gzip;q=0.5, identity;q=0.5', 'gzip'],
  [',,gzip,', 'gzip'],
]

describe('the encoding of an answer', () => {
  test.each(accepted)('to a caller who accepts "%s" is %s', (header, encoding) => {
    expect(acceptedEncoding(header)).toBe(encoding)
  })
})

describe('the memo of headers', () => {
  it('answers as the header itself would, the first time and again', () => {
    const memo = new EncodingMemo()
    for (let time = 0; time < 2; time += 1) {
      for (const [header, encoding] of accepted) expect(memo.of(header)).toBe(encoding)
    }
  })

  it('takes a request without the header as it is', () => {
    expect(new EncodingMemo().of(undefined)).toBeUndefined()
  })

  it('still answers rightly after more different headers than it keeps', () => {
    const memo = new EncodingMemo()
    for (let i = 0; i < 1000; i += 1) expect(memo.of(`x${i}, gzip`)).toBe('gzip')
    expect(memo.of('x0, br;q=0')).toBeUndefined()
  })
})
