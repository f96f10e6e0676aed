import { beforeEach, describe, expect, it } from 'vitest'
import { settledWithin, withinTime } from '../../../src/server/http/within-time.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let clock: VirtualClock
beforeEach(() => {
  clock = new VirtualClock()
})

const sleeping = <Value>(ms: number, value: Value) => clock.sleep(ms).then(() => value)
const failing = (ms: number) =>
  clock.sleep(ms).then(() => {
    throw new Error('it failed')
  })

describe('work with a bound', () => {
  it('gives what it gives when it is quick enough', async () => {
    expect(await clock.run(withinTime(sleeping(999, 'done'), 1000, clock))).toBe('done')
  })

  it('is refused when the time is up, and goes on for others', async () => {
    const work = sleeping(2000, 'done')
    const refused = expect(withinTime(work, 1000, clock)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' })
    await clock.advance(1000)
    await refused
    expect(await clock.run(work)).toBe('done')
  })

  it('fails as it fails', async () => {
    await expect(clock.run(withinTime(failing(10), 1000, clock))).rejects.toThrow('it failed')
  })

  it('leaves no timer behind, whether it ends well or badly', async () => {
    await clock.run(withinTime(sleeping(10, 'done'), 1000, clock))
    await clock.run(withinTime(failing(10), 1000, clock)).catch(() => {})
    await clock.advance(0)
    expect(clock.sleeping).toBe(0)
  })

  it('that fails after its time was up disturbs nobody', async () => {
    const refused = expect(withinTime(failing(2000), 1000, clock)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' })
    await clock.advance(3000)
    await refused
  })
})

describe('waiting for work to settle', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['well', () => sleeping(10, 'done')],
    ['badly', () => failing(10)],
  ])('ends when it ends %s', async (_, work) => {
    const began = clock.monotonic()
    await clock.run(settledWithin(work(), 1000, clock))
    expect(clock.monotonic() - began).toBe(10)
    expect(clock.sleeping).toBe(0)
  })

  it('ends with the time, without an error', async () => {
    const began = clock.monotonic()
    await clock.run(settledWithin(sleeping(5000, 'done'), 1000, clock))
    expect(clock.monotonic() - began).toBe(1000)
  })
})
