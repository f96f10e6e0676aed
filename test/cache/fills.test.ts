/** What happens between processes that share a store when they miss the same question at once. */
import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryLog } from '../../src/backends/memory-log.ts'
import { Cache, type CacheEvent, type Load } from '../../src/cache/cache.ts'
import { createChangeWindow } from '../../src/cache/change-window.ts'
import type { Entry } from '../../src/cache/entry.ts'
import { NearCache } from '../../src/cache/near-cache.ts'
import type { Claim, FlightGate, Store } from '../../src/cache/ports.ts'
import { affectsRows, makeRecord, questionAbout, replyOf, valuesOf } from '../support/cache-world.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const latencyMs = 100
let clock: VirtualClock
let log: MemoryLog
let stored: Map<string, Entry>
let value: number
let loads: number
let events: CacheEvent[]
let mayAnswer: boolean

beforeEach(async () => {
  clock = new VirtualClock()
  log = new MemoryLog(createChangeWindow({ epoch: 'e1', clock }), clock)
  stored = new Map()
  value = 10
  loads = 0
  events = []
  mayAnswer = true
  await clock.advance(10)
})

const store: Store = {
  get: async (key) => stored.get(key),
  set: async (entry) => {
    await clock.sleep(5)
    stored.set(entry.key, { ...entry, validatedSeq: entry.stamp.seq })
    return true
  },
  delete: async () => {},
  async *entries() {},
}

/** Marks in one place, as in a shared store. */
function gate(): FlightGate {
  const marks = new Map<string, Promise<void>>()
  return {
    async claim(key): Promise<Claim> {
      const ended = marks.get(key)
      if (ended) return { mine: false, ended }
      let end = () => {}
      marks.set(
        key,
        new Promise((resolve) => {
          end = resolve
        }),
      )
      return {
        mine: true,
        done: async () => {
          marks.delete(key)
          end()
        },
      }
    },
  }
}

function processOver(flights: FlightGate): Cache {
  const near = new NearCache({ limitBytes: 100_000, maxEntryBytes: 10_000 })
  const report = (event: CacheEvent) => events.push(event)
  const times = { settleMs: 0, graceMs: 0, ttlJitter: 0, random: () => 0 }
  return new Cache({
    near,
    store,
    log,
    flights,
    clock,
    affects: affectsRows,
    mayAnswer: () => mayAnswer,
    ...times,
    report,
  })
}

const load: Load = async () => {
  loads += 1
  await clock.sleep(latencyMs / 2)
  const read = value
  await clock.sleep(latencyMs / 2)
  return replyOf({ 1: read })
}

const question = questionAbout([1])

async function readBy(caches: readonly Cache[]) {
  return clock.run(Promise.all(caches.map((cache) => cache.read(question, load))))
}

describe('processes that share a store', () => {
  test('read a question once, however many of them miss it at the same time', async () => {
    const flights = gate()
    const caches = [1, 2, 3].map(() => processOver(flights))
    const answers = await readBy(caches.flatMap((cache) => Array.from({ length: 70 }, () => cache)))
    expect(loads).toBe(1)
    expect(answers.filter(({ collapsed }) => !collapsed)).toHaveLength(1)
    expect(new Set(answers.map(({ entry }) => entry.body.toString()))).toEqual(new Set(['{"1":10}']))
  })

  test('keep what another has read near, so that the next read is a hit', async () => {
    const flights = gate()
    const [one, other] = [processOver(flights), processOver(flights)]
    await readBy([one, other])
    expect(other.peek(question)).toBeDefined()
  })

  test('rule 10: a reader is not given what another began to read before a change', async () => {
    const flights = gate()
    const [one, other] = [processOver(flights), processOver(flights)]
    const first = one.read(question, load)
    await clock.advance(latencyMs * 0.75)
    value = 11
    await log.append([makeRecord({ source: 'write' })])
    const second = await clock.run(other.read(question, load))
    expect(valuesOf(second.entry.body)[1]).toBe(11)
    expect(valuesOf((await first).entry.body)[1]).toBe(10)
    expect(loads).toBe(2)
  })

  test('rule 10: a process without the right to answer joins nobody', async () => {
    const flights = gate()
    const [one, other] = [processOver(flights), processOver(flights)]
    const first = one.read(question, load)
    await clock.advance(10)
    mayAnswer = false
    const second = await clock.run(other.read(question, load))
    expect(second).toMatchObject({ outcome: 'bypass', detail: 'blind' })
    await clock.run(first)
    expect(loads).toBe(2)
  })

  test('law 5: read by themselves when the gate fails', async () => {
    const broken: FlightGate = { claim: () => Promise.reject(new Error('Redis is down')) }
    await readBy([processOver(broken), processOver(broken)])
    expect(loads).toBe(2)
  })

  test('do not wait for one whose read failed', async () => {
    const flights = gate()
    const [one, other] = [processOver(flights), processOver(flights)]
    const failing: Load = async () => {
      await clock.sleep(latencyMs)
      throw new Error('ShotGrid says no')
    }
    const first = one.read(question, failing).catch((error: Error) => error.message)
    await clock.advance(10)
    const second = await clock.run(other.read(question, load))
    expect(await first).toBe('ShotGrid says no')
    expect(valuesOf(second.entry.body)[1]).toBe(10)
  })
})
