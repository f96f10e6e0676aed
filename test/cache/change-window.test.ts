import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Change, type ChangeKind, isBroad, movesRows } from '../../src/cache/change.ts'
import { createChangeWindow } from '../../src/cache/change-window.ts'
import type { Dependency } from '../../src/cache/entry.ts'
import { makeChange, makeDependency } from '../support/cache-world.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function openWindow(limit?: number) {
  const clock = new VirtualClock()
  return { clock, window: createChangeWindow({ epoch: 'e1', clock, limit }) }
}

describe('candidates', () => {
  const quiet = makeDependency({ rows: [1, 2], fields: ['code'], presence: true })

  test.each<[string, Partial<Change>, Partial<Dependency>, boolean]>([
    ['a change of a row of the reply', { ids: [1] }, { rows: [1] }, true],
    ['a change of another row', { ids: [2] }, { rows: [1] }, false],
    ['a change of several rows, one of the reply', { ids: [7, 1] }, { rows: [1] }, true],
    ['a row of another type', { type: 'Asset' }, { rows: [1] }, false],
    ['a field that the filter uses, on another row', { ids: [9], field: 'code' }, { fields: ['code'] }, true],
    ['a field that the filter does not use', { ids: [9], field: 'name' }, { fields: ['code'] }, false],
    ['any field of another row, where a filter uses one', { ids: [9], field: 'any' }, { fields: ['code'] }, true],
    ['any field of another row, where no filter uses one', { ids: [9], field: 'any' }, { rows: [1] }, false],
    ['a field of another row, where any field matters', { ids: [9] }, { fields: 'any' }, true],
    ['a row of which any may be shown', { ids: [9] }, { rows: 'any' }, true],
    ['a field of any row, where rows are shown', { ids: 'any' }, { rows: [1] }, true],
    ['a field of any row, where none is shown', { ids: 'any' }, { presence: true }, false],
    ['a new row, where rows may come', { ids: [9], kind: 'create', field: 'any' }, { presence: true }, true],
    [
      'a new row, where only known rows matter',
      { ids: [9], kind: 'create', field: 'any' },
      { fields: ['code'] },
      false,
    ],
    ['a row of the reply that was retired', { ids: [1], kind: 'retire', field: 'any' }, { rows: [1] }, true],
    ['a flush of the type', { ids: 'any', kind: 'flush', field: 'any' }, {}, true],
    ['a flush of one row', { ids: [9], kind: 'flush', field: 'any' }, {}, true],
    ['new fields of the type', { ids: 'any', kind: 'schema', field: 'any' }, {}, true],
    ['a change of all types', { type: '*', ids: [9] }, { type: 'Asset' }, true],
  ])('%s', (_, change, dependency, isCandidate) => {
    const { window } = openWindow()
    window.apply(makeChange(1, change))
    expect(window.candidates([makeDependency(dependency)], 0)).toEqual(
      isCandidate ? [makeChange(1, change)] : undefined,
    )
  })

  test('a change of all types is a candidate even for what depends on nothing', () => {
    const { window } = openWindow()
    window.apply(makeChange(1, { type: '*', kind: 'flush', ids: 'any', field: 'any' }))
    expect(window.candidates([], 0)).toHaveLength(1)
  })

  test('leaves out what came before', () => {
    const { window } = openWindow()
    for (const seq of [1, 2, 3]) window.apply(makeChange(seq))
    expect(window.candidates([quiet], 2)?.map((change) => change.seq)).toEqual([3])
    expect(window.candidates([quiet], 3)).toBeUndefined()
  })

  test('finds the one that matters among ten thousand of the same type', () => {
    const { window } = openWindow()
    for (let seq = 1; seq <= 10_000; seq++) window.apply(makeChange(seq, { ids: [seq + 100], field: 'sg_status_list' }))
    expect(window.candidates([quiet], 0)).toBeUndefined()
    window.apply(makeChange(10_001, { ids: [2], field: 'sg_status_list' }))
    expect(window.candidates([quiet], 0)).toHaveLength(1)
  })

  test('a change that names a row twice is found once', () => {
    const { window } = openWindow()
    window.apply(makeChange(1, { ids: [1, 1] }))
    for (let seq = 2; seq < 40; seq++) window.apply(makeChange(seq, { ids: [50] }))
    expect(window.candidates([quiet], 0)?.map((change) => change.seq)).toEqual([1])
  })

  test('equals the plain definition, on random changes, across trims, holes and epochs', () => {
    const steps = fc.oneof({ weight: 30, arbitrary: step() }, { weight: 1, arbitrary: turn() })
    fc.assert(fc.property(fc.array(steps, long), play), { numRuns: 150 })
  })
})

/** Long enough to pass the limit, and the walk after which the index is asked instead. */
const long = { maxLength: 150, size: 'max' } as const

type Step = { readonly change: Omit<Change, 'epoch' | 'seq' | 'at'> } | { readonly turn: 'hole' | 'epoch' | 'repeat' }

const types = ['Shot', 'Asset', '*']
const fields = ['code', 'status', 'name', 'any']

function step(): fc.Arbitrary<Step> {
  const kinds: ChangeKind[] = ['change', 'change', 'change', 'create', 'retire', 'revive', 'flush', 'schema', 'access']
  return fc
    .record({
      source: fc.constant('event' as const),
      kind: fc.constantFrom(...kinds),
      type: fc.oneof({ weight: 20, arbitrary: fc.constantFrom('Shot', 'Asset') }, fc.constant('*')),
      ids: fc.oneof({ weight: 9, arbitrary: fc.array(fc.nat(30), { maxLength: 3 }) }, fc.constant('any' as const)),
      field: fc.constantFrom(...fields),
    })
    .map((change) => ({ change }))
}

function turn(): fc.Arbitrary<Step> {
  return fc.constantFrom<Step>({ turn: 'hole' }, { turn: 'epoch' }, { turn: 'repeat' })
}

const dependencies: Dependency[][] = types.flatMap((type) =>
  [[], [3], [1, 5, 9, 20], 'any' as const].flatMap((rows) =>
    [[], ['code'], ['status', 'name'], 'any' as const].flatMap((dependent) =>
      [true, false].map((presence) => [
        { type, rows, fields: dependent, presence },
        { type: 'Asset', rows: [2], fields: ['name'], presence: false },
      ]),
    ),
  ),
)

/** Keeps every change in a list beside the window, and asks both. */
function play(steps: readonly Step[]): void {
  const limit = 40
  const { window } = openWindow(limit)
  let epoch = 'e1'
  let known: Change[] = []
  let coverage = 0
  let head = 0
  for (const one of steps) {
    if ('turn' in one && one.turn === 'repeat') {
      if (known.length > 0) window.apply(known[0]!)
      continue
    }
    if ('turn' in one && one.turn === 'epoch') {
      epoch += '+'
      window.begin({ epoch, seq: 5 })
      ;[known, coverage, head] = [[], 5, 5]
      continue
    }
    if ('turn' in one) head += 3
    const content = 'turn' in one ? makeChange(0) : one.change
    const change = { ...content, epoch, seq: head + 1, at: 0 }
    if ('turn' in one) [known, coverage] = [[], head]
    window.apply(change)
    head += 1
    known.push(change)
    while (known.length > limit) coverage = known.shift()!.seq
  }
  expect(window).toMatchObject({ epoch, head, coverage })
  expect(window.since(coverage)).toEqual(known)
  for (const after of [coverage, coverage + 1, coverage + 20, head - 1, head]) {
    for (const wanted of dependencies) {
      const plain = known.filter((change) => change.seq > after && wanted.some((one) => matches(change, one)))
      const found = window.candidates(wanted, after) ?? []
      if (found.length !== plain.length || found.some((change, i) => change !== plain[i])) expect(found).toEqual(plain)
    }
  }
}

/** The rules as the contract states them. */
function matches(change: Change, { type, rows, fields, presence }: Dependency): boolean {
  if (change.type === '*') return true
  if (change.type !== type) return false
  if (isBroad(change) || rows === 'any') return true
  if (change.ids === 'any' ? rows.length > 0 : rows.some((id) => change.ids.includes(id as never))) return true
  if (movesRows(change.kind)) return presence
  if (change.kind !== 'change') return false
  return fields === 'any' || (change.field === 'any' ? fields.length > 0 : fields.includes(change.field))
}

describe('rule 7: what was not seen is forgotten', () => {
  test('a hole in seq empties the window, and coverage starts there', () => {
    const { window } = openWindow()
    for (const seq of [1, 2, 5]) window.apply(makeChange(seq))
    expect(window).toMatchObject({ head: 5, coverage: 4 })
    expect(window.since(0).map((change) => change.seq)).toEqual([5])
  })

  test('an old seq is ignored', () => {
    const { window } = openWindow()
    for (const seq of [1, 2, 2, 1]) window.apply(makeChange(seq))
    expect(window.since(0)).toHaveLength(2)
  })

  test('beyond the limit the oldest are forgotten, and coverage moves with them', () => {
    const { window } = openWindow(3)
    for (let seq = 1; seq <= 5; seq++) window.apply(makeChange(seq))
    expect(window).toMatchObject({ head: 5, coverage: 2 })
    expect(window.since(0).map((change) => change.seq)).toEqual([3, 4, 5])
  })

  test('a change of another epoch is refused loudly', () => {
    const { window } = openWindow()
    expect(() => window.apply(makeChange(1, { epoch: 'e0' }))).toThrow('epoch e0')
  })
})

describe('rule 11: the head some time ago', () => {
  test('is the head there was then', async () => {
    const { clock, window } = openWindow()
    await clock.advance(1000)
    window.apply(makeChange(1))
    await clock.advance(500)
    window.apply(makeChange(2))
    expect([0, 499, 500, 1500].map((ms) => window.headBefore(ms))).toEqual([2, 1, 1, 0])
  })

  test('goes by monotonic time when the wall clock is set', async () => {
    const { clock, window } = openWindow()
    window.apply(makeChange(1))
    clock.jumpWall(3_600_000)
    await clock.advance(10)
    window.apply(makeChange(2))
    expect(window.headBefore(5)).toBe(1)
  })

  test('never reaches into another epoch', async () => {
    const { clock, window } = openWindow()
    for (const seq of [1, 2, 3]) window.apply(makeChange(seq))
    await clock.advance(5000)
    window.begin({ epoch: 'e2', seq: 0 })
    expect(window.headBefore(0)).toBe(0)
    expect(window.headBefore(1000)).toBeLessThan(window.coverage)
    window.apply(makeChange(1, { epoch: 'e2' }))
    expect(window.headBefore(0)).toBe(1)
    expect(window.headBefore(1000)).toBeLessThan(window.coverage)
    await clock.advance(1000)
    expect(window.headBefore(1000)).toBe(1)
  })

  test('does not take a process that has just joined for one that has been there', async () => {
    const { clock, window } = openWindow()
    window.begin({ epoch: 'e2', seq: 100 })
    await clock.advance(300)
    expect(window.headBefore(1000)).toBeLessThan(window.coverage)
    await clock.advance(700)
    expect(window.headBefore(1000)).toBe(100)
  })

  test('is never later than the truth, and at most 10 ms earlier, for random bursts', async () => {
    const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat(4), fc.nat(40)), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(pauses, fc.nat(300), async (waits, ms) => {
        const { clock, window } = openWindow()
        await clock.advance(1000)
        const times: number[] = []
        for (const wait of waits) {
          await clock.advance(wait)
          times.push(clock.monotonic())
          window.apply(makeChange(times.length))
        }
        const headAt = (time: number) => times.filter((applied) => applied <= time).length
        const asked = clock.monotonic() - ms
        expect(window.headBefore(ms)).toBeLessThanOrEqual(headAt(asked))
        expect(window.headBefore(ms)).toBeGreaterThanOrEqual(headAt(asked - 10))
      }),
      { numRuns: 200 },
    )
  })

  test('stays bounded, and exact for the last minute of a busy log', async () => {
    const { clock, window } = openWindow(10)
    for (let seq = 1; seq <= 13_000; seq++) {
      window.apply(makeChange(seq))
      await clock.advance(10)
    }
    expect(window.headBefore(50_000)).toBe(8_001)
    expect(window.headBefore(125_000)).toBeLessThan(window.coverage)
  })
})

describe('the seq since which the schema is the same', () => {
  const told = (changes: readonly Partial<Change>[]) => {
    const { window } = openWindow()
    for (const [index, change] of changes.entries()) window.apply(makeChange(index + 1, change))
    return window.schemaSeq
  }

  test.each<[string, Partial<Change>[], number]>([
    ['stays with changes of rows', [{}, {}], 0],
    ['is that of a change of the schema', [{}, { kind: 'schema', ids: 'any' }, {}], 2],
    ['is that of a flush of everything', [{ kind: 'flush', type: '*', ids: 'any' }, {}], 1],
    ['stays with a flush of one type', [{ kind: 'flush', type: 'Shot', ids: 'any' }], 0],
    ['moves with a hole, which may have hidden one', [{}, { seq: 9 }], 9],
  ])('%s', (_, changes, seq) => {
    expect(told(changes)).toBe(seq)
  })

  test('begins with the epoch', () => {
    const { window } = openWindow()
    window.begin({ epoch: 'e2', seq: 40 })
    expect(window.schemaSeq).toBe(40)
  })
})
