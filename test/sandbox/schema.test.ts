import { describe, expect, it } from 'vitest'
import { Schema } from '../../src/shotgrid/schema.ts'
import { Calls, fieldList, leaf, link, person, readArgs } from './calls.ts'

type WireFields = Record<string, { data_type: { value: string }; properties: Record<string, { value: unknown }> }>

describe('reading the schema', () => {
  const calls = new Calls()

  it('gives every type with its fields in the wire form that the rest of sgcache reads', () => {
    const schema = new Schema(calls.site.schema())
    expect(calls.call('schema_read')).toEqual(calls.site.schema())
    expect(schema.resolve('Version', 'sg_task.Task.entity.Shot.sg_sequence.Sequence.code')).toBeDefined()
    expect(schema.field('Shot', 'sg_status_list')).toMatchObject({
      dataType: 'status_list',
      validValues: expect.arrayContaining(['ip']),
    })
    expect(schema.field('Task', 'entity')?.validTypes).toEqual(['Shot', 'Asset', 'Sequence'])
    expect(schema.field('Shot', 'created_at')?.editable).toBe(false)
  })

  it('has types for everything that fields link to', () => {
    const schema = new Schema(calls.site.schema())
    for (const type of schema.types) {
      for (const field of schema.fields(type).values()) {
        for (const target of field.validTypes)
          expect(schema.has(target), `${type}.${field.name} > ${target}`).toBe(true)
      }
    }
  })

  it('gives one field, or all of a type', () => {
    const one = calls.call<WireFields>('schema_field_read', { type: 'Shot', field_name: 'code' })
    expect(Object.keys(one)).toEqual(['code'])
    expect(one.code!.data_type.value).toBe('text')
    expect(Object.keys(calls.call<WireFields>('schema_field_read', { type: 'Shot' }))).toContain('sg_sequence')
  })

  it('gives the types alone', () => {
    const types = calls.call<Record<string, unknown>>('schema_entity_read')
    expect(types.Shot).toEqual({ name: { value: 'Shot', editable: false }, visible: { value: true, editable: false } })
    expect(Object.keys(types)).toEqual(Object.keys(calls.site.schema()))
  })

  it.each([
    ['schema_field_read', { type: 'Nope' }],
    ['schema_field_read', { type: 'Shot', field_name: 'nope' }],
    ['schema_field_create', { type: 'Shot', data_type: 'image', properties: [{ property_name: 'name', value: 'x' }] }],
    ['schema_field_create', { type: 'Shot', data_type: 'text', properties: [] }],
    ['schema_field_create', { type: 'Shot', data_type: 'text' }],
    ['schema_field_update', { type: 'Shot', field_name: 'nope', properties: [] }],
    ['schema_field_delete', { type: 'Shot', field_name: 'nope' }],
  ])('%s %j is a fault', (method, args) => {
    expect(calls.fault(method, args).error_code).toBe(103)
  })
})

describe('editing the schema', () => {
  const named = (value: string, more: object[] = []) => [{ property_name: 'name', value }, ...more]
  const create = (calls: Calls, name: string, data_type = 'text', more: object[] = []) =>
    calls.call<string>('schema_field_create', { type: 'Shot', data_type, properties: named(name, more) })

  it('a new field is null on every row, and can be written and asked for at once', () => {
    const calls = new Calls()
    expect(calls.one('Shot', 1, ['sg_mood'])).not.toHaveProperty('sg_mood')
    expect(create(calls, 'Mood')).toBe('sg_mood')
    expect(calls.one('Shot', 1, ['sg_mood'])).toMatchObject({ sg_mood: null })
    calls.update('Shot', 1, { sg_mood: 'tense' })
    expect(calls.read('Shot', ['id'], [leaf('sg_mood', 'is', 'TENSE')])).toEqual([{ type: 'Shot', id: 1 }])
    expect(calls.site.schema().Shot).toHaveProperty('sg_mood')
  })

  it('a name that is taken, or was, gets a suffix', () => {
    const calls = new Calls()
    expect([create(calls, 'Mood'), create(calls, 'Mood')]).toEqual(['sg_mood', 'sg_mood_1'])
    calls.call('schema_field_delete', { type: 'Shot', field_name: 'sg_mood' })
    expect(create(calls, 'Mood')).toBe('sg_mood_2')
  })

  it('links can be made, with the types they may lead to', () => {
    const calls = new Calls()
    const types = [{ property_name: 'valid_types', value: ['Asset'] }]
    expect(create(calls, 'Main asset', 'entity', types)).toBe('sg_main_asset')
    expect(create(calls, 'Extras', 'multi_entity', types)).toBe('sg_extras')
    calls.update('Shot', 1, { sg_main_asset: link('Asset', 1), sg_extras: [link('Asset', 2)] })
    expect(calls.one('Shot', 1, ['sg_main_asset.Asset.id', 'sg_extras'])).toMatchObject({
      'sg_main_asset.Asset.id': 1,
      sg_extras: [{ id: 2 }],
    })
    expect(calls.one('Shot', 2, ['sg_extras'])).toMatchObject({ sg_extras: [] })
  })

  it('a list of statuses can be edited', () => {
    const calls = new Calls()
    const set = { type: 'Shot', id: 1, fields: fieldList({ sg_status_list: 'new' }) }
    expect(calls.fault('update', set).error_code).toBe(104)
    const properties = [{ property_name: 'valid_values', value: ['wtg', 'new'] }]
    expect(calls.call('schema_field_update', { type: 'Shot', field_name: 'sg_status_list', properties })).toBe(true)
    expect(calls.call('update', set)).toMatchObject({ sg_status_list: 'new' })
  })

  it('a deleted field is absent from rows and a fault in filters', () => {
    const calls = new Calls()
    expect(calls.call('schema_field_delete', { type: 'Shot', field_name: 'sg_bid' })).toBe(true)
    expect(calls.one('Shot', 1, ['sg_bid'])).toEqual({ type: 'Shot', id: 1 })
    expect(calls.fault('read', readArgs('Shot', [], [leaf('sg_bid', 'is', 1)])).error_code).toBe(103)
    expect(calls.fault('schema_field_delete', { type: 'Shot', field_name: 'code' }).error_code).toBe(104)
  })

  it('is for administrators', () => {
    const calls = new Calls()
    const args = { type: 'Shot', data_type: 'text', properties: named('X') }
    expect(calls.as(person('max')).fault('schema_field_create', args).error_code).toBe(104)
    expect(calls.as(person('ada')).call('schema_field_create', args)).toBe('sg_x')
  })
})
