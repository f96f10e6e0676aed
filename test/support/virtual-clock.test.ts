import { expect, test } from 'vitest'
import { VirtualClock } from './virtual-clock.ts'

test('wakes sleepers in order of time, each with what follows from it before the next', async () => {
  const clock = new VirtualClock()
  const log: string[] = []
  const worker = async (name: string, ms: number) => {
    await clock.sleep(ms)
    log.push(`${name} ${clock.monotonic()}`)
    await clock.sleep(ms)
    log.push(`${name} ${clock.monotonic()}`)
  }
  void worker('slow', 30)
  void worker('fast', 10)
  await clock.advance(60)
  expect(log).toEqual(['fast 10', 'fast 20', 'slow 30', 'slow 60'])
  expect(clock.sleeping).toBe(0)
})

test('stands still between advances', async () => {
  const clock = new VirtualClock({ startsAt: 1000 })
  let woke = false
  void clock.sleep(10).then(() => {
    woke = true
  })
  await clock.advance(9)
  expect(woke).toBe(false)
  expect(clock.now()).toBe(1009)
  await clock.advance(1)
  expect(woke).toBe(true)
})

test('runs until a promise has settled, and no further', async () => {
  const clock = new VirtualClock()
  const result = await clock.run(clock.sleep(500).then(() => 'done'))
  expect(result).toBe('done')
  expect(clock.monotonic()).toBe(500)
})

test('passes a rejection on', async () => {
  const clock = new VirtualClock()
  const failing = clock.sleep(5).then(() => Promise.reject(new Error('down')))
  await expect(clock.run(failing)).rejects.toThrow('down')
})

test('says so when a promise can never settle', async () => {
  const clock = new VirtualClock()
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow('nobody is asleep')
})

test('an aborted sleeper wakes at once, and leaves nothing behind', async () => {
  const clock = new VirtualClock()
  const abort = new AbortController()
  const sleeping = clock.sleep(1000, abort.signal)
  abort.abort()
  await sleeping
  expect(clock.sleeping).toBe(0)
  expect(clock.monotonic()).toBe(0)
})

test('the wall clock can be set without monotonic time noticing', async () => {
  const clock = new VirtualClock({ startsAt: 0 })
  await clock.advance(100)
  clock.jumpWall(-5000)
  expect(clock.now()).toBe(-4900)
  expect(clock.monotonic()).toBe(100)
})
