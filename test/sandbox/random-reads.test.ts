import { describe, expect, it } from 'vitest'
import { readArgs as argsOf, callArgs } from '../../src/shotgrid/call.ts'
import { Schema } from '../../src/shotgrid/schema.ts'
import type { Row } from '../../src/shotgrid/wire.ts'
import { Random } from '../support/random.ts'
import { RandomCalls, relationsOf } from '../support/random-calls.ts'
import { Calls, leaf } from './calls.ts'

const types = [
  'Shot',
  'Asset',
  'Sequence',
  'Task',
  'Version',
  'PublishedFile',
  'Playlist',
  'Note',
  'Project',
  'HumanUser',
]

function randomCalls(calls: Calls, seed: number, used = (_dataType: string, _relation: string) => {}) {
  const schema = new Schema(calls.site.schema())
  const sample = (type: string, field: string) => calls.read(type, [field]).map((row) => row[field])
  return new RandomCalls({ random: new Random(seed), schema, sample, types, used })
}

describe('random calls over the whole filter language', () => {
  it('are all answered, with every relation of every data type among them', () => {
    const calls = new Calls()
    const counts = new Map<string, number>()
    const random = randomCalls(calls, 1, (dataType, relation) => {
      const key = `${dataType} ${relation}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    })
    let rows = 0
    for (let i = 0; i < 25_000; i += 1) {
      const call = random.call()
      const reply = calls.raw(call.operation, callArgs(call)) as { results?: { entities?: Row[] } }
      expect(reply, JSON.stringify(call)).toHaveProperty('results')
      rows += reply.results?.entities?.length ?? 0
    }
    expect(rows).toBeGreaterThan(25_000)
    const schema = new Schema(calls.site.schema())
    const present = new Set(types.flatMap((type) => [...schema.fields(type).values()].map((field) => field.dataType)))
    for (const [dataType, relations] of Object.entries(relationsOf)) {
      for (const relation of present.has(dataType) ? relations : []) {
        expect(counts.get(`${dataType} ${relation}`) ?? 0, `${dataType} ${relation}`).toBeGreaterThan(0)
      }
    }
  })

  it('find the same rows whether or not an index is used', () => {
    const calls = new Calls()
    for (let i = 0; i < 150; i += 1) calls.site.act()
    const random = randomCalls(calls, 2)
    let found = 0
    for (let i = 0; i < 1500; i += 1) {
      const args = { ...argsOf(random.read()), return_fields: ['id'] }
      const narrowed = calls.call<{ entities: Row[] }>('read', args)
      // Twice the same below an `or` is the same, but leaves no condition at the top to look rows up by.
      const filters = { logical_operator: 'or', conditions: [args.filters, args.filters] }
      expect(calls.call('read', { ...args, filters }), JSON.stringify(args)).toEqual(narrowed)
      found += narrowed.entities.length
    }
    expect(found).toBeGreaterThan(1000)
  })

  it('and their negations share all rows between them', () => {
    const calls = new Calls()
    const random = randomCalls(calls, 3)
    const count = (type: string, condition: object) => calls.read(type, ['id'], [condition]).length
    const seen = new Map<string, number>()
    for (let i = 0; i < 3000; i += 1) {
      const { type, filters } = random.read()
      for (const node of filters.conditions) {
        if (!('path' in node) || node.path.includes('.')) continue
        const opposite = opposites[node.relation]
        if (!opposite) continue
        seen.set(node.relation, (seen.get(node.relation) ?? 0) + 1)
        const total = calls.read(type, ['id']).length
        const both = count(type, node) + count(type, leaf(node.path, opposite, ...node.values))
        expect(both, JSON.stringify(node)).toBe(total)
      }
    }
    expect([...seen.keys()].sort()).toEqual(Object.keys(opposites).sort())
  })
})

const opposites: Readonly<Record<string, string>> = {
  is: 'is_not',
  in: 'not_in',
  contains: 'not_contains',
  in_last: 'not_in_last',
  in_next: 'not_in_next',
  type_is: 'type_is_not',
  name_contains: 'name_not_contains',
}
