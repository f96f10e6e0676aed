import { expect, it } from 'vitest'
import { expectTrue, missing, playHistories } from './histories.ts'

const histories = 1000

it(`law 1: no answer of random histories is older than its bound, part 2 of 2`, { timeout: 1_800_000 }, async () => {
  const tally = await playHistories(20000, histories)
  expectTrue(tally, histories)
  // In both parts together a hundred times.
  expect(missing(tally, 50)).toEqual([])
})
