/** Single cases on the tiny schema: an entry made of a call and the rows of its reply, a change, and the judgement. */
import type { Change, ChangeRecord } from '../../../src/cache/change.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import { createAffects } from '../../../src/freshness/affects.ts'
import { readCall, summarizeCall } from '../../../src/shotgrid/call.ts'
import type { FilterNode, ReadArgs } from '../../../src/shotgrid/wire.ts'
import { tinySchema } from './tiny-schema.ts'
import { entryOf } from './trial.ts'

export const affects = createAffects({ schema: () => tinySchema, seesEverything: (scope) => scope === 'all' })

export const leaf = (path: string, relation: string, ...values: unknown[]): FilterNode => ({ path, relation, values })
export const either = (...conditions: FilterNode[]): FilterNode => ({ logical_operator: 'or', conditions })
export const ref = (type: string, id: number, name?: string) => ({ type, id, ...(name !== undefined && { name }) })

export interface Query extends Partial<Omit<ReadArgs, 'filters' | 'paging'>> {
  readonly filters?: readonly FilterNode[]
  readonly fields?: readonly string[]
  readonly sort?: string
  readonly page?: number
  readonly perPage?: number
  readonly scope?: string
}

export type ShownRow = { readonly id: number } & Readonly<Record<string, unknown>>

/** A read of shots, unless `type` says otherwise, and the rows it was answered with. */
export function read(query: Query, rows: readonly ShownRow[]): Entry {
  const { type = 'Shot', filters = [], fields = ['code'], sort, page = 1, perPage = 500, scope, ...args } = query
  const call = readCall({
    type,
    return_fields: fields,
    filters: { logical_operator: 'and', conditions: filters },
    return_only: 'active',
    paging: { entities_per_page: perPage, current_page: page },
    ...(sort && { sorts: [{ field_name: sort }] }),
    ...args,
  })
  return entryOf(call, JSON.stringify({ results: { entities: rows.map((row) => ({ type, ...row })) } }), scope)
}

export function count(filters: readonly FilterNode[], grouping?: string, groups: unknown = []): Entry {
  const call = summarizeCall({
    type: 'Shot',
    filters: { logical_operator: 'and', conditions: filters },
    summaries: [{ field: 'id', type: 'count' }],
    ...(grouping && { grouping: [{ field: grouping, type: 'exact' }] }),
  })
  return entryOf(call, JSON.stringify({ results: { summaries: { id: 1 }, groups } }))
}

export function change(record: Partial<ChangeRecord>): Change {
  const kind = record.kind ?? 'change'
  return { source: 'event', kind, type: 'Shot', ids: [1], field: 'any', ...record, epoch: 'e', seq: 1, at: 0 }
}

export const edit = (field: string, said: Partial<ChangeRecord> = {}) => change({ field, ...said })
