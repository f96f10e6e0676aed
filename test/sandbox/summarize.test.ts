import { describe, expect, it } from 'vitest'
import { Calls, leaf, link, readArgs } from './calls.ts'

const project = link('Project', 1)

interface Group {
  group_name: string
  group_value: unknown
  summaries: Record<string, unknown>
  groups?: Group[]
}

function fixture() {
  const calls = new Calls()
  const entity = link('Shot', calls.create('Shot', { code: 'Sh', project }).id)
  const other = link('Asset', calls.create('Asset', { code: 'As', project }).id)
  const make = (values: object) => calls.create('Task', { project, sg_description: 'mine', ...values }).id
  const ids = [
    make({
      content: 'alpha',
      entity,
      sg_status_list: 'fin',
      duration: 480,
      sg_sort_order: 5,
      start_date: '2026-01-01',
      due_date: '2026-01-01',
      milestone: true,
    }),
    make({
      content: 'beta',
      entity,
      sg_status_list: 'ip',
      duration: 960,
      sg_sort_order: 12,
      start_date: '2026-02-09',
      due_date: '2026-02-10',
    }),
    make({ content: 'Aleph', entity: other, sg_status_list: 'ip', sg_sort_order: 1234 }),
    make({ content: 'gamma', sg_status_list: null }),
  ]
  const summarize = (summaries: object[], grouping?: object[]) =>
    calls.call<{ summaries: Record<string, unknown>; groups?: Group[] }>('summarize', {
      ...readArgs('Task', [], [leaf('id', 'in', ...ids)]),
      summaries,
      ...(grouping && { grouping }),
    })
  return { calls, entity, other, summarize }
}

describe('figures', () => {
  const { summarize } = fixture()
  it.each([
    ['id', 'record_count', 4],
    ['id', 'count', 4],
    ['entity', 'count', 3],
    ['sg_status_list', 'count', 3],
    ['duration', 'sum', 1440],
    ['duration', 'average', 720],
    ['duration', 'maximum', 960],
    ['duration', 'minimum', 480],
    ['est_in_mins', 'maximum', null],
    ['est_in_mins', 'sum', 0],
    ['est_in_mins', 'average', null],
    ['due_date', 'earliest', '2026-01-01'],
    ['due_date', 'latest', '2026-02-10'],
    ['milestone', 'percentage', 25],
    ['milestone', 'checked', 1],
    ['milestone', 'unchecked', 3],
    ['sg_status_list', 'status_percentage', 25],
    ['sg_status_list', 'status_percentage_as_float', 0.25],
    ['sg_status_list', 'status_list', 'ip'],
    ['entity.Shot.code', 'count', 2],
  ])('%s %s', (field, type, expected) => {
    expect(summarize([{ field, type }])).toEqual({ summaries: { [field]: expected } })
  })

  it('a second figure of a field takes the place of the first', () => {
    const both = [
      { field: 'duration', type: 'sum' },
      { field: 'duration', type: 'maximum' },
    ]
    expect(summarize(both).summaries).toEqual({ duration: 960 })
  })
})

describe('groups', () => {
  const { summarize, entity, other } = fixture()
  const groups = (field: string, type: string, direction = 'asc') =>
    summarize([{ field: 'id', type: 'count' }], [{ field, type, direction }]).groups!.map((group) => [
      group.group_name,
      group.summaries.id,
    ])

  it('by a link have its row as value, with a name', () => {
    const found = summarize([{ field: 'id', type: 'count' }], [{ field: 'entity', type: 'exact' }]).groups!
    expect(found).toEqual([
      { group_name: 'As', group_value: { ...other, name: 'As', valid: 'valid' }, summaries: { id: 1 } },
      { group_name: 'Sh', group_value: { ...entity, name: 'Sh', valid: 'valid' }, summaries: { id: 2 } },
      { group_name: '', group_value: null, summaries: { id: 1 } },
    ])
  })

  it.each([
    [
      'sg_status_list',
      'exact',
      [
        ['fin', 1],
        ['ip', 2],
        ['', 1],
      ],
    ],
    [
      'milestone',
      'exact',
      [
        ['[ ]', 3],
        ['[X]', 1],
      ],
    ],
    [
      'sg_sort_order',
      'tens',
      [
        ['0-9', 1],
        ['10-19', 1],
        ['1230-1239', 1],
        ['', 1],
      ],
    ],
    [
      'sg_sort_order',
      'hundreds',
      [
        ['0-99', 2],
        ['1200-1299', 1],
        ['', 1],
      ],
    ],
    [
      'sg_sort_order',
      'thousands',
      [
        ['0-999', 2],
        ['1000-1999', 1],
        ['', 1],
      ],
    ],
    [
      'due_date',
      'day',
      [
        ['2026-01-01', 1],
        ['2026-02-10', 1],
        ['', 2],
      ],
    ],
    [
      'due_date',
      'week',
      [
        ['2025-12-29', 1],
        ['2026-02-09', 1],
        ['', 2],
      ],
    ],
    [
      'due_date',
      'month',
      [
        ['2026-01', 1],
        ['2026-02', 1],
        ['', 2],
      ],
    ],
    [
      'due_date',
      'quarter',
      [
        ['2026-Q1', 2],
        ['', 2],
      ],
    ],
    [
      'due_date',
      'year',
      [
        ['2026', 2],
        ['', 2],
      ],
    ],
    [
      'entity',
      'entitytype',
      [
        ['Asset', 1],
        ['Shot', 2],
        ['', 1],
      ],
    ],
    [
      'content',
      'firstletter',
      [
        ['A', 2],
        ['B', 1],
        ['G', 1],
      ],
    ],
  ])('by %s, %s', (field, type, expected) => {
    expect(groups(field, type)).toEqual(expected)
  })

  it('can be in descending order', () => {
    expect(groups('sg_status_list', 'exact', 'desc').map(([name]) => name)).toEqual(['', 'ip', 'fin'])
  })

  it('nest', () => {
    const found = summarize(
      [{ field: 'id', type: 'count' }],
      [
        { field: 'entity', type: 'entitytype' },
        { field: 'sg_status_list', type: 'exact' },
      ],
    ).groups!
    const shot = found.find((group) => group.group_name === 'Shot')!
    expect(shot.groups!.map((group) => [group.group_name, group.summaries.id])).toEqual([
      ['fin', 1],
      ['ip', 1],
    ])
  })

  it('a row belongs to the group of each row in its list', () => {
    const calls = new Calls()
    const asset = (code: string) => link('Asset', calls.create('Asset', { code, project }).id)
    const [x, y] = [asset('x'), asset('y')]
    const shot = calls.create('Shot', { code: 's', project, assets: [x, y] }).id
    const args = {
      ...readArgs('Shot', [], [leaf('id', 'is', shot)]),
      summaries: [{ field: 'id', type: 'count' }],
      grouping: [{ field: 'assets', type: 'exact' }],
    }
    const { groups: found } = calls.call<{ groups: Group[] }>('summarize', args)
    expect(found.map((group) => group.group_name)).toEqual(['x', 'y'])
  })
})

describe('what is summed up', () => {
  it('are active rows that pass, of projects that are not archived if so asked', () => {
    const calls = new Calls()
    const count = (more: object) =>
      calls.call<{ summaries: { id: number } }>('summarize', {
        ...readArgs('Shot', [], []),
        summaries: [{ field: 'id', type: 'count' }],
        ...more,
      }).summaries.id
    const before = count({})
    expect(count({ include_archived_projects: false })).toBeLessThan(before)
    calls.delete('Shot', 1)
    expect(count({})).toBe(before - 1)
  })

  it.each([
    [{ type: 'Nope' }],
    [{ summaries: [{ field: 'nope', type: 'count' }] }],
    [{ summaries: [{ field: 'id', type: 'nope' }] }],
    [{ summaries: 'id' }],
    [{ grouping: [{ field: 'entity', type: 'nope' }] }],
    [{ grouping: [{ field: 'nope', type: 'exact' }] }],
    [{ filters: undefined }],
  ])('%j is a fault', (more) => {
    const calls = new Calls()
    const args = { ...readArgs('Task', [], []), summaries: [{ field: 'id', type: 'count' }], ...more }
    expect(calls.fault('summarize', args).error_code).toBe(103)
  })
})
