import { describe, expect, it } from 'vitest'
import { Overlay } from '../../src/sandbox/overlay.ts'
import type { StoredRow } from '../../src/sandbox/row.ts'
import { SiteSchema } from '../../src/sandbox/site-schema.ts'
import { Store } from '../../src/sandbox/store.ts'

const task = (id: number, shot: number): StoredRow => ({
  type: 'Task',
  id,
  retired: false,
  values: { entity: { type: 'Shot', id: shot } },
})

function below(): Store {
  const store = new Store(new SiteSchema())
  for (const row of [task(1, 7), task(2, 7), task(3, 8)]) store.put(row)
  return store
}

const tasksOf = (view: Overlay, shot: number) =>
  view.referrers('Task', 'entity', { type: 'Shot', id: shot }).map(({ id }) => id)

describe('a view laid over another', () => {
  it('shows what is below where nothing differs', () => {
    const view = new Overlay(below())
    expect(view.ids('Task')).toEqual([1, 2, 3])
    expect(tasksOf(view, 7)).toEqual([1, 2])
    expect(view.get('Task', 3)).toEqual(task(3, 8))
  })

  it('shows rows that are added, changed and taken away, by id and by link', () => {
    const view = new Overlay(below())
    view.put('Task', 9, task(9, 7))
    view.put('Task', 1, task(1, 8))
    view.put('Task', 2, undefined)
    expect(view.ids('Task')).toEqual([1, 3, 9])
    expect(view.get('Task', 2)).toBeUndefined()
    expect(tasksOf(view, 7)).toEqual([9])
    expect(tasksOf(view, 8)).toEqual([1, 3])
    expect([...view.rows()].map(({ id }) => id)).toEqual([9, 1])
  })

  it('leaves what is below as it was', () => {
    const store = below()
    new Overlay(store).put('Task', 2, undefined)
    expect(store.ids('Task')).toEqual([1, 2, 3])
  })
})

describe('the committed rows', () => {
  it('are found by the links they have now', () => {
    const store = below()
    store.put(task(1, 8))
    const found = (shot: number) => store.referrers('Task', 'entity', { type: 'Shot', id: shot }).map(({ id }) => id)
    expect([found(7), found(8)]).toEqual([[2], [1, 3]])
    expect(() => store.referrers('Task', 'content', { type: 'Shot', id: 7 })).toThrow('not indexed')
  })

  it('can be seen as they were, as far as history was kept', () => {
    const store = below()
    store.put(task(1, 8), { atMs: 100 })
    store.put(task(1, 9), { atMs: 200 })
    store.put(task(4, 7), { atMs: 300 })
    const at = (ms: number) => store.asOf(ms)
    expect(at(99).get('Task', 1)).toEqual(task(1, 7))
    expect(at(100).get('Task', 1)).toEqual(task(1, 8))
    expect(at(299).ids('Task')).toEqual([1, 2, 3])
    expect(at(300).ids('Task')).toEqual([1, 2, 3, 4])
  })
})
