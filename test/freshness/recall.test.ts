/**
 * The law: if the site would answer otherwise now, some change after the stamp affects the entry. Random calls over the
 * whole filter language, random transactions whose changes come shuffled and with values missing.
 */
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/cache/change.ts'
import { createChangeWindow } from '../../src/cache/change-window.ts'
import { createAffects } from '../../src/freshness/affects.ts'
import { Random } from '../support/random.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { tinySchema } from './support/tiny-schema.ts'
import { randomTrial, type Trial } from './support/trial.ts'

const trials = 20_000
const affects = createAffects({ schema: () => tinySchema, seesEverything: () => true })

describe('random histories', () => {
  it(`leave no reply that is no longer true, in ${trials} trials`, () => {
    const score = { moved: 0, dropped: 0, missed: [] as string[], unseen: [] as string[] }
    const relations = new Map<string, number>()
    const used = (type: string, relation: string) =>
      void relations.set(`${type} ${relation}`, (relations.get(`${type} ${relation}`) ?? 0) + 1)
    for (let seed = 0; seed < trials; seed += 1) {
      const trial = randomTrial(new Random(seed), { used })
      const affecting = trial.changes.filter((told) => affects(told, trial.entry))
      if (trial.moved) score.moved += 1
      if (affecting.length > 0) score.dropped += 1
      if (trial.moved && affecting.length === 0) score.missed.push(told(seed, trial, trial.changes))
      const unseen = notCandidates(affecting, trial)
      if (unseen.length > 0) score.unseen.push(told(seed, trial, unseen))
    }
    expect(score.missed.slice(0, 3)).toEqual([])
    // The net of dependencies holds every change that affects.
    expect(score.unseen.slice(0, 3)).toEqual([])
    expect(score.moved).toBeGreaterThan(trials / 25)
    const rare = [...relations].filter(([, times]) => times < 5)
    expect(rare).toEqual([])
    const precision = score.moved / score.dropped
    process.stdout.write(`freshness: precision ${precision.toFixed(2)} over ${score.dropped} dropped replies\n`)
    // Of this tiny world, where nearly everything touches everything: no figure for a studio, but it must not fall.
    expect(precision).toBeGreaterThan(0.25)
  })
})

/** Those of the changes that the window would not offer as candidates for the entry. */
function notCandidates(changes: readonly Change[], { entry }: Trial): readonly Change[] {
  if (changes.length === 0) return []
  const window = createChangeWindow({ epoch: 'e', clock: new VirtualClock(), limit: 100 })
  changes.forEach((told, i) => {
    window.apply({ ...told, seq: i + 1 })
  })
  const offered = new Set(window.candidates(entry.dependencies, 0)?.map((told) => told.seq))
  return changes.filter((_, i) => !offered.has(i + 1))
}

function told(seed: number, { call, entry, now }: Trial, changes: readonly Change[]): string {
  return [
    `seed ${seed}`,
    JSON.stringify(call),
    entry.body.toString(),
    now,
    ...changes.map((c) => JSON.stringify(c)),
  ].join('\n')
}
