/**
 * Each rule of `affects` is there because without it some reply stays that is no longer true. Here each is weakened in
 * turn, by a wrapper that excuses what the rule would not, and one history is shown that only the real one gets right:
 * the reply before, the reply after, and the changes between them.
 */
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/cache/change.ts'
import type { Entry } from '../../src/cache/entry.ts'
import { parseCall } from '../../src/shotgrid/call.ts'
import type { FilterLeaf, FilterNode } from '../../src/shotgrid/wire.ts'
import { affects, change, edit, either, leaf, type Query, read, ref, type ShownRow } from './support/cases.ts'

type Judge = (told: Change, entry: Entry) => boolean

interface Case {
  readonly query: Query
  readonly before: readonly ShownRow[]
  readonly after: readonly ShownRow[]
  readonly changes: readonly Change[]
  readonly weakened: Judge
}

const p5 = ref('Project', 5)
const isIp = leaf('sg_status_list', 'is', 'ip')

function leavesOf(entry: Entry): FilterLeaf[] {
  const flat = (node: FilterNode): FilterLeaf[] => ('conditions' in node ? node.conditions.flatMap(flat) : [node])
  return flat(parseCall(entry.call).filters)
}

const shows = (entry: Entry, id: number): boolean => rows(entry).some((row) => row.id === id)
const rows = (entry: Entry): ShownRow[] => JSON.parse(entry.body.toString()).results.entities

/** Whether an `is` condition on the field holds for a value, the way a careless reader would say it. */
const matches = (entry: Entry, field: string, value: unknown): boolean =>
  leavesOf(entry)
    .filter((item) => item.path === field)
    .every(({ values: [wanted] }) => JSON.stringify(wanted) === JSON.stringify(value))

const excusing =
  (excuse: Judge): Judge =>
  (told, entry) =>
    !excuse(told, entry) && affects(told, entry)

const cases: Readonly<Record<string, Case>> = {
  'a picture of the row before and after (two fields of one transaction)': {
    query: { filters: [isIp, leaf('sg_cut_order', 'is', 10)], fields: ['id'] },
    before: [],
    after: [{ id: 9 }],
    changes: [
      edit('sg_status_list', { ids: [9], old: 'wtg', new: 'ip' }),
      edit('sg_cut_order', { ids: [9], old: 0, new: 10 }),
    ],
    weakened: excusing((told, entry) => {
      const image: Record<string, unknown> = { sg_status_list: 'wtg', sg_cut_order: 0 }
      const passes = (value: unknown) => {
        const at: Record<string, unknown> = { ...image, [told.field]: value }
        return leavesOf(entry).every((item) => item.values[0] === at[item.path])
      }
      return !passes(told.old) && !passes(told.new)
    }),
  },
  'any condition that fails before and after, also below or': {
    query: { filters: [either(isIp, leaf('sg_status_list', 'is', 'fin'))], fields: ['id'] },
    before: [],
    after: [{ id: 9 }],
    changes: [edit('sg_status_list', { ids: [9], old: 'wtg', new: 'fin' })],
    weakened: excusing((told, entry) =>
      leavesOf(entry).some((item) => item.values[0] !== told.old && item.values[0] !== told.new),
    ),
  },
  'conditions below or taken for top ones, of a row in the reply': {
    query: { filters: [either(isIp, leaf('sg_cut_order', 'is', 10))], fields: ['id'] },
    before: [{ id: 1 }],
    after: [],
    changes: [edit('sg_status_list', { old: 'ip', new: 'fin' })],
    weakened: excusing((told, entry) => !matches(entry, told.field, told.new)),
  },
  'the project of a change, also when the project itself changed': {
    query: { filters: [leaf('project', 'is', p5)], fields: ['id'] },
    before: [],
    after: [{ id: 9 }],
    changes: [edit('project', { ids: [9], old: ref('Project', 7), new: p5, project: 7 })],
    weakened: excusing((told) => told.project !== 5),
  },
  'the project of a change, also of far rows': {
    query: { filters: [leaf('project', 'is', p5)], fields: ['assets'] },
    before: [{ id: 1, assets: [ref('Asset', 3, 'tree')] }],
    after: [{ id: 1, assets: [ref('Asset', 3, 'oak')] }],
    changes: [change({ type: 'Asset', ids: [3], field: 'code', old: 'tree', new: 'oak', project: 7 })],
    weakened: excusing((told) => told.project !== 5),
  },
  'the project of a sweep': {
    query: { filters: [leaf('project', 'is', p5)], fields: ['id'] },
    before: [{ id: 1 }],
    after: [],
    changes: [change({ source: 'sweep', ids: [1], project: 7 })],
    weakened: excusing((told) => told.project !== 5),
  },
  'paging ignored: a new value that fails, of a row before the page': {
    query: { filters: [isIp], fields: ['id'], page: 2, perPage: 1 },
    before: [{ id: 2 }],
    after: [{ id: 3 }],
    changes: [edit('sg_status_list', { ids: [1], old: 'ip', new: 'fin' })],
    weakened: excusing((told, entry) => !shows(entry, told.ids[0] as number) && !matches(entry, told.field, told.new)),
  },
  'paging ignored: a retired row before the page': {
    query: { fields: ['id'], page: 2, perPage: 1 },
    before: [{ id: 2 }],
    after: [{ id: 3 }],
    changes: [change({ kind: 'retire', ids: [1] })],
    weakened: excusing((told, entry) => !shows(entry, told.ids[0] as number)),
  },
  'paging ignored: a row beyond the page that moves up': {
    query: { fields: ['id'], sort: 'sg_cut_order', perPage: 1 },
    before: [{ id: 2 }],
    after: [{ id: 9 }],
    changes: [edit('sg_cut_order', { ids: [9], old: 20, new: 1 })],
    weakened: excusing((told, entry) => !shows(entry, told.ids[0] as number) && leavesOf(entry).length === 0),
  },
  'the value shown excuses everything, order too (rows chosen before the change, values read after it)': {
    query: { fields: ['sg_cut_order'], sort: 'sg_cut_order' },
    before: [
      { id: 1, sg_cut_order: 20 },
      { id: 2, sg_cut_order: 10 },
    ],
    after: [
      { id: 2, sg_cut_order: 10 },
      { id: 1, sg_cut_order: 20 },
    ],
    changes: [edit('sg_cut_order', { old: 1, new: 20 })],
    weakened: excusing((told, entry) =>
      rows(entry).some((row) => row.id === told.ids[0] && row[told.field] === told.new),
    ),
  },
  'the value shown excuses updated_at': {
    query: { fields: ['code', 'updated_at'] },
    before: [{ id: 1, code: 'b', updated_at: '2026-01-01T00:00:00Z' }],
    after: [{ id: 1, code: 'b', updated_at: '2026-01-02T00:00:00Z' }],
    changes: [edit('code', { old: 'a', new: 'b' })],
    weakened: excusing((told, entry) => rows(entry).some((row) => row[told.field] === told.new)),
  },
  'a missing old value read as null': {
    query: { filters: [leaf('sg_status_list', 'is_not', 'wtg')], fields: ['id'] },
    before: [],
    after: [{ id: 9 }],
    changes: [edit('sg_status_list', { ids: [9], new: 'ip' })],
    weakened: (told, entry) => affects({ old: null, ...told }, entry),
  },
  'a missing new value read as null': {
    query: { filters: [isIp], fields: ['id'] },
    before: [],
    after: [{ id: 9 }],
    changes: [edit('sg_status_list', { ids: [9], old: 'wtg' })],
    weakened: (told, entry) => affects({ new: null, ...told }, entry),
  },
  'a deep condition for rows of the reply only': {
    query: { filters: [leaf('sg_sequence.Sequence.code', 'is', 'q')], fields: ['sg_sequence'] },
    before: [],
    after: [{ id: 1, sg_sequence: ref('Sequence', 3, 'q') }],
    changes: [change({ type: 'Sequence', ids: [3], field: 'code', old: 'a', new: 'q' })],
    weakened: excusing((told, entry) => !entry.body.includes(`"id":${told.ids[0]}`)),
  },
  'text compared letter by letter': {
    query: { filters: [leaf('code', 'is', 'sh_010')], fields: ['id'] },
    before: [],
    after: [{ id: 9 }],
    changes: [edit('code', { ids: [9], old: 'x', new: 'SH_010' })],
    weakened: excusing((told, entry) => !matches(entry, told.field, told.new)),
  },
  'a create judged by fields it does not carry': {
    query: { filters: [isIp], fields: ['id'] },
    before: [],
    after: [{ id: 9 }],
    changes: [change({ kind: 'create', ids: [9], values: { code: 'a' } })],
    weakened: (told, entry) => affects({ ...told, values: { sg_status_list: null, ...told.values } }, entry),
  },
  'links without the rows they lead to': {
    query: { filters: [leaf('sg_sequence', 'is_not', ref('Sequence', 3))], fields: ['id'] },
    before: [],
    after: [{ id: 1 }],
    changes: [change({ type: 'Sequence', kind: 'retire', ids: [3] })],
    weakened: excusing((told, entry) => told.type !== entry.type),
  },
  'the other side of a link left to an event of its own': {
    query: { fields: ['tasks'] },
    before: [{ id: 1, tasks: [] }],
    after: [{ id: 1, tasks: [ref('Task', 4, 'anim')] }],
    changes: [change({ type: 'Task', ids: [4], field: 'entity', old: null, new: ref('Shot', 1) })],
    weakened: excusing((told) => told.type === 'Task'),
  },
  'a project moved to, when archived projects are left out': {
    query: { include_archived_projects: false, fields: ['id'] },
    before: [{ id: 1 }],
    after: [],
    changes: [edit('project', { old: p5, new: ref('Project', 7) })],
    weakened: excusing((told, entry) => leavesOf(entry).every((item) => item.path !== told.field)),
  },
  'permission rules ignored (a task is assigned to whom the scope is)': {
    query: { type: 'Task', scope: 'artist', fields: ['id'] },
    before: [],
    after: [{ id: 9 }],
    changes: [change({ type: 'Task', ids: [9], field: 'task_assignees', added: [ref('HumanUser', 1)], removed: [] })],
    weakened: (told, entry) => affects(told, { ...entry, scope: 'all' }),
  },
}

describe('without this rule a reply stays that is no longer true', () => {
  it.each(Object.entries(cases))('%s', (_name, { query, before, after, changes, weakened }) => {
    const entry = read(query, before)
    expect(read(query, after).body.equals(entry.body)).toBe(false)
    expect(changes.some((told) => affects(told, entry))).toBe(true)
    expect(changes.some((told) => weakened(told, entry))).toBe(false)
  })
})
