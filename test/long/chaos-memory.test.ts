import { expect, it } from 'vitest'
import { playChaos } from '../chaos/chaos.ts'
import { summary } from '../chaos/summary.ts'
import { ensureBuilt } from '../support/built-cli.ts'

it('one process that is killed, frozen and cut off from the site', { timeout: 300_000 }, async () => {
  ensureBuilt()
  const seed = Number(process.env.SGCACHE_TEST_SEED ?? 1)
  const { tally, faults, stalledMs } = await playChaos({
    tier: 'memory',
    seed,
    servers: 1,
    listeners: 0,
    stormMs: 10_000,
    calmMs: 5_000,
    rounds: 1,
  })
  process.stdout.write(`${summary(tally, stalledMs)}\n`)
  expect(faults, `seed ${seed}`).toEqual([])
})
