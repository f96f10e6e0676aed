/**
 * What is asked in a run: rows by id, lists filtered and ordered by what changes, dotted paths, counts, and a few calls
 * from the whole filter language; through the native API, the drop-in API, or both.
 */
import { entityCall } from '../../src/reads/entity.ts'
import { type Call, readCall, summarizeCall } from '../../src/shotgrid/call.ts'
import { Schema } from '../../src/shotgrid/schema.ts'
import type { FilterLeaf, SortKey } from '../../src/shotgrid/wire.ts'
import { movesWithTheClock } from '../histories/answers.ts'
import type { Random } from '../support/random.ts'
import { RandomCalls } from '../support/random-calls.ts'
import { type Door, dropIn, nativeEntity, nativeQuery } from './doors.ts'
import { type Caller, farm, ivy, type Site, sgcache } from './site.ts'

export interface Question {
  readonly name: string
  readonly caller: Caller
  readonly call: Call
  readonly doors: readonly Door[]
}

export function questionsAbout(site: Site, random: Random): Question[] {
  return [...rows(site, random), ...lists(site, random), ...counts(), ...anything(site, random)]
}

function rows(site: Site, random: Random): Question[] {
  const shots = random.some(site.ids('Shot'), 5)
  const tasks = random.some(site.ids('Task', leaf('entity', 'type_is', 'Shot')), 3)
  const versions = random.some(site.ids('Version'), 2)
  return [
    ...shots.map((id) => row('Shot', id, ['code', 'description', 'sg_status_list', 'sg_cut_in'])),
    ...tasks.map((id) => row('Task', id, ['content', 'sg_description', 'entity', 'entity.Shot.description'])),
    ...versions.map((id) => row('Version', id, ['code', 'description', 'sg_status_list', 'sg_task'])),
    ...random.some(site.ids('Asset'), 2).map((id) => row('Asset', id, ['code', 'description', 'sg_status_list'])),
    row('Sequence', random.pick(site.ids('Sequence')), ['code', 'description', 'shots']),
  ]
}

function lists(site: Site, random: Random): Question[] {
  const shot = { type: 'Shot', id: random.pick(site.ids('Shot')) }
  const status = () => random.pick(['wtg', 'rdy', 'ip', 'fin'])
  return [
    list('Shot', [leaf('sg_status_list', 'is', status())], ['code', 'description'], { sorts: [asc('code')] }),
    list('Shot', [leaf('sg_status_list', 'is_not', status())], ['code'], {}),
    list('Shot', [], ['code', 'description', 'sg_cut_in'], { sorts: [desc('sg_cut_in')], limit: 3 }),
    list('Task', [leaf('entity.Shot.sg_status_list', 'is', status())], ['content', 'entity.Shot.description'], {}),
    list('Task', [leaf('entity', 'is', shot)], ['content', 'sg_description', 'sg_status_list', 'entity'], {}),
    list('Task', [leaf('sg_status_list', 'in', status(), status())], ['content', 'entity'], { sorts: [desc('id')] }),
    list('Version', [leaf('sg_task.Task.sg_status_list', 'is', status())], ['code', 'sg_task', 'description'], {}),
    list('Version', [], ['code', 'sg_status_list'], { sorts: [asc('code')], limit: 4 }),
    list('Asset', [leaf('sg_status_list', 'is', status())], ['code', 'description'], {}),
    list('Asset', [leaf('description', 'contains', '1')], ['code', 'description'], {}),
    list('Sequence', [], ['code', 'description'], { sorts: [asc('code')] }),
    list('Shot', [leaf('sg_sequence.Sequence.description', 'contains', '7')], ['code', 'sg_sequence'], {}),
    as(farm, list('Task', [leaf('sg_status_list', 'is', status())], ['content', 'sg_description'], {})),
    as(farm, list('Shot', [leaf('sg_cut_in', 'greater_than', 0)], ['code', 'sg_cut_in', 'description'], {})),
    as(ivy, list('Task', [], ['content', 'sg_description', 'sg_status_list'], { sorts: [asc('id')] })),
    as(ivy, list('Shot', [leaf('sg_status_list', 'is', status())], ['code', 'description'], {})),
  ]
}

function counts(): Question[] {
  return ['Shot', 'Task', 'Version', 'Asset'].map((type) => {
    const grouping = [{ field: 'sg_status_list', type: 'exact', direction: 'asc' as const }]
    const summaries = [{ field: 'id', type: 'count' }]
    const call = summarizeCall({ type, filters: group([]), summaries, grouping })
    return { name: `how many ${type}s of each status`, caller: sgcache, call, doors: [dropIn(sgcache, call)] }
  })
}

/** Some from the whole filter language. What moves with the clock has a bound of its own, and is left to the histories. */
function anything(site: Site, random: Random): Question[] {
  const schema = new Schema(site.sandbox.schema())
  const types = ['Shot', 'Task', 'Version', 'Asset', 'Sequence']
  const calls = new RandomCalls({ random, schema, types, sample: (type, field) => sample(site, type, field) })
  const questions: Question[] = []
  while (questions.length < 8) {
    const call = calls.call()
    if (movesWithTheClock(call, schema)) continue
    questions.push({ name: `anything ${questions.length + 1}`, caller: sgcache, call, doors: [dropIn(sgcache, call)] })
  }
  return questions
}

function sample(site: Site, type: string, field: string): unknown[] {
  const call = readCall({ ...everyRow(type), return_fields: [field] })
  const results = site.call(sgcache, 'read', { ...everyRow(call.type), return_fields: [field] })
  return (results as { entities: Record<string, unknown>[] }).entities.map((entity) => entity[field])
}

function row(type: string, id: number, fields: readonly string[]): Question {
  const call = entityCall(type, id, ['id', ...fields])
  const doors = [nativeEntity(type, id, ['id', ...fields]), dropIn(sgcache, call)]
  return { name: `${type} ${id}`, caller: sgcache, call, doors }
}

interface ListOptions {
  readonly sorts?: readonly SortKey[]
  readonly limit?: number
}

function list(
  type: string,
  conditions: readonly FilterLeaf[],
  fields: readonly string[],
  { sorts = [], limit }: ListOptions,
): Question {
  const call = readCall({
    ...everyRow(type),
    return_fields: ['id', ...fields],
    filters: group(conditions),
    paging: { entities_per_page: limit ?? 500, current_page: 1 },
    ...(sorts.length > 0 && { sorts }),
    api_return_image_urls: true,
    return_paging_info_without_counts: limit === undefined,
  })
  const where = conditions.map(({ path, relation, values }) => `${path} ${relation} ${JSON.stringify(values)}`)
  const order = sorts.map(({ field_name, direction }) => `${field_name} ${direction}`)
  const name = [`${type}s`, ...where, ...order, ...(limit === undefined ? [] : [`first ${limit}`])].join(', ')
  return { name, caller: sgcache, call, doors: [nativeQuery(call), dropIn(sgcache, call)] }
}

/** Callers other than `sgcache` have the drop-in API only. */
function as(caller: Caller, { name, call }: Question): Question {
  return { name: `${name}, as ${caller.name}`, caller, call, doors: [dropIn(caller, call)] }
}

function everyRow(type: string) {
  return {
    type,
    return_fields: ['id'],
    filters: group([]),
    return_only: 'active' as const,
    paging: { entities_per_page: 500, current_page: 1 },
  }
}

const group = (conditions: readonly FilterLeaf[]) => ({ logical_operator: 'and' as const, conditions })
const leaf = (path: string, relation: string, ...values: unknown[]): FilterLeaf => ({ path, relation, values })
const asc = (field_name: string) => ({ field_name, direction: 'asc' as const })
const desc = (field_name: string) => ({ field_name, direction: 'desc' as const })
