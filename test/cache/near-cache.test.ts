import { expect, test } from 'vitest'
import { entryBytes } from '../../src/cache/entry.ts'
import { NearCache } from '../../src/cache/near-cache.ts'
import { makeDependency, makeEntry } from '../support/cache-world.ts'

const open = () => new NearCache({ limitBytes: 10_000, maxEntryBytes: 5_000 })
const at = (seq: number, parts = {}) => makeEntry({ stamp: { epoch: 'e1', seq }, ...parts })

test('rule 12: a younger fill stays when an older one comes after it', () => {
  const near = open()
  const younger = at(5)
  near.set(younger)
  expect(near.set(at(4))).toBe(true)
  expect(near.get(younger.key)).toBe(younger)
})

test('a fill with the same stamp takes the place of the earlier one', () => {
  const near = open()
  near.set(at(5))
  const later = at(5)
  near.set(later)
  expect(near.get(later.key)).toBe(later)
})

test('rule 2: the seqs of two epochs are not compared', () => {
  const near = open()
  near.set(at(5))
  const next = makeEntry({ stamp: { epoch: 'e2', seq: 1 } })
  near.set(next)
  expect(near.get(next.key)).toBe(next)
})

test('an entry over the limit of one entry is refused, and what was there stays', () => {
  const near = open()
  const small = at(1)
  near.set(small)
  expect(near.set(at(2, { body: Buffer.alloc(5_000) }))).toBe(false)
  expect(near.get(small.key)).toBe(small)
})

test('the bytes of an entry grow with what it depends on', () => {
  const lean = entryBytes(at(1, { dependencies: [] }))
  const rows = Array.from({ length: 100 }, (_, id) => id)
  expect(entryBytes(at(1, { dependencies: [makeDependency({ rows })] }))).toBeGreaterThanOrEqual(lean + 800)
})
