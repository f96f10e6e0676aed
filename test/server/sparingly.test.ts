import { expect, test } from 'vitest'
import { sparingly } from '../../src/server/sparingly.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

test('tells each reason at once, and the same again only after half a minute', async () => {
  const clock = new VirtualClock()
  const isNews = sparingly(clock)
  expect(['a', 'a', 'b'].map(isNews)).toEqual([true, false, true])
  await clock.advance(29_999)
  expect(isNews('a')).toBe(false)
  await clock.advance(1)
  expect(isNews('a')).toBe(true)
})

test('does not remember reasons without end', () => {
  const isNews = sparingly(new VirtualClock())
  for (let i = 0; i < 200; i++) isNews(`reason ${i}`)
  expect(isNews('reason 0')).toBe(true)
})
