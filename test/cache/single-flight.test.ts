import { describe, expect, test } from 'vitest'
import { type Landing, SingleFlight } from '../../src/cache/single-flight.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const always = () => true
const never = () => false

function openAirport() {
  const clock = new VirtualClock()
  const flights = new SingleFlight<number>()
  let loads = 0
  /** Lands after a second with its number. */
  const load = async () => {
    const number = ++loads
    await clock.sleep(1000)
    return number
  }
  return { clock, flights, load, loads: () => loads }
}

describe('rule 10: a joiner', () => {
  test('gets what the running flight brings, if that is fresh on delivery', async () => {
    const { clock, flights, load } = openAirport()
    const first = flights.run('k', load, never)
    await clock.advance(500)
    const second = flights.run('k', load, always)
    expect(await clock.run(first)).toEqual({ value: 1, joined: false })
    expect(await clock.run(second)).toEqual({ value: 1, joined: true })
    expect(clock.monotonic()).toBe(1000)
  })

  test('starts a new fetch when the running one is already stale', async () => {
    const { clock, flights, load } = openAirport()
    const first = flights.run('k', load, never)
    const second = flights.run('k', load, never)
    expect(await clock.run(first)).toEqual({ value: 1, joined: false })
    expect(await clock.run(second)).toEqual({ value: 2, joined: false })
  })

  test('is judged on delivery, not on arrival', async () => {
    const { clock, flights, load } = openAirport()
    let isFresh = true
    void flights.run('k', load, always)
    const second = flights.run('k', load, () => isFresh)
    isFresh = false
    expect((await clock.run(second)).value).toBe(2)
  })

  test('is not judged when the flight began after it came', async () => {
    const { clock, flights, load } = openAirport()
    void flights.run('k', load, never)
    const second = flights.run('k', load, never)
    const third = flights.run('k', load, never)
    expect((await clock.run(second)).value).toBe(2)
    expect(await clock.run(third)).toEqual({ value: 2, joined: true })
  })
})

test('two hundred at once cause at most two loads, even if nothing may be shared', async () => {
  const { clock, flights, load, loads } = openAirport()
  const all = Promise.all(Array.from({ length: 200 }, () => flights.run('k', load, never)))
  await clock.run(all)
  expect(loads()).toBe(2)
})

test('two hundred at once cause one load, if its result is fresh', async () => {
  const { clock, flights, load, loads } = openAirport()
  const all = Promise.all(Array.from({ length: 200 }, () => flights.run('k', load, always)))
  await clock.run(all)
  expect(loads()).toBe(1)
})

test('different keys fly side by side', async () => {
  const { clock, flights, load } = openAirport()
  await clock.run(Promise.all([flights.run('a', load, always), flights.run('b', load, always)]))
  expect(clock.monotonic()).toBe(1000)
})

describe('a failed flight', () => {
  const failing = async () => Promise.reject(new Error('permission denied'))

  test('fails for who began it, and is not remembered', async () => {
    const { clock, flights, load } = openAirport()
    await expect(flights.run('k', failing, always)).rejects.toThrow('permission denied')
    expect(flights.count).toBe(0)
    expect((await clock.run(flights.run('k', load, always))).value).toBe(1)
  })

  test('does not fail who came after it began: he flies himself', async () => {
    const { clock, flights, load } = openAirport()
    const first = flights.run('k', failing, always)
    const second = flights.run('k', load, (landing) => landing.ok)
    await expect(first).rejects.toThrow()
    expect((await clock.run(second)).value).toBe(1)
  })

  test('is shared when it is as true for who came later', async () => {
    const { flights, load } = openAirport()
    const first = flights.run('k', failing, always)
    const second = flights.run('k', load, (landing: Landing<number>) => !landing.ok)
    await expect(first).rejects.toThrow()
    await expect(second).rejects.toThrow('permission denied')
  })

  test('fails everybody who waited for it to begin', async () => {
    const { clock, flights, load } = openAirport()
    const first = flights.run('k', load, never)
    const others = [1, 2, 3].map(() => flights.run('k', failing, never).catch((error: Error) => error.message))
    await clock.run(first)
    expect(await clock.run(Promise.all(others))).toEqual(Array(3).fill('permission denied'))
  })

  test('that throws before it waits is a failure like any other', async () => {
    const { flights } = openAirport()
    const throwing = () => {
      throw new Error('no such scope')
    }
    await expect(flights.run('k', throwing, always)).rejects.toThrow('no such scope')
    expect(flights.count).toBe(0)
  })
})
