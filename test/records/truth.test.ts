import { describe, test } from 'vitest'
import { workForADay } from './support/day-of-work.ts'

describe('after a day of work', () => {
  test('the tables say nothing that the site would not, now and then, and every event is in the trail', async () => {
    await workForADay(1)
  })

  test('also where rows came and went without events', async () => {
    await workForADay(118)
  })

  test('also where little of what follows from an edit has an event', async () => {
    await workForADay(3, {
      backReferenceEvents: false,
      cascadeEvents: false,
      connectionEvents: false,
      metaNullShare: 0.2,
    })
  })
})
