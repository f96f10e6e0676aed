import { expect, it } from 'vitest'
import { expectTrue, missing, playHistories } from '../histories/histories.ts'

/** Fifty times what every run of the suite plays; the seeds can be moved to play others. */
const histories = 100_000
const firstSeed = Number(process.env.SGCACHE_TEST_SEED ?? 1_000_000)

it('law 1: no answer of very many random histories is older than its bound', async () => {
  const tally = await playHistories(firstSeed, histories)
  process.stdout.write(`${histories} histories, ${tally.reads} reads, ${tally.hits} hits\n`)
  expectTrue(tally, histories)
  expect(missing(tally, 100)).toEqual([])
})
