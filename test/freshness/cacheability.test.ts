import { describe, expect, it } from 'vitest'
import { cacheability } from '../../src/freshness/cacheability.ts'
import { type ReadCall, readCall, summarizeCall } from '../../src/shotgrid/call.ts'
import type { FilterNode, ReadArgs } from '../../src/shotgrid/wire.ts'
import { leaf, ref } from './support/cases.ts'
import { pipelineSchema } from './support/pipeline-schema.ts'

function ask(type: string, fields: string[], filters: FilterNode[] = [], more: Partial<ReadArgs> = {}): ReadCall {
  return readCall({
    type,
    return_fields: fields,
    filters: { logical_operator: 'and', conditions: filters },
    return_only: 'active',
    paging: { entities_per_page: 500, current_page: 1 },
    ...more,
  })
}
const judge = (...args: Parameters<typeof ask>) => cacheability(ask(...args), pipelineSchema)
const body = (row: object) => Buffer.from(JSON.stringify({ results: { entities: [row] } }))
const project = leaf('project', 'is', ref('Project', 70))
const shot = ref('Shot', 862)

const pipelines: readonly (readonly [string, ReadCall])[] = [
  ['a project by id', ask('Project', ['name', 'tank_name'], [leaf('id', 'is', 70)])],
  ['live projects', ask('Project', ['name'], [leaf('archived', 'is', false), leaf('is_template', 'is', false)])],
  ['a person by login', ask('HumanUser', ['name', 'login'], [leaf('login', 'is', 'ann')])],
  ['pipeline configurations', ask('PipelineConfiguration', ['code', 'linux_path', 'users', 'plugin_ids'], [project])],
  ['all storages', ask('LocalStorage', ['code', 'linux_path', 'windows_path', 'mac_path'])],
  ['a task by id', ask('Task', ['content', 'project', 'entity', 'step', 'task_assignees'], [leaf('id', 'is', 5)])],
  ['the tasks of an entity', ask('Task', ['content', 'step.Step.short_name'], [leaf('entity', 'is', shot)])],
  ['my tasks', ask('Task', ['content', 'entity'], [leaf('task_assignees', 'is', ref('HumanUser', 88))])],
  ['all shots of a project', ask('Shot', ['code', 'sg_sequence', 'assets', 'tasks'], [project])],
  ['all assets of a project', ask('Asset', ['code', 'sg_asset_type', 'shots'], [project])],
  [
    'publishes of a task',
    ask('PublishedFile', ['path', 'path_cache', 'version_number', 'image'], [leaf('entity', 'is', shot)], {
      sorts: [{ field_name: 'version_number', direction: 'desc' }],
    }),
  ],
  ['publish types', ask('PublishedFileType', ['code'])],
  ['steps', ask('Step', ['code', 'short_name', 'color'])],
  ['statuses', ask('Status', ['code', 'name'])],
  ['software', ask('Software', ['code', 'windows_path', 'projects'])],
  ['locations of a project', ask('FilesystemLocation', ['path', 'entity', 'is_primary'], [project])],
  ['locations by ids', ask('FilesystemLocation', ['path'], [leaf('id', 'in', 1, 2, 3)])],
]

describe('what pipelines ask', () => {
  it.each(pipelines)('%s is stored', (_what, call) => {
    expect(cacheability(call, pipelineSchema).store).toBe(true)
  })

  it('is stored without a cap, but for signed addresses', () => {
    const capped = pipelines.filter(([, call]) => cacheability(call, pipelineSchema).maxTtlMs !== undefined)
    expect(capped.map(([what]) => what)).toEqual(['publishes of a task', 'locations of a project', 'locations by ids'])
  })
})

describe('what is not stored', () => {
  it.each([
    ['Project', ['last_accessed_by_current_user'], []],
    ['Project', ['name'], [leaf('last_accessed_by_current_user', 'in_last', 1, 'DAY')]],
    ['Shot', ['project.Project.last_accessed_by_current_user'], []],
    ['Shot', ['code', 'project.Project.current_user_favorite'], []],
  ])('hazard 15: %s %j %j, which depends on who asks', (type, fields, filters) => {
    expect(judge(type, fields, filters).store).toMatch(/^per-user field /)
  })

  it('hazard 15: an order by a per-user field', () => {
    const sorts = [{ field_name: 'project.Project.last_accessed_by_current_user' }]
    expect(judge('Shot', ['code'], [], { sorts }).store).toMatch(/^per-user field /)
  })

  it.each(['EventLogEntry', 'PlaylistVersionConnection'])('%s', (type) => {
    expect(judge(type, ['id']).store).toBe(`${type} rows change all the time`)
  })

  it('types that no schema names', () => {
    expect(judge('Blob', ['id']).store).toBe('unknown type Blob')
  })

  it('hazard 14: filter presets', () => {
    const additional_filter_presets = [{ preset_name: 'LATEST', latest_by: 'ENTITIES_CREATED_AT' }]
    expect(judge('Version', ['code'], [], { additional_filter_presets }).store).toBe('filter preset')
  })

  it('filters that cannot be read', () => {
    expect(judge('Shot', ['code'], [leaf('$FROM$Task.id', 'is', 3)]).store).toBe('unknown path $FROM$Task.id')
    expect(judge('Shot', ['code'], [leaf('nope', 'is', 3)]).store).toBe('unknown field nope')
    expect(judge('Shot', ['code'], [leaf('sg_sequence.Nope.code', 'is', 3)]).store).toBe(
      'unknown path sg_sequence.Nope.code',
    )
  })

  it('returned fields that no schema names, unless the reply leaves them out', () => {
    const call = ask('Shot', ['code', 'hidden'])
    expect(cacheability(call, pipelineSchema).store).toBe('unknown field hidden')
    expect(cacheability(call, pipelineSchema, body({ type: 'Shot', id: 1, hidden: 4 })).store).toBe(
      'unknown field hidden',
    )
    expect(cacheability(call, pipelineSchema, body({ type: 'Shot', id: 1, code: 'a' })).store).toBe(true)
  })

  it.each(['https://s.test/images/status/transient/t.png', 'https:\\/\\/s.test\\/images\\/status\\/transient\\/t.png'])(
    'hazard 19: a thumbnail that is still being made: %s',
    (address) => {
      const reply = Buffer.from(`{"results":{"entities":[{"type":"Shot","id":1,"image":"${address}"}]}}`)
      expect(cacheability(ask('Shot', ['image']), pipelineSchema, reply).store).toBe('transient thumbnail')
    },
  )
})

describe('what is stored for a short while', () => {
  it.each(['in_last', 'not_in_last', 'in_next', 'not_in_next', 'in_calendar_day', 'in_calendar_year'])(
    'hazard 13: %s, which moves with the clock',
    (relation) => {
      expect(judge('Task', ['content'], [leaf('due_date', relation, 1, 'DAY')])).toEqual({
        store: true,
        maxTtlMs: 30_000,
      })
    },
  )

  it('hazard 14: fields that no event names', () => {
    expect(judge('Shot', ['open_notes_count'])).toEqual({ store: true, maxTtlMs: 60_000 })
    expect(judge('Shot', ['followers'])).toEqual({ store: true, maxTtlMs: 60_000 })
    const sorts = [{ field_name: 'open_notes_count' }]
    expect(judge('Shot', ['code'], [], { sorts })).toEqual({ store: true, maxTtlMs: 60_000 })
  })

  it('hazard 19: signed addresses, also at the end of a path', () => {
    expect(judge('Shot', ['image'])).toEqual({ store: true, maxTtlMs: 600_000 })
    expect(judge('Task', ['entity.Shot.image'])).toEqual({ store: true, maxTtlMs: 600_000 })
    expect(judge('Version', ['sg_uploaded_movie'])).toEqual({ store: true, maxTtlMs: 600_000 })
  })

  it('takes the shortest of several', () => {
    expect(judge('Shot', ['image', 'open_notes_count']).maxTtlMs).toBe(60_000)
  })

  it('summaries by groups that move with the clock', () => {
    const by = (type: string) =>
      cacheability(
        summarizeCall({
          type: 'Task',
          filters: { logical_operator: 'and', conditions: [] },
          summaries: [{ field: 'id', type: 'count' }],
          grouping: [{ field: 'due_date', type }],
        }),
        pipelineSchema,
      )
    expect(by('clustered_date')).toEqual({ store: true, maxTtlMs: 30_000 })
    expect(by('month')).toEqual({ store: true })
  })
})
