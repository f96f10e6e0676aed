import { beforeEach, describe, expect, test } from 'vitest'
import { openMemoryBackend } from '../../src/backends/memory.ts'
import { Cache, type CacheEvent, type CacheOptions, type Load, type Loaded } from '../../src/cache/cache.ts'
import type { ChangeRecord } from '../../src/cache/change.ts'
import type { Entry } from '../../src/cache/entry.ts'
import type { Backend, Store } from '../../src/cache/ports.ts'
import { SgcacheError } from '../../src/errors.ts'
import { affectsRows, makeEntry, makeRecord, questionAbout, replyOf, valuesOf } from '../support/cache-world.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const latencyMs = 100
const settleMs = 1000
const ttlMs = 60_000
const graceMs = 600_000
const memory = { tier: 'memory', near: { limitBytes: 1_000_000, maxEntryBytes: 10_000 } } as const

let clock: VirtualClock
let backend: Backend
let events: CacheEvent[]
/** Upstream: the values of the rows, how often it was asked, and whether it can be. */
let rows: Record<number, number>
let loads: number
let failure: Error | undefined
let mayAnswer: boolean
let cache: Cache

const outage = new SgcacheError('UPSTREAM_UNREACHABLE', { url: 'https://site', reason: 'ECONNREFUSED' })
const fault = new SgcacheError('UPSTREAM_FAULT', { fault: 'permission denied' })

beforeEach(async () => {
  clock = new VirtualClock()
  let ids = 0
  backend = openMemoryBackend({ ...memory, clock, newId: () => `e${++ids}` })
  events = []
  rows = { 1: 10, 2: 20 }
  loads = 0
  failure = undefined
  mayAnswer = true
  cache = openCache()
  await pause() // what is read just after the log began is not trusted
})

function openCache(options: Partial<CacheOptions> = {}): Cache {
  return new Cache({
    near: backend.near,
    store: backend.store,
    log: backend.log,
    clock,
    affects: affectsRows,
    mayAnswer: () => mayAnswer,
    settleMs,
    graceMs,
    ttlJitter: 0,
    random: () => 0.5,
    report: (event) => events.push(event),
    ...options,
  })
}

/** Reads the rows after half the latency; `parts` change what becomes of the reply. */
function loader(ids: readonly number[], parts: Partial<Loaded> = {}): Load {
  return async () => {
    loads += 1
    await clock.sleep(latencyMs / 2)
    const values = Object.fromEntries(ids.filter((id) => id in rows).map((id) => [id, rows[id]!]))
    await clock.sleep(latencyMs / 2)
    if (failure) throw failure
    return { ...replyOf(values, ttlMs), ...parts }
  }
}

function read(ids: readonly number[] = [1], hints = {}, parts: Partial<Loaded> = {}) {
  return cache.read(questionAbout(ids), loader(ids, parts), hints)
}

async function write(id: number, value: number, parts: Partial<ChangeRecord> = {}) {
  rows[id] = value
  return backend.log.append([makeRecord({ ids: [id], new: value, ...parts })])
}

function kinds(): string[] {
  return events.map((event) => event.kind)
}

/** What is read now is not held back by the settle window of an earlier change. */
const pause = () => clock.advance(settleMs)

describe('a read', () => {
  test('is a miss first, and a hit after', async () => {
    const first = await clock.run(read())
    expect(first).toMatchObject({ outcome: 'miss', detail: 'uri-miss', ageMs: 0 })
    await clock.advance(5000)
    const second = await clock.run(read())
    expect(second).toMatchObject({ outcome: 'hit', detail: 'fresh', ageMs: 5000 })
    expect(second.entry.body).toBe(first.entry.body)
    expect(loads).toBe(1)
    expect(kinds()).toEqual(['miss', 'stored', 'hit'])
  })

  test('that finds nothing upstream is an answer like any other', async () => {
    await clock.run(read([99]))
    expect(await clock.run(read([99]))).toMatchObject({ outcome: 'hit' })
    expect(loads).toBe(1)
  })

  test('past the TTL goes upstream', async () => {
    await clock.run(read())
    await clock.advance(ttlMs)
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss', detail: 'stale' })
    expect(events.at(-2)).toMatchObject({ kind: 'miss', reason: 'expired' })
  })

  test('is not fooled by two questions with one key, nor are they answered by one flight', async () => {
    const [one, two] = [questionAbout([1]), { ...questionAbout([2]), key: questionAbout([1]).key }]
    const answers = await clock.run(Promise.all([cache.read(one, loader([1])), cache.read(two, loader([2]))]))
    expect(answers.map(({ entry }) => valuesOf(entry.body))).toEqual([{ 1: 10 }, { 2: 20 }])
    const again = await clock.run(cache.read(one, loader([1])))
    expect(valuesOf(again.entry.body)).toEqual({ 1: 10 })
    expect(cache.peek(two)).toBeUndefined()
  })

  test('that upstream refuses fails with its error, which is not remembered', async () => {
    failure = fault
    await expect(clock.run(read())).rejects.toBe(fault)
    failure = undefined
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
  })

  test('is not stored when the reply says so, and says why', async () => {
    const answer = await clock.run(read([1], {}, { store: 'relative date' }))
    expect(answer).toMatchObject({ outcome: 'bypass', detail: 'uncacheable: relative date' })
    expect(await clock.run(read([1], {}, { store: 'relative date' }))).toMatchObject({ outcome: 'bypass' })
    expect([...backend.near.values()]).toEqual([])
  })

  test('of a reply too large to keep is answered all the same', async () => {
    const body = Buffer.alloc(20_000, 32)
    expect((await clock.run(read([1], {}, { body }))).entry.body).toBe(body)
    await cache.flush()
    expect(events.at(-1)).toMatchObject({ kind: 'refused', reason: 'too large' })
  })

  test('after the wall clock was set far back does not trust what was filled "later"', async () => {
    await clock.run(read())
    clock.jumpWall(-86_400_000)
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss', detail: 'stale' })
    expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
  })
})

describe('the TTL', () => {
  test('is cut by up to the jitter, at random, and grace is counted from its end', async () => {
    cache = openCache({ ttlJitter: 0.2, random: () => 0.5 })
    const { entry } = await clock.run(read())
    expect(entry.freshUntil - entry.fetchedAt).toBe(ttlMs * 0.9)
    expect(entry.keepUntil - entry.freshUntil).toBe(graceMs)
  })
})

describe('law 1: no lasting stale answer', () => {
  test('after a change is in the log, what it affects is read again', async () => {
    await clock.run(read())
    await write(1, 11)
    const answer = await clock.run(read())
    expect(valuesOf(answer.entry.body)).toEqual({ 1: 11 })
    expect(events.find((event) => event.kind === 'dropped')).toMatchObject({ change: { ids: [1], new: 11 } })
  })

  test('what it does not affect stays a hit', async () => {
    await clock.run(read([1]))
    await write(2, 21)
    expect(await clock.run(read([1]))).toMatchObject({ outcome: 'hit', seq: 1 })
    expect(cache.changesExamined).toBe(0)
  })

  test('peek sees a change at once', async () => {
    await clock.run(read())
    expect(cache.peek(questionAbout([1]))).toBeDefined()
    await write(1, 11)
    expect(cache.peek(questionAbout([1]))).toBeUndefined()
  })

  test('a change of one scope leaves the others alone', async () => {
    await clock.run(read())
    await write(1, 10, { scope: 'artists' })
    expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
    await write(1, 10, { scope: 'farm' })
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
  })

  test('an entry that a change made untrue is told of once, however often it is looked at', async () => {
    const { entry } = await clock.run(read())
    await write(1, 11)
    for (let i = 0; i < 3; i++) expect(cache.isFresh(entry)).toBe(false)
    expect(kinds().filter((kind) => kind === 'dropped')).toHaveLength(1)
  })

  test('when affects itself fails, the entry counts as affected', async () => {
    cache = openCache({
      affects: () => {
        throw new TypeError('of undefined')
      },
    })
    await clock.run(read())
    await write(1, 11)
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
    expect(kinds()).toContain('affects-failed')
  })
})

describe('law 2: no stale fill', () => {
  test('a change that comes while the read is under way makes its reply stale at birth', async () => {
    await pause()
    const reading = read()
    await clock.advance(latencyMs * 0.75)
    await write(1, 11)
    expect(valuesOf((await clock.run(reading)).entry.body)).toEqual({ 1: 10 })
    await pause()
    expect(valuesOf((await clock.run(read())).entry.body)).toEqual({ 1: 11 })
  })

  test('an entry put with a stamp from before the change is not fresh', async () => {
    await pause()
    const stamp = cache.stamp()!
    await write(1, 11)
    await cache.put(questionAbout([1]), replyOf({ 1: 10 }), stamp)
    expect(cache.peek(questionAbout([1]))).toBeUndefined()
  })
})

describe('rule 2: positions of two epochs cannot be compared', () => {
  test('an entry of another epoch is not fresh, whatever its seq', async () => {
    await write(2, 21)
    await pause()
    await clock.run(read())
    backend.log.window.begin({ epoch: 'next', seq: 0 })
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
    expect(events).toContainEqual(expect.objectContaining({ kind: 'miss', reason: 'forgotten' }))
  })

  test('a reply whose read began in another epoch is answered, not stored', async () => {
    const reading = read()
    await clock.advance(latencyMs / 2)
    backend.log.window.begin({ epoch: 'next', seq: 0 })
    expect(await clock.run(reading)).toMatchObject({ outcome: 'bypass', detail: 'a new epoch began' })
    expect([...backend.near.values()]).toEqual([])
    expect(await cache.put(questionAbout([1]), replyOf({ 1: 10 }), { epoch: 'e1', seq: 0 })).toBeUndefined()
  })
})

describe('rule 7: to forget is to invalidate', () => {
  const farSeq = 100

  test('an entry from before the coverage is not fresh', async () => {
    await clock.run(read())
    const { epoch } = backend.log.window
    backend.log.window.apply({ ...makeRecord({ type: 'Asset' }), epoch, seq: farSeq, at: 0 })
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
    expect(events).toContainEqual(expect.objectContaining({ kind: 'miss', reason: 'forgotten' }))
  })

  test('an entry that was checked since stays fresh when its stamp is forgotten', async () => {
    backend = openMemoryBackend({ ...memory, clock, newId: () => 'e1', changeLimit: 10 })
    cache = openCache()
    await pause()
    await clock.run(read())
    for (let i = 0; i < 50; i++) {
      await write(2, i)
      if (i % 5 === 0) expect(cache.peek(questionAbout([1]))).toBeDefined()
    }
    expect(cache.peek(questionAbout([1]))).toBeDefined()
    for (let i = 0; i < 11; i++) await write(2, i)
    expect(cache.peek(questionAbout([1]))).toBeUndefined()
  })
})

describe('rule 9: the right to answer is asked for on every read', () => {
  test('without it, a read goes upstream and is not stored', async () => {
    await clock.run(read())
    mayAnswer = false
    expect(cache.peek(questionAbout([1]))).toBeUndefined()
    expect(cache.stamp()).toBeUndefined()
    expect(await clock.run(read())).toMatchObject({ outcome: 'bypass', detail: 'blind' })
    expect(loads).toBe(2)
    mayAnswer = true
    expect(await clock.run(read())).toMatchObject({ outcome: 'hit', ageMs: latencyMs })
  })

  test('a read that began without it is not stored, though it has come back', async () => {
    mayAnswer = false
    const reading = read()
    await clock.advance(latencyMs / 2)
    mayAnswer = true
    await clock.run(reading)
    expect([...backend.near.values()]).toEqual([])
  })
})

describe('rule 10: a joiner', () => {
  test('is answered by the flight under way when nothing has changed', async () => {
    const answers = await clock.run(Promise.all([read(), read(), read()]))
    expect(loads).toBe(1)
    expect(answers.map(({ collapsed }) => collapsed)).toEqual([false, true, true])
    expect(kinds().filter((kind) => kind === 'joined')).toHaveLength(2)
  })

  test('starts a new fetch when the running one is already stale', async () => {
    await pause()
    const first = read()
    await clock.advance(latencyMs * 0.75)
    await write(1, 11)
    const second = read()
    expect(valuesOf((await clock.run(first)).entry.body)).toEqual({ 1: 10 })
    expect(valuesOf((await clock.run(second)).entry.body)).toEqual({ 1: 11 })
    expect(loads).toBe(2)
  })

  test('two hundred at once read upstream twice at most, even what may not be stored', async () => {
    const uncacheable = () => read([1], {}, { store: 'current user' })
    await clock.run(Promise.all(Array.from({ length: 200 }, uncacheable)))
    expect(loads).toBe(2)
  })

  test('does not join without the right to answer', async () => {
    mayAnswer = false
    await clock.run(Promise.all([read(), read(), read()]))
    expect(loads).toBe(2)
  })

  test('is not given a refusal of a read begun before it came', async () => {
    failure = fault
    const first = read().catch((error: Error) => error)
    await clock.advance(latencyMs * 0.9)
    const second = read()
    await clock.advance(latencyMs * 0.1)
    failure = undefined
    expect(await first).toBe(fault)
    expect(await clock.run(second)).toMatchObject({ outcome: 'miss' })
  })

  test('does not wait twice for an upstream that cannot be reached', async () => {
    failure = outage
    const failures = [read(), read(), read()].map((reading) => reading.catch((error: Error) => error))
    expect(await clock.run(Promise.all(failures))).toEqual([outage, outage, outage])
    expect(loads).toBe(1)
  })
})

describe('rule 11: the settle window', () => {
  test('a fill soon after a change that affects it is read once more, in case upstream lagged', async () => {
    await pause()
    await write(1, 11)
    rows[1] = 10 // a replica that has not got it yet
    expect(valuesOf((await clock.run(read())).entry.body)).toEqual({ 1: 10 })
    rows[1] = 11
    await pause()
    expect(valuesOf((await clock.run(read())).entry.body)).toEqual({ 1: 11 })
    expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
  })

  test('holds at the beginning of the log as well: nobody tells of what changed just before', async () => {
    const beginning = openMemoryBackend({ ...memory, clock, newId: () => 'e9' })
    cache = openCache({ near: beginning.near, store: beginning.store, log: beginning.log })
    await clock.run(read())
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss', detail: 'stale', seq: 0 })
    await pause()
    await clock.run(read())
    expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
  })

  test('of zero trusts the read', async () => {
    cache = openCache({ settleMs: 0 })
    await write(1, 11)
    await clock.run(read())
    expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
  })
})

describe('rule 12: the memo of a passed check', () => {
  test('belongs to one entry: another with the same call in another scope is checked by itself', async () => {
    const ask = (scope: string) => cache.read(questionAbout([1], scope), loader([1]))
    await clock.run(Promise.all([ask('farm'), ask('artists')]))
    await write(1, 10, { scope: 'artists' })
    expect(cache.peek(questionAbout([1], 'farm'))).toBeDefined()
    expect(cache.peek(questionAbout([1], 'artists'))).toBeUndefined()
  })

  test('an older fill does not take the place of a younger one', async () => {
    const old = cache.stamp()!
    await write(2, 21)
    await pause()
    await clock.run(read())
    await cache.put(questionAbout([1]), replyOf({ 1: 9 }), old)
    expect(valuesOf(cache.peek(questionAbout([1]))!.body)).toEqual({ 1: 10 })
  })

  test('removing an entry invalidates nothing: another level brings it back', async () => {
    const store = toyStore()
    cache = openCache({ store })
    await clock.run(read())
    backend.near.clear()
    expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
    await write(1, 11)
    backend.near.clear()
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
  })

  test('of several copies in a store, one that is fresh is asked for', async () => {
    const store = toyStore()
    cache = openCache({ store })
    await clock.run(read())
    const { key } = questionAbout([1])
    const [old] = store.all.values()
    await write(1, 11)
    await pause()
    await clock.run(read())
    const copies = [old!, store.all.get(key)!].map((entry) => ({ ...entry, validatedSeq: entry.stamp.seq }))
    const get: Store['get'] = async (_, suits = () => true) => copies.find(suits) ?? copies[0]
    backend.near.clear()
    cache = openCache({ store: { ...store, get } })
    const answer = await clock.run(read())
    expect(answer.outcome).toBe('hit')
    expect(valuesOf(answer.entry.body)).toEqual({ 1: 11 })
  })

  describe('re-stamping', () => {
    let store: ReturnType<typeof toyStore>

    beforeEach(async () => {
      store = toyStore()
      cache = openCache({ store, restampAfter: 3 })
      await clock.run(read())
      for (let i = 0; i < 4; i++) await write(2, i)
      await clock.advance(2000)
      backend.near.clear()
    })

    test('moves the stamp of the stored copy, and keeps fill time and expiry', async () => {
      const before = store.all.get(questionAbout([1]).key)!
      expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
      await cache.flush()
      const after = store.all.get(questionAbout([1]).key)!
      expect(after.stamp.seq).toBe(4)
      const { fetchedAt, freshUntil, keepUntil } = before
      expect(after).toMatchObject({ fetchedAt, freshUntil, keepUntil })
    })

    test('never replaces a younger fill', async () => {
      const { key } = questionAbout([1])
      const younger = { ...store.all.get(key)!, fetchedAt: clock.now() }
      store.afterGet = () => store.all.set(key, younger)
      expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
      await cache.flush()
      expect(store.all.get(key)).toBe(younger)
    })
  })
})

describe('rule 24: grace', () => {
  beforeEach(async () => {
    await clock.run(read())
  })

  test('serves the last answer, labelled with its age, when upstream is down and its TTL has passed', async () => {
    await clock.advance(ttlMs)
    failure = outage
    const answer = await clock.run(read())
    expect(answer).toMatchObject({ outcome: 'stale', detail: 'upstream unreachable', ageMs: ttlMs + latencyMs })
    expect(events.at(-1)).toMatchObject({ kind: 'stale-served', error: outage })
  })

  test("serves what others' changes affect", async () => {
    await write(1, 11, { source: 'event' })
    failure = outage
    expect(await clock.run(read())).toMatchObject({ outcome: 'stale' })
  })

  test('never serves what a write through us affects', async () => {
    await write(1, 11, { source: 'write' })
    failure = outage
    await expect(clock.run(read())).rejects.toBe(outage)
  })

  test('serves what a write through us does not affect', async () => {
    await write(2, 21, { source: 'write' })
    await clock.advance(ttlMs)
    failure = outage
    expect(await clock.run(read())).toMatchObject({ outcome: 'stale' })
  })

  test('does not serve what the log has forgotten: a write may be among it', async () => {
    backend.log.window.begin({ epoch: 'next', seq: 0 })
    failure = outage
    await expect(clock.run(read())).rejects.toBe(outage)
  })

  test('ends with the bound', async () => {
    await clock.advance(ttlMs + graceMs)
    failure = outage
    await expect(clock.run(read())).rejects.toBe(outage)
  })

  test('does not serve the answer to another question with the same key', async () => {
    failure = outage
    const other = { ...questionAbout([2]), key: questionAbout([1]).key }
    await expect(clock.run(cache.read(other, loader([2])))).rejects.toBe(outage)
  })

  test('is not for a refusal: upstream has answered', async () => {
    await clock.advance(ttlMs)
    failure = fault
    await expect(clock.run(read())).rejects.toBe(fault)
  })

  test('serves a hit that cannot be checked, when upstream cannot be asked either', async () => {
    mayAnswer = false
    failure = outage
    expect(await clock.run(read())).toMatchObject({ outcome: 'stale', detail: 'blind' })
  })

  test('is not for a read that wants no cached answer, or one newer than the log', async () => {
    failure = outage
    await expect(clock.run(read([1], { noCache: true }))).rejects.toBe(outage)
    await expect(clock.run(read([1], { minSeq: 5 }))).rejects.toBe(outage)
  })

  test('does not keep an entry past its TTL from being read again: stale while upstream answers is no answer', async () => {
    await clock.advance(ttlMs)
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
  })
})

describe('law 5: the cache may fail, the read may not', () => {
  const broken: Store = {
    get: () => Promise.reject(new Error('connection lost')),
    set: () => Promise.reject(new Error('connection lost')),
    delete: () => Promise.reject(new Error('connection lost')),
    async *entries() {},
  }

  test('a store that fails means reading upstream, and is reported', async () => {
    cache = openCache({ store: broken })
    expect(await clock.run(read())).toMatchObject({ outcome: 'miss' })
    await cache.flush()
    expect(events.filter((event) => event.kind === 'store-failed').map((event) => event.operation)).toEqual([
      'get',
      'set',
    ])
  })

  test('what the near cache holds is answered without the store', async () => {
    cache = openCache({ store: broken })
    await clock.run(read())
    expect(await clock.run(read())).toMatchObject({ outcome: 'hit' })
  })

  test('a slow store does not hold the answer back', async () => {
    const slow = { ...toyStore(), set: () => clock.sleep(5000).then(() => true) }
    cache = openCache({ store: slow })
    await clock.run(read())
    expect(clock.monotonic()).toBe(settleMs + latencyMs)
    await clock.run(cache.flush())
    expect(clock.monotonic()).toBe(settleMs + latencyMs + 5000)
  })
})

describe('what the reader wishes', () => {
  beforeEach(async () => {
    await clock.run(read())
    rows[1] = 11 // in silence
  })

  test('no-cache reads upstream and stores what it gets', async () => {
    const answer = await clock.run(read([1], { noCache: true }))
    expect(answer).toMatchObject({ outcome: 'bypass', detail: 'no-cache' })
    expect(valuesOf((await clock.run(read())).entry.body)).toEqual({ 1: 11 })
  })

  test('max-age reads again what is older', async () => {
    await clock.advance(5000)
    expect(await clock.run(read([1], { maxAgeMs: 5000 }))).toMatchObject({ outcome: 'hit' })
    expect(await clock.run(read([1], { maxAgeMs: 4999 }))).toMatchObject({ outcome: 'bypass', detail: 'max-age' })
  })

  test('only-if-cached is answered from cache or not at all', async () => {
    expect(await clock.run(read([1], { onlyIfCached: true }))).toMatchObject({ outcome: 'hit' })
    await expect(clock.run(read([2], { onlyIfCached: true }))).rejects.toMatchObject({
      code: 'NOT_CACHED',
      status: 504,
    })
    expect(loads).toBe(1)
  })

  test('min-seq is met by what this log has given out, and read upstream when it has not', async () => {
    const { seq } = await write(2, 21)
    expect(await clock.run(read([1], { minSeq: seq }))).toMatchObject({ outcome: 'hit', seq })
    expect(await clock.run(read([1], { minSeq: seq + 1 }))).toMatchObject({ outcome: 'bypass', detail: 'min-seq' })
  })
})

describe('an entry derived from another', () => {
  const part = questionAbout([7])
  const content = { body: Buffer.from('{"1":10}'), dependencies: replyOf({ 1: 0 }).dependencies }
  let source: Entry

  beforeEach(async () => {
    source = (await clock.run(read([1, 2]))).entry
    await clock.advance(1000)
  })

  test('is as old as its source, expires with it and is true as of the same seq', async () => {
    await write(9, 0)
    const derived = await cache.derive(source, part, content)
    const { fetchedAt, freshUntil, keepUntil } = source
    expect(derived).toMatchObject({ fetchedAt, freshUntil, keepUntil, key: part.key, stamp: { seq: 1 } })
    expect(cache.peek(part)).toBe(derived)
  })

  test('is dropped by the changes that affect it', async () => {
    await cache.derive(source, part, content)
    await write(1, 11)
    expect(cache.peek(part)).toBeUndefined()
  })

  test('is not made from a source that is no longer true', async () => {
    await write(2, 21)
    expect(await cache.derive(source, part, content)).toBeUndefined()
  })
})

test('closing aborts the reads under way', async () => {
  const reading = cache.read(questionAbout([1]), async (signal) => {
    await clock.sleep(60_000, signal)
    throw signal.reason
  })
  const failed = expect(reading).rejects.toThrow('aborted')
  await cache.close()
  await failed
  expect(clock.monotonic()).toBe(settleMs)
})

test('an entry of nobody is fresh only in its epoch', () => {
  expect(cache.isFresh(makeEntry({ fetchedAt: clock.now() }))).toBe(true)
  expect(cache.isFresh(makeEntry({ fetchedAt: clock.now(), stamp: { epoch: '', seq: 0 } }))).toBe(false)
})

/** A store apart from the near cache, as the shared tiers have. */
function toyStore() {
  const all = new Map<string, Entry>()
  const store = {
    all,
    afterGet: () => {},
    async get(key: string) {
      const entry = all.get(key)
      const copy = entry && { ...entry, validatedSeq: entry.stamp.seq }
      store.afterGet()
      return copy
    },
    async set(entry: Entry) {
      all.set(entry.key, entry)
      return true
    },
    async delete(key: string) {
      all.delete(key)
    },
    async *entries() {
      yield* all.values()
    },
  }
  return store
}
