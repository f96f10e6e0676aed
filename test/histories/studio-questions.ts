/**
 * What a studio's tools keep asking: the queries that pipelines are known to make, over the rows of the simulated
 * studio, with the popularity they have there: few questions are asked very often, many now and then.
 */
import { entityCall } from '../../src/reads/entity.ts'
import { type ReadCall, readCall } from '../../src/shotgrid/call.ts'
import type { FilterLeaf, SortKey } from '../../src/shotgrid/wire.ts'
import type { Random } from '../support/random.ts'

export type IdsOf = (type: string, project?: number) => readonly number[]

interface ListOptions {
  readonly sorts?: readonly SortKey[]
  readonly limit?: number
}

export function studioQuestions(random: Random, idsOf: IdsOf): ReadCall[] {
  const projects = idsOf('Project')
  const shots = random.some(idsOf('Shot'), 60)
  const assets = random.some(idsOf('Asset'), 25)
  const people = random.some(idsOf('HumanUser'), 8)
  const tasks = random.some(idsOf('Task'), 60)
  return [
    ...projects.map((id) => entityCall('Project', id, ['name', 'tank_name', 'archived'])),
    list('Project', [leaf('archived', 'is', false), leaf('is_template', 'is', false)], ['name', 'tank_name']),
    list('Step', [], ['code', 'short_name', 'entity_type']),
    list('LocalStorage', [], ['code', 'linux_path', 'windows_path']),
    list('PublishedFileType', [], ['code']),
    ...shots.map((id) => entityCall('Shot', id, ['code', 'project', 'sg_sequence', 'sg_status_list'])),
    ...assets.map((id) => entityCall('Asset', id, ['code', 'project', 'sg_asset_type'])),
    ...tasks.map((id) => entityCall('Task', id, ['content', 'entity', 'step', 'project', 'sg_status_list'])),
    ...shots.map((id) => tasksOf('Shot', id)),
    ...assets.map((id) => tasksOf('Asset', id)),
    ...shots.map((id) => publishesOf(id)),
    ...tasks.map((id) => latestPublish(id)),
    ...shots.map((id) => versionsOf(id)),
    ...people.map((id) => myTasks(id)),
    ...projects.flatMap((id) => projectLists(id)),
  ]
}

function list(
  type: string,
  conditions: readonly FilterLeaf[],
  fields: readonly string[],
  { sorts, limit }: ListOptions = {},
): ReadCall {
  return readCall({
    type,
    return_fields: fields,
    filters: { logical_operator: 'and', conditions },
    return_only: 'active',
    paging: { entities_per_page: limit ?? 500, current_page: 1 },
    api_return_image_urls: true,
    return_paging_info_without_counts: limit === undefined,
    ...(sorts && { sorts }),
  })
}

function leaf(path: string, relation: string, ...values: unknown[]): FilterLeaf {
  return { path, relation, values }
}

const tasksOf = (type: string, id: number) =>
  list('Task', [leaf('entity', 'is', { type, id })], ['content', 'step', 'sg_status_list', 'task_assignees'])

const publishesOf = (id: number) =>
  list(
    'PublishedFile',
    [leaf('entity', 'is', { type: 'Shot', id })],
    ['code', 'name', 'version_number', 'task', 'path_cache'],
  )

const latestPublish = (id: number) =>
  list('PublishedFile', [leaf('task', 'is', { type: 'Task', id })], ['code', 'version_number'], {
    sorts: [{ field_name: 'version_number', direction: 'desc' }],
    limit: 1,
  })

const versionsOf = (id: number) =>
  list('Version', [leaf('entity', 'is', { type: 'Shot', id })], ['code', 'sg_status_list', 'user', 'sg_task'])

const myTasks = (id: number) =>
  list(
    'Task',
    [leaf('task_assignees', 'is', { type: 'HumanUser', id }), leaf('sg_status_list', 'is_not', 'fin')],
    ['content', 'entity', 'project', 'sg_status_list', 'due_date'],
  )

const projectLists = (id: number) => {
  const inProject = leaf('project', 'is', { type: 'Project', id })
  return [
    list('Shot', [inProject], ['code', 'sg_sequence', 'sg_cut_in', 'sg_cut_out']),
    list('Asset', [inProject], ['code', 'sg_asset_type']),
    list('Sequence', [inProject], ['code', 'description']),
    list('Shot', [inProject, leaf('sg_status_list', 'in', 'ip', 'rev')], ['code', 'sg_sequence.Sequence.code']),
    list('Playlist', [inProject], ['code', 'versions']),
    list('PipelineConfiguration', [inProject], ['code', 'linux_path', 'windows_path']),
  ]
}
