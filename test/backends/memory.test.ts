import { expect, test } from 'vitest'
import { openBackend } from '../../src/backends/open.ts'
import type { Entry } from '../../src/cache/entry.ts'
import { makeEntry, makeRecord } from '../support/cache-world.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { describeBackend } from './contract.ts'

const maxEntryBytes = 10_000

function open(clock: VirtualClock, ids = ['e1'], onEvict?: (entry: Entry) => void) {
  const near = { limitBytes: 100_000, maxEntryBytes, onEvict }
  return openBackend({ tier: 'memory', near, clock, newId: () => ids.shift()! })
}

// Storage that expires by the machine's clock needs the two to agree.
const virtualClock = () => new VirtualClock({ startsAt: Date.now() })

describeBackend('memory', virtualClock, async (clock) => ({ backend: await open(clock), maxEntryBytes }))

test('each process has an epoch of its own', async () => {
  const ids = ['e1', 'e2']
  const [one, two] = [await open(new VirtualClock(), ids), await open(new VirtualClock(), ids)]
  expect([one.log.window.epoch, two.log.window.epoch]).toEqual(['e1', 'e2'])
})

test('the store is the near cache: what one is given, the other has, as the same object', async () => {
  const backend = await open(new VirtualClock())
  const entry = makeEntry()
  backend.near.set(entry)
  expect(await backend.store.get(entry.key)).toBe(entry)
  await backend.store.delete(entry.key)
  expect(backend.near.get(entry.key)).toBeUndefined()
})

test('the store says when an entry is too large', async () => {
  const backend = await open(new VirtualClock())
  expect(await backend.store.set(makeEntry({ body: Buffer.alloc(maxEntryBytes) }))).toBe(false)
})

test('the store stays within its bytes: the entry used longest ago makes room', async () => {
  const evicted: string[] = []
  const backend = await open(new VirtualClock(), ['e1'], ({ key }) => evicted.push(key))
  const body = Buffer.alloc(9_000)
  for (let i = 0; i < 10; i++) await backend.store.set(makeEntry({ key: `farm:Shot:read:${i}`, body }))
  await backend.store.get('farm:Shot:read:0')
  await backend.store.set(makeEntry({ key: 'farm:Shot:read:new', body }))
  expect(evicted).toEqual(['farm:Shot:read:1'])
  expect(backend.near.bytes).toBeLessThanOrEqual(100_000)
})

test('keys are used as they are: a key of one scope cannot reach an entry of another', async () => {
  const backend = await open(new VirtualClock())
  await backend.store.set(makeEntry({ key: 'keyv:farm' }))
  expect(await backend.store.get('farm')).toBeUndefined()
})

test('expiry goes by the injected clock alone', async () => {
  const clock = new VirtualClock({ startsAt: 1_000 })
  const backend = await open(clock)
  await backend.store.set(makeEntry({ keepUntil: 2_000 }))
  expect(await backend.store.get(makeEntry().key)).toBeDefined()
})

test('nothing is left after closing', async () => {
  const backend = await open(new VirtualClock())
  await backend.store.set(makeEntry())
  await backend.log.append([makeRecord()])
  await backend.close()
  expect(backend.near.count).toBe(0)
})
