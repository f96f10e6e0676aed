import { beforeEach, describe, expect, test } from 'vitest'
import { createLayeredStore } from '../../src/backends/layered-store.ts'
import type { Entry } from '../../src/cache/entry.ts'
import type { Store } from '../../src/cache/ports.ts'
import { makeEntry } from '../support/cache-world.ts'

/** A store that can be seen into, and can fail. */
class ShownStore implements Store {
  readonly held = new Map<string, Entry>()
  trouble: Error | undefined
  refuses = false
  reads = 0

  async get(key: string): Promise<Entry | undefined> {
    this.reads++
    if (this.trouble) throw this.trouble
    return this.held.get(key)
  }

  async set(entry: Entry): Promise<boolean> {
    if (this.trouble) throw this.trouble
    if (!this.refuses) this.held.set(entry.key, entry)
    return !this.refuses
  }

  async delete(key: string): Promise<void> {
    if (this.trouble) throw this.trouble
    this.held.delete(key)
  }

  async *entries(): AsyncIterable<Entry> {
    yield* this.held.values()
  }
}

const at = (seq: number) => makeEntry({ stamp: { epoch: 'e1', seq } })
const old = at(1)
const young = at(2)
const key = old.key

describe('stores in levels', () => {
  let redis: ShownStore
  let replica: ShownStore
  let primary: ShownStore
  let told: unknown[]
  let store: Store

  beforeEach(() => {
    redis = new ShownStore()
    replica = new ShownStore()
    primary = new ShownStore()
    told = []
    store = createLayeredStore({
      levels: [{ store: redis }, { store: replica, isReadOnly: true }, { store: primary }],
      onError: (error) => told.push(error),
    })
  })

  test('the first copy that suits ends the search', async () => {
    redis.held.set(key, young)
    expect(await store.get(key, () => true)).toBe(young)
    expect([redis.reads, replica.reads, primary.reads]).toEqual([1, 0, 0])
  })

  test('a copy goes back into the levels before it, those that are only read left out', async () => {
    primary.held.set(key, young)
    expect(await store.get(key, () => true)).toBe(young)
    expect(redis.held.get(key)).toBe(young)
    expect(replica.held.size).toBe(0)
  })

  test('an old copy hides no younger one that suits', async () => {
    redis.held.set(key, old)
    replica.held.set(key, old)
    primary.held.set(key, young)
    expect(await store.get(key, (entry) => entry === young)).toBe(young)
    expect(redis.held.get(key)).toBe(young)
  })

  test('a younger copy that does not suit is not replaced by an older one that does', async () => {
    redis.held.set(key, young)
    primary.held.set(key, old)
    expect(await store.get(key, (entry) => entry === old)).toBe(old)
    expect(redis.held.get(key)).toBe(young)
  })

  test('if none suits, the youngest is given, and none goes back', async () => {
    redis.held.set(key, old)
    primary.held.set(key, young)
    expect(await store.get(key, () => false)).toBe(young)
    expect(redis.held.get(key)).toBe(old)
  })

  test('what is nowhere is not there', async () => {
    expect(await store.get(key, () => true)).toBeUndefined()
    expect(told).toEqual([])
  })

  test('trouble of a level is made up for by the next, and told', async () => {
    redis.trouble = new Error('redis is down')
    primary.held.set(key, young)
    expect(await store.get(key, () => true)).toBe(young)
    expect(told).toEqual([redis.trouble])
  })

  test('nothing found while a level has trouble is trouble', async () => {
    replica.trouble = new Error('the replica is down')
    await expect(store.get(key, () => true)).rejects.toBe(replica.trouble)
  })

  test('a copy that does not suit is given even when a level has trouble', async () => {
    primary.trouble = new Error('postgres is down')
    redis.held.set(key, old)
    expect(await store.get(key, () => false)).toBe(old)
    expect(told).toEqual([primary.trouble])
  })

  test('an entry is set in every level that is written', async () => {
    expect(await store.set(young)).toBe(true)
    expect([redis, replica, primary].map(({ held }) => held.get(key))).toEqual([young, undefined, young])
  })

  test.each(['redis', 'primary'] as const)('it is set when %s has trouble, which is told', async (name) => {
    const troubled = { redis, primary }[name]
    troubled.trouble = new Error('down')
    expect(await store.set(young)).toBe(true)
    expect(told).toEqual([troubled.trouble])
  })

  test('it is not set when both have trouble', async () => {
    redis.trouble = new Error('redis is down')
    primary.trouble = new Error('postgres is down')
    await expect(store.set(young)).rejects.toBe(primary.trouble)
  })

  test('it is refused when all refuse it', async () => {
    redis.refuses = true
    primary.refuses = true
    expect(await store.set(young)).toBe(false)
  })

  test('it is deleted everywhere, or that failed', async () => {
    await store.set(young)
    await store.delete(key)
    expect([redis.held.size, primary.held.size]).toEqual([0, 0])
    redis.trouble = new Error('redis is down')
    await expect(store.delete(key)).rejects.toBe(redis.trouble)
  })

  test('the last level lists what there is', async () => {
    primary.held.set(key, young)
    const listed: Entry[] = []
    for await (const entry of store.entries()) listed.push(entry)
    expect(listed).toEqual([young])
  })
})
