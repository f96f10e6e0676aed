import { describe, expect, test } from 'vitest'
import { didYouMean, suggest } from '../src/suggest.ts'

const types = ['Asset', 'Shot', 'Sequence', 'Task', 'Version', 'PublishedFile']

describe('suggest', () => {
  test.each([
    ['Shto', 'Shot'],
    ['shot', 'Shot'],
    ['Sht', 'Shot'],
    ['Shots', 'Shot'],
    ['Verison', 'Version'],
    ['PublishdFiel', 'PublishedFile'],
  ])('takes %s for %s', (value, expected) => {
    expect(suggest(value, types)).toBe(expected)
  })

  test.each(['', 'Playlist', 'x', 'zzzz', 'S'.repeat(5000)])('offers nothing that is not near: %s', (value) => {
    expect(suggest(value, types)).toBeUndefined()
  })

  test('prefers the nearer word to the earlier one', () => {
    expect(suggest('tasks', ['tass', 'task', 'tasks2'])).not.toBeUndefined()
    expect(suggest('query_tl', ['entity_ttl', 'query_ttl'])).toBe('query_ttl')
  })

  test('counts two swapped neighbours as one difference', () => {
    expect(suggest('abdc', ['abcd', 'abxy'])).toBe('abcd')
    expect(suggest('ab', ['ba'])).toBe('ba')
  })
})

test('didYouMean is empty when nothing is near, and starts with a space when something is', () => {
  expect(didYouMean('Shto', types)).toBe(' (did you mean "Shot"?)')
  expect(didYouMean('Playlist', types)).toBe('')
})
