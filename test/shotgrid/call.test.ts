import { describe, expect, it } from 'vitest'
import { type Call, callArgs, callText, parseCall, readArgs, readCall, summarizeCall } from '../../src/shotgrid/call.ts'
import { Schema } from '../../src/shotgrid/schema.ts'
import type { ReadArgs } from '../../src/shotgrid/wire.ts'
import { Random } from '../support/random.ts'
import { RandomCalls } from '../support/random-calls.ts'

const args: ReadArgs = {
  type: 'Shot',
  return_fields: ['code', 'id', 'code'],
  filters: {
    logical_operator: 'and',
    conditions: [{ path: 'project', relation: 'is', values: [{ type: 'Project', id: 70, name: 'Show' }] }],
  },
  return_only: 'active',
  paging: { entities_per_page: 500, current_page: 1 },
}

describe('readCall', () => {
  it('is the same for the same question asked in another way', () => {
    const other: ReadArgs = {
      ...args,
      return_fields: ['id', 'code'],
      filters: {
        conditions: [{ values: [{ id: 70, type: 'Project' }], path: 'project', relation: 'is' }],
        logical_operator: 'and',
      },
      sorts: [],
      include_archived_projects: true,
    }
    expect(callText(readCall(other))).toBe(callText(readCall(args)))
  })

  it.each<[string, Partial<ReadArgs>]>([
    ['page', { paging: { entities_per_page: 500, current_page: 2 } }],
    ['order', { sorts: [{ field_name: 'code' }] }],
    ['retired rows', { return_only: 'retired' }],
    ['archived projects', { include_archived_projects: false }],
    ['totals', { return_paging_info: true }],
    ['signed images', { api_return_image_urls: true }],
  ])('differs by %s', (_, more) => {
    expect(callText(readCall({ ...args, ...more }))).not.toBe(callText(readCall(args)))
  })

  it('keeps the order of values and of conditions, which may matter', () => {
    const conditions = [1, 2].map((id) => ({ path: 'id', relation: 'is', values: [id] }))
    const call = readCall({ ...args, filters: { logical_operator: 'or', conditions } })
    expect(call.filters.conditions).toEqual(conditions)
  })
})

it('comes back the same from its text and from the arguments that ask it', () => {
  const field = (data_type: string, valid_types: string[] = []) => ({
    data_type: { value: data_type, editable: false },
    properties: { valid_types: { value: valid_types } },
  })
  const schema = new Schema({
    Project: { name: field('text'), archived: field('checkbox') },
    Shot: { code: field('text'), project: field('entity', ['Project']), cut: field('number'), due: field('date_time') },
  })
  const calls = new RandomCalls({ random: new Random(1), schema, sample: () => ['b', 'a'], types: ['Shot', 'Project'] })
  for (let i = 0; i < 500; i += 1) {
    const call: Call = calls.call()
    expect(parseCall(callText(call))).toEqual(call)
    const again = call.operation === 'read' ? readCall(readArgs(call)) : summarizeCall(callArgs(call) as never)
    expect(callText(again)).toBe(callText(call))
  }
})
