import { expect, test } from 'vitest'
import { parseActivity, parseSize, parseWhole } from '../../src/cli/sandbox-flags.ts'

test.each([
  ['3/s', 3],
  ['0.5 / s', 0.5],
  ['30/m', 0.5],
  ['3600/h', 1],
  ['0/s', 0],
])('%s is %d writes a second', (text, rate) => expect(parseActivity(text)).toBe(rate))

test.each(['3', 's', '-1/s', '3/d', 'fast'])('%s is no rate', (text) => {
  expect(() => parseActivity(text)).toThrow(`--activity: "${text}" is not a rate`)
})

test('a whole number is within its bounds', () => {
  expect(parseWhole('--port', '0', 0, 65_535)).toBe(0)
  for (const text of ['65536', '-1', '1.5', 'x', '']) {
    expect(() => parseWhole('--port', text, 0, 65_535)).toThrow('--port')
  }
})

test('a site is a studio or a large one', () => {
  expect([parseSize('studio'), parseSize('large')]).toEqual(['studio', 'large'])
  expect(() => parseSize('huge')).toThrow('"huge" is not studio or large')
})
