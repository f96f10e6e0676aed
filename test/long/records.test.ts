/** Many days of work: what the tables for people say is compared with the site. The short run is test/records/truth.test.ts. */
import { describe, test } from 'vitest'
import { workForADay } from '../records/support/day-of-work.ts'

describe.each(Array.from({ length: 60 }, (_, index) => 1000 + index))('a day of work, seed %i', (seed) => {
  test('leaves nothing in the tables that the site would not say, now and then, and every event in the trail', () =>
    workForADay(seed, {
      backReferenceEvents: seed % 2 === 0,
      cascadeEvents: seed % 3 !== 0,
      connectionEvents: seed % 4 !== 0,
      linkRemovalEvents: seed % 5 === 0,
      metaNullShare: seed % 7 === 0 ? 0.2 : 0,
      retirementMovesUpdatedAt: seed % 2 === 1,
      inverseMovesUpdatedAt: seed % 3 === 1,
    }))
})
