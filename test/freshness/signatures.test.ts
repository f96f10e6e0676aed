import { describe, expect, it } from 'vitest'
import { signaturesEndAt } from '../../src/freshness/signatures.ts'

const end = (...addresses: string[]) => signaturesEndAt(Buffer.from(JSON.stringify({ results: addresses })))
const noon = Date.UTC(2026, 0, 14, 12)

describe('the end of a signed address', () => {
  it.each([
    [
      'its date and life',
      'https://s3/a?X-Amz-Date=20260114T120000Z&X-Amz-Expires=900&X-Amz-Signature=1',
      noon + 900_000,
    ],
    ['in the other order', 'https://s3/a?X-Amz-Expires=60&b=c&X-Amz-Date=20260114T120000Z', noon + 60_000],
    ['its second', `https://cdn/a?Expires=${noon / 1000}&Signature=x&Key-Pair-Id=y`, noon],
    ['in small letters, last', `https://site/a?signature=x&expires=${noon / 1000}`, noon],
  ])('is told by %s', (_, address, at) => {
    expect(end('https://site/b?x=1', address)).toBe(at)
  })

  it('is the first of several', () => {
    const dated = (seconds: number) => `https://s3/a?X-Amz-Date=20260114T120000Z&X-Amz-Expires=${seconds}`
    expect(end(dated(900), dated(300), `https://cdn/a?Expires=${noon / 1000 + 600}`)).toBe(noon + 300_000)
  })

  it('is found where & is written in the way of JSON', () => {
    const text = String.raw`{"image":"https:\/\/s3\/a?X-Amz-Date=20260114T120000Z\u0026X-Amz-Expires=900","b":"https://c/?a\u0026Expires=1768392001"}`
    expect(signaturesEndAt(Buffer.from(text))).toBe(noon + 1000)
  })

  it.each([
    ['no address', 'a text'],
    ['an address without a signature', 'https://site/images/a.png?version=3'],
    ['a life without a date', 'https://s3/a?X-Amz-Expires=900'],
    ['a number that is no second', 'https://cdn/a?Expires=900'],
  ])('is not told by %s', (_, address) => {
    expect(end(address)).toBeUndefined()
  })

  it('is found at once in a long text', () => {
    expect(end('X-Amz-Expires=1'.repeat(20_000), 'x'.repeat(1_000_000))).toBeUndefined()
  })
})
