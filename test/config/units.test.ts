import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/config/units.ts'

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['5s', 5000],
    [' 5 s ', 5000],
    ['1.5h', 5_400_000],
    ['90d', 7_776_000_000],
    ['0s', 0],
  ])('%j is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  test.each(['5', '', 's', '-5s', '5 weeks', '5S', '1h30m', '1e3s', 'Infinitys'])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  )
})

describe('sizes', () => {
  test.each([
    ['10B', 10],
    ['1KB', 1024],
    ['512MB', 536_870_912],
    ['512MiB', 536_870_912],
    ['1.5gb', 1_610_612_736],
  ])('%j is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))

  test.each(['512', '512 megabytes', 'MB', '-1MB', '1iB5'])('%j is none', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  )
})

test('what is printed can be read back, whatever the number', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), (value) => {
      expect(parseDuration(formatDuration(value))).toBe(value)
      expect(parseSize(formatSize(value))).toBe(value)
    }),
  )
})

test('the largest whole unit is printed', () => {
  expect([5000, 90_000, 7_200_000, 1].map(formatDuration)).toEqual(['5s', '90s', '2h', '1ms'])
  expect([1024, 512 * 1024 ** 2, 1025].map(formatSize)).toEqual(['1KB', '512MB', '1025B'])
})
