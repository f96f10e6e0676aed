import { describe, expect, it } from 'vitest'
import { Calls, leaf, link } from './calls.ts'

/** Four shots of one project, of which `d` has no values at all. */
function shots() {
  const calls = new Calls()
  const project = link('Project', 1)
  const other = link('Project', 2)
  const seq = (code: string) => link('Sequence', calls.create('Sequence', { code, project }).id)
  const [north, south] = [seq('North'), seq('South')]
  const asset = (code: string) => link('Asset', calls.create('Asset', { code, project }).id)
  const [tree, rock] = [asset('Tree'), asset('Rock')]
  const make = (code: string, values: object) => calls.create('Shot', { code, project: other, ...values }).id
  const ids = {
    a: make('a', {
      description: 'Night rain',
      sg_cut_order: 10,
      sg_complexity: 1.5,
      sg_delivery_date: '2026-01-14',
      sg_turnover_at: '2026-01-14T12:00:00Z',
      sg_is_hero: true,
      sg_status_list: 'ip',
      sg_shot_type: 'VFX',
      sg_sequence: north,
      assets: [tree, rock],
      tag_list: ['Wet', 'dark'],
    }),
    b: make('b', {
      description: 'rain',
      sg_cut_order: 20,
      sg_complexity: 2,
      sg_delivery_date: '2026-01-20',
      sg_turnover_at: '2026-01-13T11:00:00Z',
      sg_status_list: 'fin',
      sg_shot_type: 'Regular',
      sg_sequence: south,
      assets: [rock],
    }),
    c: make('c', {
      description: 'Sun',
      sg_cut_order: 0,
      sg_complexity: -3,
      sg_delivery_date: '2025-12-31',
      sg_turnover_at: '2027-02-01T00:00:00Z',
      sg_status_list: 'hld',
      sg_sequence: north,
    }),
    d: make('d', { sg_status_list: null }),
  }
  const picture = calls.create('Version', { code: 'v', project: other, entity: link('Shot', ids.a) }).id
  return { calls, ids, north, south, tree, rock, picture }
}

const fixture = shots()

/** Which of the four shots pass. */
function passing(condition: unknown): string {
  const mine = leaf('id', 'in', ...Object.values(fixture.ids))
  const rows = fixture.calls.read('Shot', ['code'], [mine, condition])
  return rows.map((row) => row.code).join('')
}

describe('operators on text', () => {
  it.each([
    ['is', ['RAIN'], 'b'],
    ['is_not', ['rain'], 'acd'],
    ['contains', ['RAIN'], 'ab'],
    ['not_contains', ['rain'], 'cd'],
    ['starts_with', ['night'], 'a'],
    ['ends_with', ['Rain'], 'ab'],
    ['in', ['SUN', 'rain'], 'bc'],
    ['not_in', ['sun', 'rain'], 'ad'],
    ['is', [null], 'd'],
    ['is', [''], 'd'],
    ['is_not', [null], 'abc'],
    ['contains', [''], 'abc'],
    ['in', [''], ''],
  ])('%s %j', (relation, values, expected) => {
    expect(passing(leaf('description', relation, ...values))).toBe(expected)
  })
})

describe('operators on numbers', () => {
  it.each([
    ['sg_cut_order', 'is', [10], 'a'],
    ['sg_cut_order', 'is', ['10'], 'a'],
    ['sg_cut_order', 'is', [0], 'c'],
    ['sg_cut_order', 'is', [null], 'd'],
    ['sg_cut_order', 'is_not', [10], 'bcd'],
    ['sg_cut_order', 'greater_than', [10], 'b'],
    ['sg_cut_order', 'less_than', [10], 'c'],
    ['sg_cut_order', 'between', [20, 10], 'ab'],
    ['sg_cut_order', 'between', [10, null], ''],
    ['sg_cut_order', 'in', [10, 0], 'ac'],
    ['sg_cut_order', 'not_in', [10, 0], 'bd'],
    ['sg_complexity', 'greater_than', [1], 'ab'],
    ['sg_complexity', 'between', [-5, 1.5], 'ac'],
  ])('%s %s %j', (path, relation, values, expected) => {
    expect(passing(leaf(path, relation, ...values))).toBe(expected)
  })
})

describe('operators on dates', () => {
  // It is Wednesday 2026-01-14, 12:30 UTC.
  it.each([
    ['sg_delivery_date', 'is', ['2026-01-14'], 'a'],
    ['sg_delivery_date', 'is_not', ['2026-01-14'], 'bcd'],
    ['sg_delivery_date', 'greater_than', ['2026-01-14'], 'b'],
    ['sg_delivery_date', 'less_than', ['2026-01-14'], 'c'],
    ['sg_delivery_date', 'between', ['2026-01-01', '2026-01-14'], 'a'],
    ['sg_delivery_date', 'in', ['2026-01-14', '2026-01-20'], 'ab'],
    ['sg_delivery_date', 'not_in', ['2026-01-14'], 'bcd'],
    ['sg_delivery_date', 'in_calendar_day', [0], 'a'],
    ['sg_delivery_date', 'in_calendar_week', [1], 'b'],
    ['sg_delivery_date', 'in_calendar_month', [0], 'ab'],
    ['sg_delivery_date', 'in_calendar_year', [-1], 'c'],
    ['sg_delivery_date', 'in_last', [3, 'WEEK'], 'ac'],
    ['sg_delivery_date', 'in_next', [10, 'DAY'], 'ab'],
    ['sg_turnover_at', 'is', ['2026-01-14T12:00:00Z'], 'a'],
    ['sg_turnover_at', 'is', ['2026-01-14'], ''],
    ['sg_turnover_at', 'greater_than', ['2026-01-14'], 'ac'],
    ['sg_turnover_at', 'in_last', [1, 'HOUR'], 'a'],
    ['sg_turnover_at', 'in_last', [2, 'DAY'], 'ab'],
    ['sg_turnover_at', 'not_in_last', [2, 'DAY'], 'cd'],
    ['sg_turnover_at', 'in_next', [2, 'YEAR'], 'c'],
    ['sg_turnover_at', 'not_in_next', [2, 'YEAR'], 'abd'],
    ['sg_turnover_at', 'in_next', [13, 'MONTH'], 'c'],
    ['sg_turnover_at', 'in_calendar_day', [-1], 'b'],
    ['sg_turnover_at', 'in_calendar_week', [0], 'ab'],
    ['sg_turnover_at', 'in_calendar_month', [0], 'ab'],
    ['sg_turnover_at', 'in_calendar_year', [1], 'c'],
  ])('%s %s %j', (path, relation, values, expected) => {
    expect(passing(leaf(path, relation, ...values))).toBe(expected)
  })

  it('moves relative spans along with the clock', async () => {
    const { calls } = shots()
    const lastHour = () =>
      calls.read('Shot', ['code'], [leaf('sg_turnover_at', 'in_last', 1, 'HOUR'), leaf('code', 'is', 'a')])
    expect(lastHour()).toHaveLength(1)
    await calls.clock.advance(3_600_000)
    expect(lastHour()).toHaveLength(0)
  })
})

describe('operators on choices', () => {
  it.each([
    ['sg_is_hero', 'is', [true], 'a'],
    ['sg_is_hero', 'is', [false], 'bcd'],
    ['sg_is_hero', 'is_not', [true], 'bcd'],
    ['sg_status_list', 'is', ['ip'], 'a'],
    ['sg_status_list', 'is', ['nonsense'], ''],
    ['sg_status_list', 'is_not', ['ip'], 'bcd'],
    ['sg_status_list', 'in', ['ip', 'fin'], 'ab'],
    ['sg_status_list', 'not_in', ['ip', 'fin'], 'cd'],
    ['sg_status_list', 'is', [null], 'd'],
    ['sg_shot_type', 'in', ['VFX', 'Regular'], 'ab'],
    ['tag_list', 'is', ['wet'], 'a'],
    ['tag_list', 'is_not', ['wet'], 'bcd'],
    ['tag_list', 'name_contains', ['AR'], 'a'],
    ['tag_list', 'name_not_contains', ['ar'], 'bcd'],
    ['image', 'is', [null], 'abcd'],
    ['image', 'is_not', [null], ''],
    ['id', 'is', [-1], ''],
  ])('%s %s %j', (path, relation, values, expected) => {
    expect(passing(leaf(path, relation, ...values))).toBe(expected)
  })
})

describe('operators on links', () => {
  const { north, tree, rock } = fixture
  const gone = link('Sequence', 99_999)
  it.each([
    ['sg_sequence', 'is', [north], 'ac'],
    ['sg_sequence', 'is', [{ ...north, name: 'Other', more: 1 }], 'ac'],
    ['sg_sequence', 'is', [null], 'd'],
    ['sg_sequence', 'is', [gone], ''],
    ['sg_sequence', 'is_not', [north], 'bd'],
    ['sg_sequence', 'in', [north, gone], 'ac'],
    ['sg_sequence', 'not_in', [north], 'bd'],
    ['sg_sequence', 'type_is', ['Sequence'], 'abc'],
    ['sg_sequence', 'type_is_not', ['Sequence'], 'd'],
    ['sg_sequence', 'name_is', ['NORTH'], 'ac'],
    ['sg_sequence', 'name_contains', ['out'], 'b'],
    ['sg_sequence', 'name_not_contains', ['out'], 'acd'],
    ['assets', 'is', [rock], 'ab'],
    ['assets', 'is', [null], 'cd'],
    ['assets', 'is_not', [rock], 'cd'],
    ['assets', 'in', [tree, rock], 'ab'],
    ['assets', 'not_in', [tree], 'bcd'],
    ['assets', 'name_is', ['tree'], 'a'],
    ['assets', 'type_is', ['Asset'], 'ab'],
    ['assets', 'type_is_not', ['Asset'], 'cd'],
    ['assets', 'name_contains', ['ro'], 'ab'],
    ['assets', 'name_not_contains', ['ro'], 'cd'],
    ['sg_versions', 'is', [null], 'bcd'],
    ['sg_versions', 'is_not', [null], 'a'],
  ])('%s %s %j', (path, relation, values, expected) => {
    expect(passing(leaf(path, relation, ...values))).toBe(expected)
  })

  it('asks for names of people and groups in addressings', () => {
    const calls = new Calls()
    const [person, group] = [link('HumanUser', 3), link('Group', 1)]
    const { id } = calls.create('Note', { subject: 'n', project: link('Project', 1), addressings_to: [person, group] })
    const found = (relation: string, value: unknown) =>
      calls.read('Note', ['id'], [leaf('id', 'is', id), leaf('addressings_to', relation, value)]).length === 1
    expect(found('contains', person)).toBe(true)
    expect(found('contains', link('HumanUser', 1))).toBe(false)
    expect(found('not_contains', person)).toBe(false)
    expect(found('name_starts_with', 'anim')).toBe(true)
    expect(found('name_ends_with', 'TANAKA')).toBe(true)
    expect(found('name_ends_with', 'nobody')).toBe(false)
  })
})

describe('dotted paths in filters', () => {
  it.each([
    ['sg_sequence.Sequence.code', 'is', ['north'], 'ac'],
    ['sg_sequence.Sequence.code', 'is_not', ['north'], 'bd'],
    ['sg_sequence.Sequence.code', 'is', [null], 'd'],
    ['sg_sequence.Sequence.project.Project.name', 'contains', ['light'], 'abc'],
    ['assets.Asset.code', 'is', ['tree'], 'a'],
    ['assets.Asset.code', 'is_not', ['tree'], 'ab'],
    ['sg_sequence.Sequence.project', 'is', [link('Project', 1)], 'abc'],
  ])('%s %s %j', (path, relation, values, expected) => {
    expect(passing(leaf(path, relation, ...values))).toBe(expected)
  })

  it('finds nothing through a link to another type than the path names', () => {
    const calls = new Calls()
    const all = calls.read('Task', ['id'], [leaf('entity.Asset.code', 'is_not', null)])
    const ofAssets = calls.read('Task', ['id'], [leaf('entity', 'type_is', 'Asset')])
    expect(all.length).toBeGreaterThan(0)
    expect(all).toEqual(ofAssets)
  })
})

describe('groups', () => {
  const ip = leaf('sg_status_list', 'is', 'ip')
  const fin = leaf('sg_status_list', 'is', 'fin')
  const hero = leaf('sg_is_hero', 'is', true)
  it.each([
    [{ logical_operator: 'or', conditions: [ip, fin] }, 'ab'],
    [{ logical_operator: 'and', conditions: [ip, fin] }, ''],
    [{ logical_operator: 'and', conditions: [hero, { logical_operator: 'or', conditions: [ip, fin] }] }, 'a'],
    [{ logical_operator: 'or', conditions: [] }, 'abcd'],
    [{ logical_operator: 'and', conditions: [] }, 'abcd'],
    [{ logical_operator: 'or', conditions: [fin] }, 'b'],
  ])('%j', (group, expected) => {
    expect(passing(group)).toBe(expected)
  })
})

describe('faults of filters', () => {
  const fault = (condition: unknown) =>
    fixture.calls.fault('read', {
      type: 'Shot',
      return_fields: ['id'],
      filters: { logical_operator: 'and', conditions: [condition] },
    })

  it.each([
    [leaf('nope', 'is', 1), "API read() Shot.nope doesn't exist."],
    [leaf('sg_sequence.Sequence.nope', 'is', 1), "API read() Shot.sg_sequence.Sequence.nope doesn't exist."],
    [leaf('sg_sequence.Nope.code', 'is', 'x'), "API read() Shot.sg_sequence.Nope.code doesn't exist."],
    [
      leaf('code', 'greater_than', 'x'),
      "API read() Shot.code's 'text' data type doesn't support 'greater_than' 'relation'",
    ],
    [leaf('step_0', 'is', 'x'), "API read() Shot.step_0's 'pivot_column' data type cannot be used in a filter."],
    [leaf('open_notes_count', 'is', 1), "'summary' data type cannot be used in a filter."],
    [leaf('smart_cut_summary', 'is', 'x'), "'calculated' data type cannot be used in a filter."],
    [leaf('code', 'is', 3), 'expected [String]'],
    [leaf('code', 'is'), 'expects exactly 1 value'],
    [leaf('code', 'is', 'a', 'b'), 'expects exactly 1 value'],
    [leaf('code', 'in', null), 'expected [String]'],
    [leaf('id', 'in'), 'expects at least one value'],
    [leaf('sg_cut_order', 'is', 'x'), 'expected [Integer]'],
    [leaf('sg_cut_order', 'between', 1), 'expects exactly 2 values'],
    [leaf('sg_is_hero', 'is', null), 'expected [TrueClass, FalseClass]'],
    [leaf('sg_turnover_at', 'in_last', 0, 'DAY'), 'expects a count above 0'],
    [leaf('sg_turnover_at', 'in_last', 1, 'day'), 'expects a count above 0'],
    [leaf('sg_turnover_at', 'is', 'yesterday'), 'expected [Time, String]'],
    [leaf('sg_sequence', 'is', { type: 'Sequence' }), "expected [Hash with 'type' and 'id']"],
    [leaf('image', 'is', 'x'), 'can only be compared with null'],
    [{ logical_operator: 'AND', conditions: [] }, "invalid/missing 'logical_operator'"],
    [{ logical_operator: 'and' }, "invalid/missing array 'conditions'"],
  ])('%j', (condition, message) => {
    const found = fault(condition)
    expect(found.message).toContain(message)
    expect(found.error_code).toBe(103)
  })

  it('names the valid relations', () => {
    expect(fault(leaf('sg_is_hero', 'in', true)).message).toMatch(/Valid relations: is, is_not$/)
  })

  it('refuses to filter the event log by its details', () => {
    const filters = { logical_operator: 'and', conditions: [leaf('meta', 'is', 'x')] }
    const found = fixture.calls.fault('read', { type: 'EventLogEntry', return_fields: ['id'], filters })
    expect(found.message).toBe("API read() EventLogEntry.meta's 'serializable' data type cannot be used in a filter.")
  })
})
