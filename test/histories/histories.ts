/**
 * Many random histories, with what a run must have seen for its silence to mean something.
 *
 * Each part of the suite plays its own share, so that they run side by side.
 */
import { expect } from 'vitest'
import { relationsOf } from '../support/random-calls.ts'
import { runHistory, type Violation } from './history.ts'

export const readsPerHistory = 50

export interface Tally {
  readonly reads: number
  readonly hits: number
  readonly violations: readonly Violation[]
  readonly counts: ReadonlyMap<string, number>
}

export async function playHistories(from: number, count: number): Promise<Tally> {
  const counts = new Map<string, number>()
  const violations: Violation[] = []
  let reads = 0
  let hits = 0
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await runHistory({ seed, reads: readsPerHistory })
    reads += result.reads
    hits += result.hits
    violations.push(...result.violations)
    for (const [what, times] of result.counts) counts.set(what, (counts.get(what) ?? 0) + times)
  }
  return { reads, hits, violations, counts }
}

/** Everything that must occur often: every operator, every kind of change, every mishap, every open question. */
export function expectedOccurrences(): string[] {
  const relations = new Set(Object.values(relationsOf).flat())
  const writes = ['update', 'link', 'list', 'rename', 'move', 'archive', 'create', 'retire', 'revive', 'batch']
  return [
    ...[...relations].map((relation) => `operator ${relation}`),
    ...writes.map((kind) => `logged ${kind}`),
    ...['update', 'link', 'list', 'rename', 'create'].map((kind) => `silent ${kind}`),
    ...['create', 'update', 'retire', 'revive', 'schema'].map((kind) => `change ${kind}`),
    ...['transaction late', 'events held or let go', 'follower crashed', 'outage'],
    ...['cascadeEvents', 'linkRemovalEvents', 'backReferenceEvents', 'connectionEvents'].flatMap((name) => [
      `switch ${name} true`,
      `switch ${name} false`,
    ]),
    ...['switch readLagMs 800', 'switch metaNullShare 0.1', 'switch eventLagMs 400'],
    ...['answer hit', 'answer miss', 'answer stale', 'answer bypass'],
  ]
}

export function expectTrue(tally: Tally, histories: number): void {
  expect(tally.violations).toEqual([])
  expect(tally.reads).toBeGreaterThanOrEqual(histories * readsPerHistory)
  expect(tally.hits / tally.reads).toBeGreaterThan(0.3)
}

/** What occurred less than `times`, with how often it did. */
export function missing(tally: Tally, times: number): string[] {
  return expectedOccurrences()
    .filter((what) => (tally.counts.get(what) ?? 0) < times)
    .map((what) => `${what}: ${tally.counts.get(what) ?? 0}`)
}
