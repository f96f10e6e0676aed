/**
 * A site of a few rows, to ask calls of and to change: small enough that every coincidence happens often.
 *
 * Its reading of the filter language is its own: what `affects` believes is held against it.
 */
import type { Call, ReadCall, SummarizeCall } from '../../../src/shotgrid/call.ts'
import { isLink, isLinkList } from '../../../src/shotgrid/schema.ts'
import { type FilterLeaf, type FilterNode, isGroup } from '../../../src/shotgrid/wire.ts'
import { tinySchema } from './tiny-schema.ts'

export interface Ref {
  readonly type: string
  readonly id: number
}

export interface TinyRow extends Ref {
  retired: boolean
  readonly values: Record<string, unknown>
}

const now = Date.parse('2026-03-10T12:00:00Z')

export class TinySite {
  readonly rows = new Map<string, Map<number, TinyRow>>()

  add(type: string, id: number, values: Record<string, unknown>): TinyRow {
    const row: TinyRow = { type, id, retired: false, values }
    const rows = this.rows.get(type) ?? new Map<number, TinyRow>()
    this.rows.set(type, rows.set(id, row))
    return row
  }

  copy(): TinySite {
    const copy = new TinySite()
    for (const rows of this.rows.values()) {
      for (const row of rows.values()) copy.add(row.type, row.id, structuredClone(row.values)).retired = row.retired
    }
    return copy
  }

  all(type: string): TinyRow[] {
    return [...(this.rows.get(type)?.values() ?? [])]
  }

  row(ref: Ref): TinyRow | undefined {
    return this.rows.get(ref.type)?.get(ref.id)
  }

  answer(call: Call): string {
    return JSON.stringify({ results: call.operation === 'read' ? this.read(call) : this.summarize(call) })
  }

  /** Ids of the whole result, in order. */
  select(call: Call): readonly number[] {
    const sorts = call.operation === 'read' ? call.sorts : []
    const retired = call.operation === 'read' && call.retired
    const rows = this.all(call.type).filter(
      (row) =>
        row.retired === retired && (call.includeArchived || !this.#isArchived(row)) && this.#matches(row, call.filters),
    )
    return rows
      .sort((a, b) => {
        for (const { path, direction } of sorts) {
          const order = compare(this.#sortValue(a, path), this.#sortValue(b, path))
          if (order !== 0) return direction === 'asc' ? order : -order
        }
        return a.id - b.id
      })
      .map((row) => row.id)
  }

  /** `from` is the site that the values are read from, if rows and values are read at two moments. */
  read(call: ReadCall, ids = this.select(call)): unknown {
    const start = (call.page - 1) * call.perPage
    const entities = ids
      .slice(start, start + call.perPage)
      .map((id) => this.#show(this.row({ type: call.type, id })!, call))
    const hasNext = ids.length > start + call.perPage
    if (call.paging === 'none') return { entities, paging_info: { current_page: call.page } }
    return { entities, paging_info: call.paging === 'next' ? { has_next_page: hasNext } : { entity_count: ids.length } }
  }

  summarize(call: SummarizeCall): unknown {
    const rows = this.select(call).map((id) => this.row({ type: call.type, id })!)
    const [grouping] = call.grouping
    const summaries = { id: rows.length }
    if (!grouping) return { summaries, groups: [] }
    const groups = new Map<string, { value: unknown; count: number }>()
    for (const row of rows) {
      const value = this.#showValue(row, grouping.field)
      const key = JSON.stringify(value)
      groups.set(key, { value, count: (groups.get(key)?.count ?? 0) + 1 })
    }
    return {
      summaries,
      groups: [...groups.values()].map((g) => ({ group_value: g.value, summaries: { id: g.count } })),
    }
  }

  #show(row: TinyRow, call: ReadCall): unknown {
    const shown: Record<string, unknown> = { type: row.type, id: row.id }
    for (const path of call.fields) {
      const parts = path.split('.')
      const owner = this.#follow(row, parts)
      if (owner === 'list') continue
      shown[path] = owner ? this.#showValue(owner, parts.at(-1)!) : null
    }
    return shown
  }

  /** The row at the end of the hops of a path. */
  #follow(row: TinyRow, parts: readonly string[]): TinyRow | undefined | 'list' {
    let at: TinyRow | undefined = row
    for (let i = 0; i + 2 < parts.length; i += 2) {
      const value: unknown = at?.values[parts[i]!]
      if (Array.isArray(value)) return 'list'
      at = this.#live(value)
      if (at?.type !== parts[i + 1]) at = undefined
    }
    return at
  }

  #showValue(row: TinyRow, field: string): unknown {
    if (field === 'id') return row.id
    const { dataType } = tinySchema.field(row.type, field)!
    const value = this.#value(row, field)
    if (!isLink(dataType)) return value
    const links = this.#targets(row, field).map((to) => ({ type: to.type, id: to.id, name: nameOf(to) }))
    return isLinkList(dataType) ? links : (links[0] ?? null)
  }

  #value(row: TinyRow, field: string): unknown {
    if (field === 'id') return row.id
    if (row.type === 'HumanUser' && field === 'name') return nameOf(row)
    if (field === 'cached_display_name') return nameOf(row)
    return row.values[field] ?? null
  }

  #live(value: unknown): TinyRow | undefined {
    const row = value ? this.row(value as Ref) : undefined // link fields hold refs
    return row?.retired ? undefined : row
  }

  #targets(row: TinyRow, field: string): TinyRow[] {
    const value = row.values[field]
    const refs = Array.isArray(value) ? value : value ? [value] : []
    return refs.flatMap((ref) => this.#live(ref) ?? []).sort((a, b) => compare(a.type + a.id, b.type + b.id))
  }

  #isArchived(row: TinyRow): boolean {
    if (row.type === 'Project') return row.values.archived === true
    return this.#live(row.values.project)?.values.archived === true
  }

  #sortValue(row: TinyRow, path: string): unknown {
    const parts = path.split('.')
    const owner = this.#follow(row, parts)
    if (!owner || owner === 'list') return null
    const { dataType } = tinySchema.field(owner.type, parts.at(-1)!)!
    if (!isLink(dataType)) return this.#value(owner, parts.at(-1)!)
    const [first] = this.#targets(owner, parts.at(-1)!)
    return first ? nameOf(first) : null
  }

  #matches(row: TinyRow, node: FilterNode): boolean {
    if (!isGroup(node)) return this.#matchesLeaf([row], node.path.split('.'), node)
    if (node.conditions.length === 0) return true
    const each = (child: FilterNode) => this.#matches(row, child)
    return node.logical_operator === 'and' ? node.conditions.every(each) : node.conditions.some(each)
  }

  /** Through a list, any linked row that matches will do; a single link that leads nowhere has no value. */
  #matchesLeaf(rows: readonly TinyRow[], parts: readonly string[], leaf: FilterLeaf): boolean {
    const [field, type] = parts as readonly [string, string | undefined]
    if (type === undefined) return rows.some((row) => this.#test(row, field, leaf))
    return rows.some((row) => {
      const targets = this.#targets(row, field).filter((to) => to.type === type)
      if (targets.length === 0 && !Array.isArray(row.values[field]))
        return this.#testNothing(type, parts.slice(2), leaf)
      return this.#matchesLeaf(targets, parts.slice(2), leaf)
    })
  }

  #testNothing(type: string, parts: readonly string[], leaf: FilterLeaf): boolean {
    const [field, next] = parts as readonly [string, string | undefined]
    if (next !== undefined) return this.#testNothing(next, parts.slice(2), leaf)
    return test(tinySchema.field(type, field)!.dataType, leaf, null, [])
  }

  #test(row: TinyRow, field: string, leaf: FilterLeaf): boolean {
    const { dataType } = tinySchema.field(row.type, field)!
    return test(dataType, leaf, this.#value(row, field), isLink(dataType) ? this.#targets(row, field) : [])
  }
}

export function nameOf(row: TinyRow): string {
  const { values } = row
  if (row.type === 'HumanUser') return `${values.firstname} ${values.lastname}`
  return String(values[{ Project: 'name', Task: 'content' }[row.type] ?? 'code'])
}

const negative: Readonly<Record<string, string>> = {
  is_not: 'is',
  not_in: 'in',
  not_contains: 'contains',
  name_not_contains: 'name_contains',
  type_is_not: 'type_is',
  not_in_last: 'in_last',
  not_in_next: 'in_next',
}

function test(dataType: string, leaf: FilterLeaf, value: unknown, targets: readonly TinyRow[]): boolean {
  const positive = negative[leaf.relation]
  if (positive) return !test(dataType, { ...leaf, relation: positive }, value, targets)
  if (isLink(dataType)) return testLinks(leaf, targets)
  const fold = (v: unknown) => (dataType === 'text' && typeof v === 'string' ? v.toLowerCase() : v)
  return testScalar(leaf.relation, leaf.values.map(fold), fold(value) === '' ? null : fold(value))
}

function testLinks({ relation, values }: FilterLeaf, targets: readonly TinyRow[]): boolean {
  const [wanted] = values
  const has = (ref: unknown) => targets.some((to) => to.id === (ref as Ref).id && to.type === (ref as Ref).type)
  if (relation === 'is' || relation === 'in') {
    return values.some((item) => (item === null ? targets.length === 0 : has(item)))
  }
  if (relation === 'type_is') return targets.some((to) => to.type === wanted)
  const name = String(wanted).toLowerCase()
  return targets.some((to) => {
    const shown = nameOf(to).toLowerCase()
    return relation === 'name_is' ? shown === name : shown.includes(name)
  })
}

function testScalar(relation: string, values: readonly unknown[], value: unknown): boolean {
  const [first, second] = values as readonly [never, never] // compared with < and > only
  if (relation === 'is') return first === '' ? value === null : first === value
  if (relation === 'in') return value !== null && values.includes(value)
  if (relation === 'contains' && first === '') return value !== null
  if (value === null) return false
  switch (relation) {
    case 'contains':
      return String(value).includes(first)
    case 'starts_with':
      return String(value).startsWith(first)
    case 'ends_with':
      return String(value).endsWith(first)
    case 'greater_than':
      return first !== null && (value as never) > first
    case 'less_than':
      return first !== null && (value as never) < first
    case 'between':
      return first !== null && second !== null && isBetween(value, first, second)
    default:
      return isNear(relation, values, value)
  }
}

function isBetween(value: unknown, a: never, b: never): boolean {
  const v = value as never // any two values of one data type can be compared
  return (v >= a && v <= b) || (v >= b && v <= a)
}

/** Relative dates, coarsely: all that matters is that they hold for some dates and not for others. */
function isNear(relation: string, values: readonly unknown[], value: unknown): boolean {
  const days = (Date.parse(String(value)) - now) / 86_400_000
  if (relation === 'in_last') return days <= 0 && days > -Number(values[0])
  if (relation === 'in_next') return days >= 0 && days < Number(values[0])
  return Math.abs(days - Number(values[0])) < 3
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return (a as never) < (b as never) ? -1 : 1 // values of one field, of one kind
}
