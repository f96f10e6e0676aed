import { describe, expect, it } from 'vitest'
import { holdsAfter, holdsBefore, keeps } from '../../src/freshness/said.ts'
import { holds } from '../../src/freshness/truth.ts'

type Row = readonly [dataType: string, relation: string, values: unknown[], value: unknown, holds: boolean | undefined]

const shot = (id: number) => ({ type: 'Shot', id })
const task = (id: number) => ({ type: 'Task', id })

const table: readonly Row[] = [
  ['text', 'is', ['sh_010'], 'SH_010', true],
  ['text', 'is', ['sh_010'], 'sh_020', false],
  ['text', 'is', ['sh_010'], null, false],
  ['text', 'is', [null], null, true],
  ['text', 'is', [''], null, true],
  ['text', 'is', [''], 'a', false],
  ['text', 'is', ['tree'], 'trêe', undefined],
  ['text', 'is', ['trêe'], 'trêe', true],
  ['text', 'is', ['a'], 'a&lt;', undefined],
  ['text', 'is', ['a '], 'a', undefined],
  ['text', 'is_not', ['a'], null, true],
  ['text', 'is_not', ['a'], 'A', false],
  ['text', 'is_not', ['a'], undefined, undefined],
  ['text', 'contains', ['H_0'], 'sh_010', true],
  ['text', 'contains', ['h_0'], 'shx010', undefined],
  ['text', 'contains', ['a%b'], 'axxb', undefined],
  ['text', 'contains', ['q'], 'sh_010', false],
  ['text', 'contains', ['('], 'a(b', true],
  ['text', 'contains', [''], 'a', true],
  ['text', 'contains', ['a'], null, false],
  ['text', 'not_contains', ['a'], null, true],
  ['text', 'not_contains', ['q'], 'abc', true],
  ['text', 'starts_with', ['SH'], 'sh010', true],
  ['text', 'starts_with', ['010'], 'sh010', false],
  ['text', 'ends_with', ['010'], 'sh010', true],
  ['text', 'ends_with', ['sh'], 'sh010', false],
  ['text', 'in', ['a', 'b'], 'B', true],
  ['text', 'in', ['a', 'b'], 'c', false],
  ['text', 'in', [''], null, undefined],
  ['text', 'not_in', ['a'], null, true],
  ['number', 'is', [0], null, false],
  ['number', 'is', [null], 0, false],
  ['number', 'is', ['42'], 42, true],
  ['number', 'is_not', [1], 2, true],
  ['number', 'greater_than', [10], 10, false],
  ['number', 'greater_than', [10], 11, true],
  ['number', 'less_than', [10], null, false],
  ['number', 'less_than', [10], 9, true],
  ['number', 'between', [20, 10], 10, true],
  ['number', 'between', [10, 20], 21, false],
  ['number', 'between', [null, 20], 5, false],
  ['number', 'in', [1, 2], 2, true],
  ['number', 'not_in', [1, 2], 3, true],
  ['number', 'not_between', [1, 2], 3, undefined],
  ['number', 'is', [1], 1.5, undefined],
  ['percent', 'is', [5], 5, true],
  ['duration', 'less_than', [5], 6, false],
  ['timecode', 'between', [1, 3], 2, true],
  ['float', 'is', [1.5], 1.5, undefined],
  ['float', 'is', [1.5], 1.51, undefined],
  ['float', 'is', [1.5], 2.5, false],
  ['float', 'greater_than', [1.5], 2.5, true],
  ['currency', 'is', [2], 2, true],
  ['date', 'is', ['2026-03-01'], '2026-03-01', true],
  ['date', 'less_than', ['2026-03-01'], '2026-02-28', true],
  ['date', 'between', ['2026-03-01', '2026-03-05'], '2026-03-05', true],
  ['date', 'is', ['2026-03-01'], '2026-03-01T00:00:00Z', undefined],
  ['date', 'in_last', [2, 'DAY'], '2026-03-01', undefined],
  ['date', 'not_in_next', [2, 'DAY'], null, undefined],
  ['date_time', 'is', ['2015-07-13 21:54:01 UTC'], '2015-07-13T21:54:01Z', true],
  ['date_time', 'greater_than', ['2015-07-13T21:54:01Z'], '2015-07-13T21:54:02Z', true],
  ['date_time', 'is', ['2015-07-13'], '2015-07-13T00:00:00Z', undefined],
  ['date_time', 'is', ['2015-07-13'], '2015-07-20T00:00:00Z', false],
  ['date_time', 'less_than', ['2015-07-13'], '2015-07-01T00:00:00Z', true],
  ['date_time', 'in_calendar_day', [0], '2015-07-01T00:00:00Z', undefined],
  ['checkbox', 'is', [true], true, true],
  ['checkbox', 'is_not', [true], true, false],
  ['checkbox', 'is', [true], null, undefined],
  ['status_list', 'is', ['ip'], 'ip', true],
  ['status_list', 'is', ['ip'], 'IP', undefined],
  ['status_list', 'in', ['ip', 'fin'], 'wtg', false],
  ['status_list', 'not_in', ['ip', 'fin'], 'wtg', true],
  ['list', 'is_not', ['a'], null, true],
  ['uuid', 'is', ['u'], 'v', false],
  ['entity_type', 'in', ['Shot'], 'Shot', true],
  ['entity', 'is', [shot(1)], { ...shot(1), name: 'x' }, true],
  ['entity', 'is', [shot(1)], task(1), false],
  ['entity', 'is', [null], null, true],
  ['entity', 'is', [{ name: 'x' }], shot(1), undefined],
  ['entity', 'is_not', [shot(1)], null, true],
  ['entity', 'in', [shot(1), shot(2)], shot(2), true],
  ['entity', 'not_in', [shot(1)], shot(2), true],
  ['entity', 'type_is', ['Shot'], shot(1), true],
  ['entity', 'type_is', ['Shot'], null, false],
  ['entity', 'type_is_not', ['Shot'], task(1), undefined],
  ['entity', 'name_is', ['sh010'], { ...shot(1), name: 'sh010' }, undefined],
  ['entity', 'name_contains', ['sh'], shot(1), undefined],
  ['entity', 'name_not_contains', ['sh'], null, undefined],
  ['image', 'is', [null], null, undefined],
  ['tag_list', 'is', ['a'], ['a'], undefined],
  ['calculated', 'is', [1], 1, undefined],
]

describe('whether a condition holds for a value', () => {
  it.each(table)('%s %s %j of %j: %s', (dataType, relation, values, value, expected) => {
    expect(holds({ dataType, relation, values }, value)).toBe(expected)
  })

  it.each(['text', 'number', 'float', 'date', 'date_time', 'checkbox', 'status_list', 'entity'])(
    'nothing is certain of an unknown %s',
    (dataType) => {
      for (const relation of ['is', 'is_not', 'in', 'not_in', 'contains', 'between', 'greater_than']) {
        expect(holds({ dataType, relation, values: [1] }, undefined)).toBeUndefined()
      }
    },
  )
})

describe('a list of which it is told what came and went', () => {
  const has = (relation: string, ...values: unknown[]) => ({ dataType: 'multi_entity', relation, values })
  const moved = { added: [shot(1)], removed: [shot(2)] }

  it.each([
    ['is', [shot(1)], false, true],
    ['is', [shot(2)], true, false],
    ['is', [shot(3)], undefined, undefined],
    ['is', [null], false, false],
    ['is_not', [shot(1)], true, false],
    ['in', [shot(1), shot(3)], undefined, true],
    ['in', [shot(2), shot(3)], true, undefined],
    ['not_in', [shot(1)], true, false],
    ['type_is', ['Shot'], undefined, undefined],
    ['name_is', ['a'], undefined, undefined],
  ] as const)('%s %j: %s before, %s after', (relation, values, before, after) => {
    expect(holdsBefore(has(relation, ...values), moved)).toBe(before)
    expect(holdsAfter(has(relation, ...values), moved)).toBe(after)
  })

  it('keeps conditions on rows that neither came nor went, whatever they are', () => {
    expect(keeps(has('is', shot(3)), moved)).toBe(true)
    expect(keeps(has('not_in', shot(3), shot(4)), moved)).toBe(true)
    expect(keeps(has('is', shot(1)), moved)).toBe(false)
    expect(keeps(has('is', shot(3)), {})).toBe(false)
    expect(keeps(has('name_is', 'x'), moved)).toBe(false)
  })

  it('does not believe a write that the row it adds was not there before', () => {
    expect(holdsBefore(has('is', shot(1)), { ...moved, oldUnproven: true })).toBeUndefined()
    expect(holdsAfter(has('is', shot(1)), { ...moved, oldUnproven: true })).toBe(true)
  })

  it('knows a whole list when it is told', () => {
    expect(holdsAfter(has('is', shot(3)), { new: [shot(1)] })).toBe(false)
    expect(holdsAfter(has('is', null), { new: [] })).toBe(true)
    expect(holdsAfter(has('in', shot(1), shot(3)), { new: [shot(1)] })).toBe(true)
  })
})

describe('whether a change keeps a condition', () => {
  const is = (dataType: string, value: unknown) => ({ dataType, relation: 'is', values: [value] })

  it('keeps what holds before and after, or neither', () => {
    expect(keeps(is('text', 'a'), { old: 'b', new: 'c' })).toBe(true)
    expect(keeps(is('text', 'a'), { old: 'a', new: 'A' })).toBe(true)
    expect(keeps(is('text', 'a'), { old: 'a', new: 'c' })).toBe(false)
  })

  it('keeps every condition, known or not, when the value is the same', () => {
    const relative = { dataType: 'date', relation: 'in_last', values: [1, 'DAY'] }
    expect(keeps(relative, { old: '2026-01-01', new: '2026-01-01' })).toBe(true)
    expect(keeps(relative, { old: '2026-01-01', new: '2026-01-02' })).toBe(false)
  })

  it('excuses nothing by a value that is missing', () => {
    expect(keeps(is('text', 'a'), { new: 'b' })).toBe(false)
    expect(keeps(is('text', 'a'), { old: 'b' })).toBe(false)
  })
})
