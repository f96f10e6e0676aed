import { expect, test } from 'vitest'
import { TypeNotes } from '../../src/follow/type-notes.ts'
import { makeDependency, makeEntry } from '../support/cache-world.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const entryOf = (...types: string[]) => makeEntry({ dependencies: types.map((type) => makeDependency({ type })) })

function notes() {
  const clock = new VirtualClock()
  const noted: (readonly [types: string, keepMs: number])[] = []
  const store = { isDown: false }
  const note = async (types: readonly string[], keepMs: number) => {
    if (store.isDown) throw new Error('the store is down')
    noted.push([types.toSorted().join(' '), keepMs])
  }
  return { clock, noted, store, notes: new TypeNotes({ types: { note }, clock, freshMs: 1_000_000 }) }
}

test('types are noted once, for longer than an entry can be fresh', async () => {
  const { noted, notes: types } = notes()
  types.saw(entryOf('Shot', 'Task'))
  await types.run()
  types.saw(entryOf('Shot'))
  types.saw(entryOf('Asset'))
  await types.run()
  await types.run()
  expect(noted).toEqual([
    ['Shot Task', 1_060_000],
    ['Asset', 1_060_000],
  ])
})

test('one that is still seen after a while is noted again', async () => {
  const { clock, noted, notes: types } = notes()
  types.saw(entryOf('Shot', 'Task'))
  await types.run()
  await clock.advance(60_000)
  types.saw(entryOf('Shot'))
  await types.run()
  expect(noted.map(([names]) => names)).toEqual(['Shot Task', 'Shot'])
})

test('what could not be noted is noted when the store is back', async () => {
  const { noted, store, notes: types } = notes()
  store.isDown = true
  types.saw(entryOf('Shot'))
  await expect(types.run()).rejects.toThrow('the store is down')
  store.isDown = false
  await types.run()
  expect(noted.map(([names]) => names)).toEqual(['Shot'])
})
