/**
 * Random read calls over a whole schema and the whole filter language: every operator of every data type, nested
 * groups, dotted paths through links and lists of links, sorts, pages, retired rows, archived projects.
 *
 * Values are mostly taken from the site's own rows, so that filters match something.
 */
import type { Call, ReadCall, SummarizeCall } from '../../src/shotgrid/call.ts'
import { readCall, summarizeCall } from '../../src/shotgrid/call.ts'
import { type Field, isLink, isLinkList, type Schema } from '../../src/shotgrid/schema.ts'
import type { FilterGroup, FilterLeaf, FilterNode } from '../../src/shotgrid/wire.ts'
import type { Random } from './random.ts'

/** Values of `type.field` that occur on the site, for filters that match. */
export type Sample = (type: string, field: string) => readonly unknown[]

const text = ['is', 'is_not', 'contains', 'not_contains', 'starts_with', 'ends_with', 'in', 'not_in']
const number = ['is', 'is_not', 'greater_than', 'less_than', 'between', 'in', 'not_in']
const relative = ['in_last', 'not_in_last', 'in_next', 'not_in_next']
const calendar = ['in_calendar_day', 'in_calendar_week', 'in_calendar_month', 'in_calendar_year']
const link = ['is', 'is_not', 'in', 'not_in', 'type_is', 'type_is_not', 'name_is', 'name_contains', 'name_not_contains']
const choice = ['is', 'is_not', 'in', 'not_in']

/** The relations the site accepts, by data type. Types that are not here cannot be used in a filter. */
export const relationsOf: Readonly<Record<string, readonly string[]>> = {
  text,
  number,
  float: number,
  currency: number,
  percent: number,
  duration: number,
  timecode: number,
  date: [...number, ...relative, ...calendar],
  date_time: [...number, ...relative, ...calendar],
  checkbox: ['is', 'is_not'],
  list: choice,
  status_list: choice,
  uuid: choice,
  entity_type: choice,
  entity: link,
  multi_entity: link,
  addressing: link,
  image: ['is', 'is_not'],
}

export interface RandomCallsOptions {
  readonly random: Random
  readonly schema: Schema
  readonly sample: Sample
  /** Root types to ask for. */
  readonly types: readonly string[]
  /** Told of every relation used, so that a run can count them. */
  readonly used?: (dataType: string, relation: string) => void
}

export class RandomCalls {
  readonly #options: RandomCallsOptions

  constructor(options: RandomCallsOptions) {
    this.#options = options
  }

  call(): Call {
    return this.#options.random.chance(0.12) ? this.summarize() : this.read()
  }

  read(type = this.#options.random.pick(this.#options.types)): ReadCall {
    const { random } = this.#options
    const perPage = random.weighted([
      [5, 500],
      [2, 1 + random.int(5)],
      [1, 1],
    ])
    const imageUrls = random.chance(0.5)
    return readCall({
      type,
      return_fields: ['id', ...random.some(this.#fields(type), 1 + random.int(5)).map((field) => this.#path(field))],
      filters: this.#topGroup(type),
      return_only: random.chance(0.06) ? 'retired' : 'active',
      paging: {
        entities_per_page: perPage,
        current_page: random.weighted([
          [8, 1],
          [1, 2],
          [0.5, 3],
        ]),
      },
      ...(random.chance(0.4) && { sorts: this.#sorts(type) }),
      ...(random.chance(0.15) && { include_archived_projects: false }),
      ...(imageUrls && { api_return_image_urls: true }),
      return_paging_info_without_counts: random.chance(0.3),
      ...(random.chance(0.05) && { return_paging_info: true }),
    })
  }

  summarize(type = this.#options.random.pick(this.#options.types)): SummarizeCall {
    const { random } = this.#options
    const groupable = this.#fields(type).filter((field) =>
      ['status_list', 'entity', 'list', 'checkbox'].includes(field.dataType),
    )
    return summarizeCall({
      type,
      filters: this.#topGroup(type),
      summaries: [{ field: 'id', type: random.pick(['count', 'record_count']) }],
      ...(groupable.length > 0 &&
        random.chance(0.6) && {
          grouping: [
            { field: random.pick(groupable).name, type: 'exact', direction: random.pick(['asc', 'desc'] as const) },
          ],
        }),
      ...(random.chance(0.15) && { include_archived_projects: false }),
    })
  }

  #fields(type: string): Field[] {
    return [...this.#options.schema.fields(type).values()].filter((field) => !field.name.includes('current_user'))
  }

  /** A field, or now and then a path through it. */
  #path(field: Field, depth = 0): string {
    const { random, schema } = this.#options
    const targets = field.validTypes.filter((target) => schema.has(target))
    if (!isLink(field.dataType) || targets.length === 0 || depth > 1 || !random.chance(0.35)) return field.name
    const target = random.pick(targets)
    return `${field.name}.${target}.${this.#path(random.pick(this.#fields(target)), depth + 1)}`
  }

  #sorts(type: string): { field_name: string; direction: 'asc' | 'desc' }[] {
    const { random } = this.#options
    const sortable = this.#fields(type).filter((field) => !isLinkList(field.dataType))
    return random.some(sortable, 1 + random.int(2)).map((field) => ({
      field_name: random.chance(0.3) ? this.#path(field) : field.name,
      direction: random.pick(['asc', 'desc'] as const),
    }))
  }

  #topGroup(type: string): FilterGroup {
    const { random } = this.#options
    const conditions: FilterNode[] = []
    const project = this.#options.schema.field(type, 'project')
    if (project && random.chance(0.5)) conditions.push(this.#leaf(type, 'project', project, 'is'))
    const more = random.weighted([
      [2, 0],
      [4, 1],
      [3, 2],
      [1, 3],
    ])
    for (let i = 0; i < more; i += 1) conditions.push(this.#node(type, 0))
    return { logical_operator: random.chance(0.85) ? 'and' : 'or', conditions }
  }

  #node(type: string, depth: number): FilterNode {
    const { random } = this.#options
    if (depth < 2 && random.chance(0.2)) {
      const count = random.int(4)
      const conditions = Array.from({ length: count }, () => this.#node(type, depth + 1))
      return { logical_operator: random.pick(['and', 'or'] as const), conditions }
    }
    return this.#anyLeaf(type)
  }

  #anyLeaf(type: string): FilterLeaf {
    const { random, schema } = this.#options
    const fields = [...this.#fields(type), schema.field(type, 'id')!]
    for (;;) {
      // Half of the time by data type first, since of some there are few fields.
      const dataType = random.chance(0.5) ? random.pick([...new Set(fields.map((field) => field.dataType))]) : undefined
      const field = random.pick(fields.filter((one) => dataType === undefined || one.dataType === dataType))
      const path = this.#path(field)
      const resolved = schema.resolve(type, path)
      if (resolved && relationsOf[resolved.field.dataType]) return this.#leaf(resolved.type, path, resolved.field)
    }
  }

  #leaf(type: string, path: string, field: Field, fixed?: string): FilterLeaf {
    const relation = fixed ?? this.#options.random.pick(relationsOf[field.dataType]!)
    this.#options.used?.(field.dataType, relation)
    return { path, relation, values: this.#values(type, field, relation) }
  }

  #values(type: string, field: Field, relation: string): unknown[] {
    const { random } = this.#options
    if (field.dataType === 'image') return [null]
    if (relatives.has(relation)) return [1 + random.int(30), random.pick(['HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR'])]
    if (relation.startsWith('in_calendar')) return [random.int(5) - 2]
    if (relation.startsWith('type_is')) return [random.pick(field.validTypes.length > 0 ? field.validTypes : ['Shot'])]
    if (relation.startsWith('name_')) return [this.#name(type, field, relation)]
    if (relation === 'between') return [this.#value(type, field), this.#value(type, field)]
    if (relation === 'in' || relation === 'not_in') {
      return Array.from({ length: 1 + random.int(3) }, () => this.#value(type, field))
    }
    if (['contains', 'not_contains', 'starts_with', 'ends_with'].includes(relation))
      return [this.#fragment(type, field)]
    const nullable =
      field.dataType !== 'checkbox' && (relation === 'is' || relation === 'is_not') && field.name !== 'id'
    return [nullable && random.chance(0.2) ? null : this.#value(type, field)]
  }

  /** A value of the field's class, from the site's rows when there is one. */
  #value(type: string, field: Field): unknown {
    const { random, sample } = this.#options
    const known = sample(type, field.name).filter((value) => value !== null && value !== undefined)
    if (isLink(field.dataType)) return this.#link(field, known)
    if (known.length > 0 && random.chance(0.9)) return random.pick(known)
    return fallbackValues[field.dataType] ?? 1 + random.int(20)
  }

  #link(field: Field, known: readonly unknown[]): unknown {
    const { random } = this.#options
    const links = known.flat() as { type: string; id: number }[] // link fields hold links or lists of them
    if (links.length === 0) return { type: field.validTypes[0] ?? 'Shot', id: 1 + random.int(5) }
    const { type, id } = random.pick(links)
    return { type, id }
  }

  #name(type: string, field: Field, relation: string): string {
    const links = this.#options.sample(type, field.name).flat() as ({ name?: string } | null)[]
    const names = links.flatMap((target) => (target?.name ? [target.name] : []))
    const name = names.length > 0 ? this.#options.random.pick(names) : 'sh'
    return relation === 'name_is' ? name : name.slice(0, 2 + this.#options.random.int(3))
  }

  #fragment(type: string, field: Field): string {
    const value = String(this.#value(type, field))
    const start = this.#options.random.int(Math.max(1, value.length - 1))
    return value.slice(start, start + 1 + this.#options.random.int(3)) || 'a'
  }
}

const relatives = new Set(relative)

const fallbackValues: Readonly<Record<string, unknown>> = {
  text: 'zz',
  checkbox: true,
  date: '2026-03-01',
  date_time: '2026-03-01T12:00:00Z',
  list: 'nothing',
  status_list: 'wtg',
  uuid: 'none',
  entity_type: 'Shot',
}
