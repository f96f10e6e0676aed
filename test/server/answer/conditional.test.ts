import { expect, test } from 'vitest'
import { matchesEtag } from '../../../src/server/answer/conditional.ts'

const weak = 'W/"abc"'

test.each<[ifNoneMatch: string | undefined, matches: boolean]>([
  [undefined, false],
  ['', false],
  [weak, true],
  ['"abc"', true],
  ['*', true],
  [' * ', true],
  ['W/"abd"', false],
  ['abc', false],
  ['w/"abc"', false],
  ['W/"x", W/"abc"', true],
  ['"x","abc","y"', true],
  ['  W/"abc"  ', true],
  ['W/"x", *', false],
  ['"abc', false],
  ['"ABC"', false],
])('If-None-Match: %s names W/"abc": %s', (ifNoneMatch, matches) => {
  expect(matchesEtag(ifNoneMatch, weak)).toBe(matches)
})

test('a strong validator is compared weakly as well', () => {
  expect(matchesEtag('W/"abc"', '"abc"')).toBe(true)
})
