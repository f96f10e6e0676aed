import { describe, expect, it } from 'vitest'
import { createAffects } from '../../src/freshness/affects.ts'
import { dependenciesOf } from '../../src/freshness/dependencies.ts'
import { callText, readCall } from '../../src/shotgrid/call.ts'
import type { FilterNode, ReadArgs } from '../../src/shotgrid/wire.ts'
import { change, leaf, read, ref } from './support/cases.ts'
import { pipelineSchema } from './support/pipeline-schema.ts'

function ask(type: string, fields: string[], filters: FilterNode[] = [], more: Partial<ReadArgs> = {}) {
  return readCall({
    type,
    return_fields: fields,
    filters: { logical_operator: 'and', conditions: filters },
    return_only: 'active',
    paging: { entities_per_page: 500, current_page: 1 },
    ...more,
  })
}
const bodyOf = (...entities: object[]) => Buffer.from(JSON.stringify({ results: { entities } }))

function on(type: string, call: ReturnType<typeof ask>, ...entities: object[]) {
  const dependencies = dependenciesOf(call, bodyOf(...entities), pipelineSchema)
  expect(dependencies.filter((item) => item.type === type).length).toBeLessThanOrEqual(1)
  return dependencies.find((item) => item.type === type)
}

describe('what a reply depends on', () => {
  it('its rows, the rows its links lead to wherever they stand, and the coming and going of rows', () => {
    const row = {
      type: 'Shot',
      id: 862,
      sg_sequence: ref('Sequence', 3, 'q'),
      assets: [ref('Asset', 9), ref('Asset', 8)],
    }
    const call = ask('Shot', ['sg_sequence', 'assets'])
    expect(on('Shot', call, row)).toMatchObject({ rows: [862], presence: true })
    expect(on('Sequence', call, row)).toMatchObject({ rows: [3], presence: true })
    expect(on('Asset', call, row)).toMatchObject({ rows: [8, 9] })
  })

  it('fields of filters and orders on any row, and not the fields it shows', () => {
    const sorts = [{ field_name: 'sg_cut_in' }]
    const call = ask('Shot', ['code', 'image'], [leaf('sg_status_list', 'is', 'ip')], { sorts })
    expect(on('Shot', call)?.fields).toEqual(['sg_cut_in', 'sg_status_list'])
  })

  it('only the rows asked for, when they are asked for by id', () => {
    const call = ask('Shot', ['code'], [leaf('id', 'in', 5, 6)])
    expect(on('Shot', call, { type: 'Shot', id: 5 })).toEqual({
      type: 'Shot',
      rows: [5, 6],
      fields: [],
      presence: false,
    })
  })

  it('hazard 8: each hop of a path, by field where the reply does not show which rows it leads through', () => {
    const path = 'entity.Shot.sg_sequence.Sequence.code'
    const call = ask('Task', [path], [])
    expect(on('Task', call)?.fields).toEqual(expect.not.arrayContaining(['entity']))
    expect(on('Shot', call)?.fields).toContain('sg_sequence')
    expect(on('Sequence', call)?.fields).toContain('code')
    const shown = ask('Task', ['entity', 'entity.Shot.code'])
    expect(on('Shot', shown, { type: 'Task', id: 1, entity: ref('Shot', 7) })).toMatchObject({ rows: [7] })
    expect(on('Shot', shown)?.fields).not.toContain('code')
  })

  it('hazard 10: any field of the type, when rows are chosen or ordered by updated_at', () => {
    expect(on('Shot', ask('Shot', ['code'], [leaf('updated_at', 'is_not', null)]))?.fields).toBe('any')
    expect(on('Shot', ask('Shot', ['code'], [], { sorts: [{ field_name: 'updated_by' }] }))?.fields).toBe('any')
    expect(on('Shot', ask('Task', ['entity.Shot.updated_at']))?.fields).toBe('any')
  })

  it('hazard 11: the connection rows that a list is made of', () => {
    const call = ask('Playlist', ['versions'])
    const connections = { type: 'PlaylistVersionConnection', rows: [], fields: 'any', presence: true }
    expect(on('PlaylistVersionConnection', call)).toEqual(connections)
    expect(on('PlaylistVersionConnection', ask('Playlist', ['code']))).toBeUndefined()
  })

  it('hazard 11: an order of a list that was edited affects the list', () => {
    const affects = createAffects({ schema: () => pipelineSchema, seesEverything: () => true })
    const call = ask('Playlist', ['versions'])
    const body = bodyOf({ type: 'Playlist', id: 1, versions: [ref('Version', 2)] })
    const entry = {
      ...read({}, []),
      type: 'Playlist',
      call: callText(call),
      body,
      dependencies: dependenciesOf(call, body, pipelineSchema),
    }
    expect(affects(change({ type: 'PlaylistVersionConnection', ids: [77], field: 'sg_sort_order' }), entry)).toBe(true)
  })

  it('hazard 17: the archived flag of projects, when archived ones are left out', () => {
    expect(on('Project', ask('Shot', ['code'], [], { include_archived_projects: false }))?.fields).toContain('archived')
    expect(on('Project', ask('Shot', ['code']))).toBeUndefined()
  })

  it('the other side of links', () => {
    const tasks = on('Task', ask('Shot', ['tasks']))
    expect(tasks).toMatchObject({ fields: ['entity'], presence: true })
  })

  it('the storage and the file of a path', () => {
    const path = { type: 'Attachment', id: 4, link_type: 'local', local_storage: ref('LocalStorage', 3, 'primary') }
    const call = ask('PublishedFile', ['path'])
    expect(on('LocalStorage', call, { type: 'PublishedFile', id: 1, path })).toMatchObject({ rows: [3] })
    expect(on('Attachment', call, { type: 'PublishedFile', id: 1, path })).toMatchObject({ rows: [4] })
  })

  it('a storage root that moves affects the paths in it, and no others', () => {
    const affects = createAffects({ schema: () => pipelineSchema, seesEverything: () => true })
    const path = { type: 'Attachment', id: 4, link_type: 'local', local_storage: ref('LocalStorage', 3, 'primary') }
    const call = ask('PublishedFile', ['path'])
    const body = bodyOf({ type: 'PublishedFile', id: 1, path })
    const dependencies = dependenciesOf(call, body, pipelineSchema)
    const entry = { ...read({}, []), type: 'PublishedFile', call: callText(call), body, dependencies }
    const move = (id: number) => change({ type: 'LocalStorage', ids: [id], field: 'linux_path', new: '/mnt/b' })
    expect(affects(move(3), entry)).toBe(true)
    expect(affects(move(5), entry)).toBe(false)
  })

  it('rows that a condition on a link names, without having to be shown', () => {
    const call = ask('Task', ['content'], [leaf('entity', 'is', ref('Shot', 7))])
    expect(on('Shot', call)).toMatchObject({ rows: [7] })
    expect(on('Shot', ask('Task', ['content'], [leaf('entity', 'is', null)]))).toMatchObject({ presence: true })
  })

  it('for a scope that does not see everything, any change of these types and of who may see what', () => {
    const call = ask('Shot', ['sg_sequence'], [leaf('sg_status_list', 'is', 'ip')])
    const dependencies = dependenciesOf(call, bodyOf(), pipelineSchema, 'restricted')
    expect(dependencies.find((item) => item.type === 'Shot')).toMatchObject({ fields: 'any', presence: true })
    for (const type of ['Project', 'Group', 'HumanUser', 'ApiUser', 'PermissionRuleSet']) {
      expect(dependencies).toContainEqual({ type, rows: [], fields: 'any', presence: true })
    }
  })
})
