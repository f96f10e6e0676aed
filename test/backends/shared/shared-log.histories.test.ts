/**
 * Random histories of several processes, one log and servers that fail. The same histories find every rule missing that
 * can be left out here; the rules that need a rarer meeting have tests of their own in `shared-log.test.ts`.
 */
import { expect, test } from 'vitest'
import { type HistoryOptions, type Outcome, playHistory } from './shared-world.ts'

const histories = 60

test('laws 1 and 3: no process misses a write that was answered, or goes on with something old', async () => {
  const outcomes: Outcome[] = []
  for (let seed = 1; seed <= histories; seed++) outcomes.push(await playHistory({ seed }))
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  expect(outcomes.flatMap((outcome, i) => (outcome.unseenWrites > 0 ? [i + 1] : []))).toEqual([])
  expect(outcomes.flatMap((outcome, i) => (outcome.lasting > 0 ? [i + 1] : []))).toEqual([])
  // With everything failing all the time, something must still have been answered from cache.
  expect(sum(({ hits }) => hits)).toBeGreaterThan(0.1 * sum(({ reads }) => reads))
}, 600_000)

const weakened: readonly [rule: string, Omit<HistoryOptions, 'seed'>][] = [
  ['rule 4: an epoch ends with the server it began on', { rules: { epochIsBound: false } }],
  ['rule 5: a new epoch opens when no right of the old one can be left', { rules: { quarantineMs: 0 } }],
  ['rule 5: a master without its replica stops taking writes', { rules: { lonelyMasterStops: false } }],
  ['rule 9: the clock is read for every answer', { remembersTime: true }],
  ['rule 13: a write is answered when all have applied it', { rules: { barrier: false } }],
]

test.each(weakened)(
  'it would show if this were left out: %s',
  async (_rule, options) => {
    expect(await firstBroken(options)).toBeLessThanOrEqual(histories)
  },
  180_000,
)

async function firstBroken(options: Omit<HistoryOptions, 'seed'>): Promise<number> {
  for (let seed = 1; seed <= histories; seed++) {
    const { unseenWrites, lasting } = await playHistory({ seed, ...options })
    if (unseenWrites + lasting > 0) return seed
  }
  return Number.POSITIVE_INFINITY
}
