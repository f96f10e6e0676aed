/**
 * Random histories: readers, writers and trouble, interleaved on a virtual clock, against an upstream whose rows are
 * numbers that only grow, so that every answer shows how new it is.
 */
import { expect, test } from 'vitest'
import { openMemoryBackend } from '../../src/backends/memory.ts'
import { type Answer, Cache, type CacheOptions, type Load } from '../../src/cache/cache.ts'
import type { Store } from '../../src/cache/ports.ts'
import { SgcacheError } from '../../src/errors.ts'
import { affectsRows, makeRecord, questionAbout, replyOf, valuesOf } from '../support/cache-world.ts'
import { Random } from '../support/random.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const rowCount = 4
const questions = [[0], [1], [0, 1], [2, 3], [0, 1, 2, 3]]
/** How far upstream's reads lag behind; within `settleMs`. */
const maxLagMs = 50
const settleMs = 60

interface Tally {
  answers: Record<Answer['outcome'], number>
  /** Answers older than the law allows. */
  violations: string[]
  /** Upstream cannot be reached, and there was nothing that could be served. */
  failures: number
}

/** Row values over time, and which of them the log has announced. */
class Site {
  readonly #clock: VirtualClock
  readonly #history: { time: number; value: number }[][] = Array.from({ length: rowCount }, () => [
    { time: 0, value: 0 },
  ])
  /** By row: the newest value that a change in the log stands for, over time; and that a write through us made. */
  readonly announced: { time: number; value: number }[][] = Array.from({ length: rowCount }, () => [])
  readonly written: { time: number; value: number }[][] = Array.from({ length: rowCount }, () => [])
  isDown = false

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  write(row: number): number {
    const value = this.#history[row]!.at(-1)!.value + 1
    this.#history[row]!.push({ time: this.#clock.monotonic(), value })
    return value
  }

  valueAt(row: number, time: number): number {
    return lastBefore(this.#history[row]!, time)
  }
}

function lastBefore(history: readonly { time: number; value: number }[], time: number): number {
  let newest = 0
  for (const moment of history) if (moment.time <= time) newest = Math.max(newest, moment.value)
  return newest
}

interface World {
  readonly random: Random
  readonly clock: VirtualClock
  readonly site: Site
  readonly cache: Cache
  readonly log: ReturnType<typeof openMemoryBackend>['log']
  readonly state: { isBlind: boolean }
  readonly tally: Tally
  readonly hasTrouble: boolean
}

async function play(seed: number, tally: Tally, hasTrouble: boolean, options: Partial<CacheOptions>): Promise<void> {
  const random = new Random(seed)
  const clock = new VirtualClock()
  let ids = 0
  const near = { limitBytes: 1_000_000, maxEntryBytes: 100_000 }
  const changeLimit = random.pick([5, 20, 1000])
  const backend = openMemoryBackend({ tier: 'memory', near, clock, changeLimit, newId: () => `e${++ids}` })
  const state = { isBlind: false }
  const cache = new Cache({
    near: backend.near,
    store: hasTrouble ? unreliable(backend.store, random) : backend.store,
    log: backend.log,
    clock,
    affects: affectsRows,
    mayAnswer: () => !state.isBlind,
    settleMs,
    graceMs: 5_000,
    ttlJitter: 0.1,
    random: random.next,
    report: () => {},
    ...options,
  })
  const world = { random, clock, site: new Site(clock), cache, log: backend.log, state, tally, hasTrouble }
  const people = [reader, reader, reader, reader, writer, writer, silentChecker]
  const busy = people.map((person) => person(world))
  if (hasTrouble) busy.push(trouble(world))
  await clock.run(Promise.all(busy))
  await cache.flush()
}

async function reader(world: World): Promise<void> {
  const { random, clock, cache, tally } = world
  for (let i = 0; i < 25; i++) {
    await clock.sleep(random.int(40))
    const rows = random.pick(questions)
    const begunAt = clock.monotonic()
    const hints = random.weighted([
      [20, {}],
      [1, { noCache: true }],
      [1, { maxAgeMs: 100 }],
    ])
    try {
      judge(world, rows, begunAt, await cache.read(questionAbout(rows), loader(world, rows), hints))
    } catch (error) {
      if (!(error instanceof SgcacheError) || !world.hasTrouble) tally.violations.push(`failed: ${error}`)
      tally.failures += 1
    }
  }
}

/** Reads what is in the near cache, without asking upstream, as the hot path does. */
async function silentChecker(world: World): Promise<void> {
  const { random, clock, cache } = world
  for (let i = 0; i < 60; i++) {
    await clock.sleep(random.int(15))
    const rows = random.pick(questions)
    const entry = cache.peek(questionAbout(rows))
    if (entry) judge(world, rows, clock.monotonic(), { entry, outcome: 'hit', detail: '', seq: 0, ageMs: 0 })
  }
}

/** What a read begun at `begunAt` must show at least: see the laws. */
function judge({ site, tally }: World, rows: readonly number[], begunAt: number, answer: Answer): void {
  tally.answers[answer.outcome] += 1
  const shown = valuesOf(answer.entry.body)
  for (const row of rows) {
    const fromCache = lastBefore(site.announced[row]!, begunAt)
    const fromUpstream = site.valueAt(row, begunAt - maxLagMs)
    const own = lastBefore(site.written[row]!, begunAt)
    const least =
      answer.outcome === 'hit' ? fromCache : answer.outcome === 'stale' ? own : Math.min(fromCache, fromUpstream)
    if (shown[row]! < least) tally.violations.push(`${answer.outcome} shows ${shown[row]}, not ${least}`)
  }
}

/** Upstream looks at one moment, a little in the past, and takes its time before and after. */
function loader({ random, clock, site }: World, rows: readonly number[]): Load {
  const [before, after, lag] = [random.int(20), random.int(20), random.int(maxLagMs)]
  const ttlMs = random.pick([50, 10_000])
  return async () => {
    await clock.sleep(before)
    if (site.isDown) throw new SgcacheError('UPSTREAM_UNREACHABLE', { url: 'https://site', reason: 'down' })
    const time = clock.monotonic() - lag
    const reply = replyOf(Object.fromEntries(rows.map((row) => [row, site.valueAt(row, time)])), ttlMs)
    await clock.sleep(after)
    return reply
  }
}

/** Writes through us, or elsewhere and is announced later. */
async function writer({ random, clock, site, log }: World): Promise<void> {
  for (let i = 0; i < 25; i++) {
    await clock.sleep(random.int(60))
    const row = random.int(rowCount)
    const value = site.write(row)
    const isOurs = random.chance(0.3)
    const announce = async () => {
      if (!isOurs) await clock.sleep(random.int(100))
      await log.append([makeRecord({ ids: [row], source: isOurs ? 'write' : 'event', new: value })])
      const moment = { time: clock.monotonic(), value }
      site.announced[row]!.push(moment)
      if (isOurs) site.written[row]!.push(moment)
    }
    await announce()
  }
}

async function trouble({ random, clock, site, state, log }: World): Promise<void> {
  for (let i = 0; i < 12; i++) {
    await clock.sleep(random.int(80))
    const turn = random.int(6)
    if (turn < 2) site.isDown = !site.isDown
    else if (turn < 4) state.isBlind = !state.isBlind
    else if (turn === 4) log.window.begin({ epoch: `${log.window.epoch}+`, seq: 0 })
    else log.window.begin({ epoch: `${log.window.epoch}+`, seq: random.int(50) })
  }
}

function unreliable(store: Store, random: Random): Store {
  const mayFail = () => {
    if (random.chance(0.2)) throw new Error('connection lost')
  }
  return {
    ...store,
    async get(key) {
      mayFail()
      return store.get(key)
    },
    async set(entry) {
      mayFail()
      return store.set(entry)
    },
  }
}

async function playMany(count: number, hasTrouble: boolean, options: Partial<CacheOptions> = {}): Promise<Tally> {
  const tally: Tally = { answers: { hit: 0, miss: 0, bypass: 0, stale: 0 }, violations: [], failures: 0 }
  for (let seed = 1; seed <= count; seed++) await play(seed, tally, hasTrouble, options)
  return tally
}

test('no answer is older than a change applied before its read began, whatever the interleaving', async () => {
  const { answers, violations } = await playMany(100, false)
  expect(violations).toEqual([])
  expect(answers.hit).toBeGreaterThan(1000)
  expect(answers.miss).toBeGreaterThan(1000)
})

test('nor with outages, a blind follower, new epochs and a store that fails at random', async () => {
  const { answers, violations, failures } = await playMany(100, true)
  expect(violations).toEqual([])
  expect(Math.min(answers.hit, answers.miss, answers.bypass, answers.stale, failures)).toBeGreaterThan(100)
})

test('rule 11: the histories find a cache that has no settle window', async () => {
  const { violations } = await playMany(30, false, { settleMs: 0 })
  expect(violations.length).toBeGreaterThan(0)
})

test('law 1: the histories find an affects that errs towards no once in ten times', async () => {
  const random = new Random(7)
  const { violations } = await playMany(30, false, {
    affects: (change, entry) => affectsRows(change, entry) && !random.chance(0.1),
  })
  expect(violations.length).toBeGreaterThan(0)
})
