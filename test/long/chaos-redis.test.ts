import { expect, it } from 'vitest'
import { playChaos } from '../chaos/chaos.ts'
import { summary } from '../chaos/summary.ts'
import { ensureBuilt } from '../support/built-cli.ts'
import { redisServerIsMissing } from '../support/servers/shared.ts'

it.skipIf(await redisServerIsMissing())(
  'laws 1, 3 and 5: three processes that share a Redis, all of which are killed, frozen and cut off at random',
  { timeout: 300_000 },
  async () => {
    ensureBuilt()
    const seed = Number(process.env.SGCACHE_TEST_SEED ?? 1)
    const { tally, faults, stalledMs } = await playChaos({
      tier: 'redis',
      seed,
      servers: 3,
      listeners: 0,
      stormMs: 20_000,
      calmMs: 8_000,
      rounds: 1,
    })
    process.stdout.write(`${summary(tally, stalledMs)}\n`)
    expect(faults, `seed ${seed}`).toEqual([])
  },
)
