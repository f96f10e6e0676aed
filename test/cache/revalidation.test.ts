/** Rule 24: an entry past its TTL that the log finds true may be given once more while it is read anew. */
import { beforeEach, describe, expect, test } from 'vitest'
import { openMemoryBackend } from '../../src/backends/memory.ts'
import { Cache, type CacheEvent, type CacheOptions, type Load, type ReadHints } from '../../src/cache/cache.ts'
import type { Entry } from '../../src/cache/entry.ts'
import type { Backend, Store } from '../../src/cache/ports.ts'
import { SgcacheError } from '../../src/errors.ts'
import { affectsRows, makeRecord, questionAbout, replyOf, valuesOf } from '../support/cache-world.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const ttlMs = 60_000
const revalidateMs = 30_000
const graceMs = 600_000
const outage = new SgcacheError('UPSTREAM_UNREACHABLE', { url: 'https://site', reason: 'ECONNREFUSED' })
const fault = new SgcacheError('UPSTREAM_FAULT', { fault: 'permission denied' })

let clock: VirtualClock
let backend: Backend
let events: CacheEvent[]
let value: number
let loads: number
let failure: Error | undefined
let mayAnswer: boolean
let cache: Cache

beforeEach(async () => {
  clock = new VirtualClock()
  let ids = 0
  backend = openMemoryBackend({
    tier: 'memory',
    near: { limitBytes: 1_000_000, maxEntryBytes: 10_000 },
    clock,
    newId: () => `e${++ids}`,
  })
  events = []
  value = 10
  loads = 0
  failure = undefined
  mayAnswer = true
  cache = openCache()
})

function openCache(options: Partial<CacheOptions> = {}): Cache {
  return new Cache({
    near: backend.near,
    store: backend.store,
    log: backend.log,
    clock,
    affects: affectsRows,
    mayAnswer: () => mayAnswer,
    settleMs: 0,
    graceMs,
    revalidateMs,
    ttlJitter: 0,
    random: () => 0.5,
    report: (event) => events.push(event),
    ...options,
  })
}

/** A read upstream takes 100 ms. */
const load: Load = async (signal) => {
  loads += 1
  await clock.sleep(100, signal)
  if (signal.aborted) throw outage
  if (failure) throw failure
  return replyOf({ 1: value }, ttlMs)
}

const read = (hints: ReadHints = {}, mayRevalidate: boolean | undefined = true) =>
  cache.read(questionAbout([1]), load, hints, () => mayRevalidate)

function storeOver(entries: Map<string, Entry>, onGet = () => {}): Store {
  return {
    get: async (key) => {
      onGet()
      return entries.get(key)
    },
    set: async (entry) => {
      entries.set(entry.key, entry)
      return true
    },
    delete: async (key) => void entries.delete(key),
    entries: async function* () {
      yield* entries.values()
    },
  }
}

/** Filled, and past its TTL by so much. */
async function overdueBy(ms: number): Promise<void> {
  await clock.run(read())
  await clock.advance(ttlMs + ms)
}

const kinds = () => events.map((event) => event.kind)

describe('an entry past its TTL that the log finds true', () => {
  test('is given at once, labelled, and read anew in the background', async () => {
    await overdueBy(0)
    value = 11
    const first = await read()
    expect(first).toMatchObject({ outcome: 'hit', detail: 'revalidating', ageMs: ttlMs })
    expect(valuesOf(first.entry.body)).toEqual({ 1: 10 })
    await clock.advance(100)
    const second = await read()
    expect(second).toMatchObject({ outcome: 'hit', detail: 'fresh' })
    expect(valuesOf(second.entry.body)).toEqual({ 1: 11 })
    expect(loads).toBe(2)
    expect(kinds()).toEqual(['miss', 'stored', 'revalidating', 'hit', 'stored', 'hit'])
  })

  test('is read anew once, however many ask meanwhile', async () => {
    await overdueBy(1000)
    const answers = await Promise.all(Array.from({ length: 20 }, () => read()))
    expect(answers.every(({ detail }) => detail === 'revalidating')).toBe(true)
    await clock.advance(100)
    expect(loads).toBe(2)
    expect(kinds().filter((kind) => kind === 'revalidating')).toHaveLength(1)
  })

  test('comes from the store as well, when it is no longer near', async () => {
    const stored = new Map<string, Entry>()
    cache = openCache({ store: storeOver(stored) })
    await overdueBy(0)
    backend.near.clear()
    expect(await read()).toMatchObject({ outcome: 'hit', detail: 'revalidating' })
  })

  test('is not looked at without waiting by those who peek', async () => {
    await overdueBy(0)
    expect(cache.peek(questionAbout([1]))).toBeUndefined()
  })
})

describe('upstream is waited for', () => {
  test.each<[string, () => Promise<unknown> | undefined]>([
    ['when the window has passed', () => clock.advance(revalidateMs)],
    ['when a change affects the entry', () => backend.log.append([makeRecord({ ids: [1], new: 12 })])],
    [
      'when the log does not reach back to it',
      async () => {
        backend.log.window.begin({ epoch: 'another', seq: 0 })
      },
    ],
  ])('%s', async (_, happens) => {
    await overdueBy(0)
    await happens()
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss', detail: 'stale' })
  })

  test('when this process may not answer from cache', async () => {
    await overdueBy(0)
    mayAnswer = false
    expect(await clock.run(read())).toMatchObject({ outcome: 'bypass' })
  })

  test('when this process may no longer answer, once the store has given the entry', async () => {
    const stored = new Map<string, Entry>()
    let looks = 0
    const onGet = () => {
      looks += 1
      if (looks === 2) mayAnswer = false
    }
    cache = openCache({ store: storeOver(stored, onGet) })
    await overdueBy(0)
    backend.near.clear()
    looks = 0
    expect(await clock.run(read())).toMatchObject({ outcome: 'bypass' })
    expect(looks).toBeGreaterThanOrEqual(2)
  })

  test('when the wall clock was set back to before the entry was read', async () => {
    await clock.run(read())
    clock.jumpWall(-3_600_000)
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
  })

  test.each<[string, ReadHints, string]>([
    ['nothing cached', { noCache: true }, 'bypass'],
    ['nothing older than the entry', { maxAgeMs: 1000 }, 'miss'],
    ['an age that the entry has not reached, which asks for a fresh one all the same', { maxAgeMs: 1e9 }, 'miss'],
  ])('by a reader who wants %s', async (_, hints, outcome) => {
    await overdueBy(0)
    expect(await clock.run(read(hints))).toMatchObject({ outcome })
  })

  test('by a reader whose own read must end with the request', async () => {
    await overdueBy(0)
    expect(await clock.run(read({}, false))).toMatchObject({ outcome: 'miss', detail: 'stale' })
  })

  test('by everybody, unless it is configured', async () => {
    cache = openCache({ revalidateMs: 0 })
    await overdueBy(0)
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss', detail: 'stale' })
  })

  test('not at all by a reader who takes cached answers only: he takes fresh ones', async () => {
    await overdueBy(0)
    await expect(read({ onlyIfCached: true })).rejects.toMatchObject({ code: 'NOT_CACHED' })
    expect(loads).toBe(1)
  })
})

describe('a background read that fails', () => {
  test.each([
    ['because upstream is down', outage],
    ['because upstream refuses', fault],
  ])('%s disturbs nobody, and is tried again by the next reader', async (_, error) => {
    await overdueBy(0)
    failure = error
    expect(await read()).toMatchObject({ detail: 'revalidating' })
    await clock.advance(100)
    failure = undefined
    expect(await read()).toMatchObject({ detail: 'revalidating' })
    await clock.advance(100)
    expect(await read()).toMatchObject({ detail: 'fresh' })
    expect(loads).toBe(3)
  })

  test('leaves the entry to grace once the window has passed', async () => {
    await overdueBy(0)
    failure = outage
    await read()
    await clock.advance(revalidateMs)
    expect(await clock.run(read())).toMatchObject({ outcome: 'stale' })
  })

  test('is ended when the cache is closed', async () => {
    await overdueBy(0)
    await read()
    await cache.close()
    await clock.advance(100)
    expect(kinds().filter((kind) => kind === 'stored')).toHaveLength(1)
  })
})

test('a change during the background read makes what it brings stale at birth', async () => {
  await overdueBy(0)
  await read()
  await clock.advance(50)
  await backend.log.append([makeRecord({ ids: [1], new: 12 })])
  await clock.advance(50)
  value = 12
  const answer = await clock.run(read())
  expect(answer).toMatchObject({ outcome: 'miss', detail: 'stale' })
  expect(valuesOf(answer.entry.body)).toEqual({ 1: 12 })
})
