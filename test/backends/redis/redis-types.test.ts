import { describe, expect, it } from 'vitest'
import { redisIsMissing, sharedRedis } from '../../support/servers/shared.ts'
import { ShiftedClock } from '../../support/shifted-clock.ts'
import { mayAnswer, openForTest } from './redis-for-tests.ts'

describe.skipIf(await redisIsMissing())('the types that processes tell each other', () => {
  it('are those of all, each for as long as the last who noted it said', async () => {
    const clock = new ShiftedClock()
    const space = await sharedRedis()
    const [a, b] = [openForTest(space, { clock }).backend, openForTest(space, { clock }).backend]
    try {
      await Promise.all([mayAnswer(a), mayAnswer(b)])
      expect(await a.types!.all()).toEqual([])
      await a.types!.note(['Shot', 'Task'], 600_000)
      await b.types!.note(['Task', 'Asset'], 60_000)
      expect((await a.types!.all()).toSorted()).toEqual(['Asset', 'Shot', 'Task'])
      await clock.advance(120_000)
      expect((await b.types!.all()).toSorted()).toEqual(['Shot', 'Task'])
      await a.types!.note(['Step'], 1_000_000)
      await clock.advance(600_000)
      expect(await b.types!.all()).toEqual(['Step'])
    } finally {
      await Promise.all([a.close(), b.close()])
    }
  })
})
