import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { ReadHints } from '../../../src/cache/cache.ts'
import { asksForMore, hintsOf } from '../../../src/server/answer/cache-control.ts'

describe('a request', () => {
  test.each<[IncomingHttpHeaders, boolean]>([
    [{}, false],
    [{ accept: '*/*', 'accept-encoding': 'gzip', 'if-none-match': '*' }, false],
    [{ 'cache-control': 'max-age=5' }, true],
    [{ 'cache-control': '' }, true],
    [{ pragma: 'no-cache' }, true],
    [{ 'x-sgcache-min-seq': '0' }, true],
  ])('with %j asks for something of its own: %s', (headers, asks) => {
    expect(asksForMore(headers)).toBe(asks)
  })
})

describe('what is asked of the cache', () => {
  test.each<[IncomingHttpHeaders, ReadHints]>([
    [{}, {}],
    [{ 'cache-control': '' }, {}],
    [{ 'cache-control': 'no-cache' }, { noCache: true }],
    [{ 'cache-control': 'no-store' }, { noCache: true }],
    [{ 'cache-control': 'NO-CACHE' }, { noCache: true }],
    [{ 'cache-control': 'max-age=60' }, { maxAgeMs: 60_000 }],
    [{ 'cache-control': 'max-age=0' }, { maxAgeMs: 0 }],
    [{ 'cache-control': 'max-age="60"' }, { maxAgeMs: 60_000 }],
    [{ 'cache-control': 'Max-Age=60 , only-if-cached' }, { maxAgeMs: 60_000, onlyIfCached: true }],
    [{ 'cache-control': 'private, no-transform, stale-if-error=60' }, {}],
    [{ pragma: 'no-cache' }, { noCache: true }],
    [{ pragma: 'no-cache', 'cache-control': 'max-age=5' }, { maxAgeMs: 5000 }],
    [{ 'x-sgcache-min-seq': '1234' }, { minSeq: 1234 }],
    [
      { 'x-sgcache-min-seq': '0', 'cache-control': 'no-cache' },
      { minSeq: 0, noCache: true },
    ],
  ])('by %j is %j', (headers, hints) => {
    expect(hintsOf(headers)).toEqual(hints)
  })

  test.each<[IncomingHttpHeaders, RegExp]>([
    [{ 'cache-control': 'max-age=soon' }, /max-age.*"soon"/],
    [{ 'cache-control': 'max-age' }, /max-age.*""/],
    [{ 'cache-control': 'max-age=-1' }, /max-age/],
    [{ 'cache-control': 'max-age=1.5' }, /max-age/],
    [{ 'cache-control': 'max-age=9999999999999999' }, /max-age/],
    [{ 'x-sgcache-min-seq': '1, 2' }, /X-SGCache-Min-Seq/],
    [{ 'x-sgcache-min-seq': '' }, /X-SGCache-Min-Seq/],
  ])('by %j is refused, with what is wrong', (headers, message) => {
    expect(() => hintsOf(headers)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringMatching(message) }),
    )
  })

  test('is refused without repeating a long value', () => {
    const value = 'x'.repeat(5000)
    const refusal = () => hintsOf({ 'x-sgcache-min-seq': value })
    expect(refusal).toThrow(expect.not.objectContaining({ message: expect.stringContaining(value) }))
  })
})
