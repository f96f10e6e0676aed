/** A type's rows as the sweep and the comparison of ids read them, and a site with an event log beside it. */
import type { RowSource } from '../../src/follow/event-source.ts'
import type { FilterNode, Row } from '../../src/shotgrid/wire.ts'
import { fakeSite, iso } from './fakes.ts'

export interface FakeRow {
  readonly id: number
  updatedAt: number
  updatedBy: { type: string; id: number }
  createdAt: number
  retired: boolean
}

export class FakeRows implements RowSource {
  readonly rows = new Map<string, Map<number, FakeRow>>()
  /** Types that cannot be read. */
  readonly refused = new Set<string>()
  calls = 0

  table(type: string): Map<number, FakeRow> {
    const table = this.rows.get(type) ?? new Map<number, FakeRow>()
    this.rows.set(type, table)
    return table
  }

  async find(
    type: string,
    conditions: readonly FilterNode[],
    _fields: readonly string[],
    options: { limit?: number; retired?: boolean } = {},
  ): Promise<readonly Row[]> {
    this.calls += 1
    if (this.refused.has(type)) throw new Error(`${type} is refused`)
    const rows = [...this.table(type).values()].filter(
      (row) => row.retired === (options.retired ?? false) && conditions.every((condition) => holds(condition, row)),
    )
    return rows
      .sort((a, b) => a.id - b.id)
      .slice(0, options.limit)
      .map((row) => ({
        type,
        id: row.id,
        updated_at: iso(row.updatedAt),
        updated_by: row.updatedBy,
        created_at: iso(row.createdAt),
      }))
  }
}

function holds(condition: FilterNode, row: FakeRow): boolean {
  if (!('path' in condition)) throw new Error('the fake knows no groups')
  const { path, relation, values } = condition
  if (path === 'id' && relation === 'greater_than') return row.id > Number(values[0])
  if (path === 'updated_at' && relation === 'greater_than') return iso(row.updatedAt) > String(values[0])
  throw new Error(`the fake does not know ${path} ${relation}`)
}

const ann = { type: 'HumanUser', id: 88 }
const robot = { type: 'ApiUser', id: 7 }

/** Edits rows, with and without an event. */
export function fakeStudio(options: Parameters<typeof fakeSite>[0] = {}) {
  const site = fakeSite(options)
  const rows = new FakeRows()
  const { clock, source } = site
  const touch = (id: number, by: { type: string; id: number }, at = clock.now()) => {
    const old = rows.table('Shot').get(id)
    const row = { id, updatedAt: at, updatedBy: by, createdAt: old?.createdAt ?? at, retired: old?.retired ?? false }
    rows.table('Shot').set(id, row)
    return row
  }
  return {
    ...site,
    rows,
    /** A row that is there since long ago. */
    old: (id: number) => touch(id, ann, clock.now() - 30 * 86_400_000),
    edit: (id: number, by = ann) => {
      touch(id, by)
      return source.commit(1, { entity: { type: 'Shot', id }, user: by })
    },
    /** An edit by a script that leaves no events. */
    editSilently: (id: number, by: { type: string; id: number } = robot) => touch(id, by),
    retireSilently: (id: number, movesUpdatedAt = true) => {
      const row = rows.table('Shot').get(id)!
      row.retired = true
      if (movesUpdatedAt) Object.assign(row, { updatedAt: clock.now(), updatedBy: robot })
    },
  }
}
