import { beforeEach, describe, expect, test } from 'vitest'
import { Right } from '../../../src/backends/shared/right.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const leaseMs = 2000
let clock: VirtualClock
let right: Right

beforeEach(() => {
  clock = new VirtualClock()
  right = new Right(clock, leaseMs)
})

describe('the right to answer', () => {
  test('is not there before it was granted', () => {
    expect(right.holds()).toBe(false)
  })

  test('rule 8: lasts a lease from before the renewal was sent, however long its answer took', async () => {
    const sent = right.moment()
    await clock.advance(1500)
    right.grant(sent)
    await clock.advance(499)
    expect(right.holds()).toBe(true)
    await clock.advance(1)
    expect(right.holds()).toBe(false)
  })

  test('rule 8: is not there when the answer came later than the lease', async () => {
    const sent = right.moment()
    await clock.advance(leaseMs)
    right.grant(sent)
    expect(right.holds()).toBe(false)
  })

  test('rule 9: ends by the wall clock too, as after the machine slept', () => {
    right.grant(right.moment())
    clock.jumpWall(leaseMs)
    expect(right.holds()).toBe(false)
  })

  test('is not longer for a wall clock that is set back', async () => {
    right.grant(right.moment())
    clock.jumpWall(-3_600_000)
    await clock.advance(leaseMs)
    expect(right.holds()).toBe(false)
  })

  test('is not shortened by the answer of an earlier renewal that comes late', async () => {
    const first = right.moment()
    await clock.advance(500)
    right.grant(right.moment())
    right.grant(first)
    await clock.advance(1900)
    expect(right.holds()).toBe(true)
  })

  test('can be taken away', () => {
    right.grant(right.moment())
    right.revoke()
    expect(right.holds()).toBe(false)
  })
})
