import { describe, expect, test } from 'vitest'
import { readChange, writtenChange } from '../../../src/backends/shared/written-change.ts'
import type { ChangeRecord } from '../../../src/cache/change.ts'
import { makeRecord } from '../../support/cache-world.ts'

const place = { epoch: 'e1', seq: 7 }
const read = (text: string) => readChange(text, place, 1000)
const flush = (parts: object) => ({
  kind: 'flush',
  ids: 'any',
  field: 'any',
  reason: 'a change that this version cannot read',
  ...place,
  at: 1000,
  ...parts,
})

test('is what was written, with its place: null is not absent', () => {
  const record: Required<ChangeRecord> = {
    ...makeRecord({ ids: [1, 2], old: null, new: 'Zoë \u0000 日本' }),
    added: [{ type: 'Shot', id: 3 }],
    removed: [],
    values: { code: null },
    project: 'none',
    scope: 'farm',
    eventId: 700,
    eventAt: 1_000_000,
    transaction: 't1',
    isConsequence: true,
    actor: 'HumanUser 88',
    reason: 'a test',
    old: null,
    new: [null],
  }
  expect(read(writtenChange(record))).toEqual({ ...record, ...place, at: 1000 })
  expect(read(writtenChange(makeRecord()))).not.toHaveProperty('old')
})

describe('rule 7: what a later version writes means yes', () => {
  test('a member that is not known: anything of the type may have changed', () => {
    const written = JSON.stringify({ ...makeRecord({ type: 'Task', scope: 'farm' }), unless: 'the moon is full' })
    expect(read(written)).toEqual(flush({ type: 'Task', source: 'event' }))
  })

  test('a kind that is not known: anything may have changed', () => {
    const written = JSON.stringify({ ...makeRecord(), kind: 'merge' })
    expect(read(written)).toEqual(flush({ type: '*', source: 'event' }))
  })

  test('a source that is not known may be a write through us', () => {
    const written = JSON.stringify({ ...makeRecord({ type: 'Task' }), source: 'dream' })
    expect(read(written)).toEqual(flush({ type: 'Task', source: 'write' }))
  })

  test.each([
    ['no JSON', '{"source":"event","kin'],
    ['no object', '"flush"'],
    ['null', 'null'],
    ['a list', '[1]'],
    ['a name that every object has', JSON.stringify({ ...makeRecord(), kind: 'toString' })],
    ['no type', JSON.stringify({ ...makeRecord(), type: undefined })],
    ['rows of another form', JSON.stringify({ ...makeRecord(), ids: { from: 1, to: 9 } })],
    ['a row of another form', JSON.stringify({ ...makeRecord(), ids: [1, 'b'] })],
    ['no field', JSON.stringify({ ...makeRecord(), field: 7 })],
  ])('what cannot be read: %s', (_what, text) => {
    expect(read(text)).toMatchObject({ kind: 'flush', type: '*', ids: 'any', seq: 7 })
  })
})
