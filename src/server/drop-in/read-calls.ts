/**
 * Which reads are understood well enough to be answered from cache, as the call they ask.
 *
 * Everything about a request must be known: an argument nobody has heard of, a missing one, a value of another shape
 * than clients send, make it the site's to answer. The site is then sent what the caller sent, byte for byte.
 */
import { type Call, readCall, summarizeCall } from '../../shotgrid/call.ts'
import { isPerUser } from '../../shotgrid/schema.ts'
import type { FilterGroup, ReadArgs, SummarizeArgs } from '../../shotgrid/wire.ts'

/** The call, or why it goes to the site. */
export type Understood = { readonly call: Call } | { readonly pass: string }

export function understand(method: string, args: unknown): Understood {
  if (!isTable(args) || !isTypeName(args.type)) return { pass: 'arguments' }
  const shape = method === 'read' ? readShape : summarizeShape
  const unknown = Object.keys(args).find((name) => !Object.hasOwn(shape, name))
  if (unknown !== undefined) return { pass: `argument ${unknown.slice(0, 60)}` }
  const wrong = Object.entries(shape).find(([name, check]) => !check(args[name]))
  if (wrong) return { pass: `argument ${wrong[0]}` }
  // The shape was checked, member by member.
  const call =
    method === 'read' ? readCall(args as unknown as ReadArgs) : summarizeCall(args as unknown as SummarizeArgs)
  const reason = reasonToPass(call)
  return reason === undefined ? { call } : { pass: reason }
}

/** The event log must be read fresh; what depends on who asks is nobody else's, and is not worth an entry. */
function reasonToPass(call: Call): string | undefined {
  if (call.type === 'EventLogEntry') return 'event log'
  if (call.operation === 'read' && call.presets.length > 0) return 'filter preset'
  const paths = call.operation === 'read' ? [...call.fields, ...call.sorts.map((sort) => sort.path)] : []
  return [...paths, ...pathsIn(call.filters)].some(isPerUser) ? 'per-user field' : undefined
}

function* pathsIn(group: FilterGroup): Generator<string> {
  for (const node of group.conditions) {
    if ('conditions' in node) yield* pathsIn(node)
    else yield node.path
  }
}

type Check = (value: unknown) => boolean

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const isText: Check = (value) => typeof value === 'string'
const isSwitch: Check = (value) => typeof value === 'boolean'
const isDirection: Check = (value) => value === 'asc' || value === 'desc'
const isTypeName: Check = (value) => typeof value === 'string' && /^[A-Za-z]\w{0,99}$/.test(value)
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) > 0

/** A list of tables with exactly these members. */
const listOf =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => hasShape(item, members))

function hasShape(value: unknown, members: Readonly<Record<string, Check>>): boolean {
  if (!isTable(value)) return false
  return (
    Object.keys(value).every((name) => Object.hasOwn(members, name)) &&
    Object.entries(members).every(([name, check]) => check(value[name]))
  )
}

const isFilterTree: Check = (value) => isGroup(value, 0)

/** The site takes 265 levels; what is deeper than any program nests is the site's to refuse. */
const deepestGroup = 200

function isGroup(value: unknown, depth: number): boolean {
  if (!isTable(value) || depth > deepestGroup) return false
  const { logical_operator: operator, conditions, ...others } = value
  const isOperator = operator === 'and' || operator === 'or'
  if (!isOperator || !Array.isArray(conditions) || Object.keys(others).length > 0) return false
  return conditions.every((node) => isLeaf(node) || isGroup(node, depth + 1))
}

function isLeaf(value: unknown): boolean {
  return hasShape(value, {
    path: isText,
    relation: isText,
    values: (list) => Array.isArray(list) && list.every((one) => isPlain(one)),
  })
}

/** Numbers that JSON cannot carry exactly may change on their way; what is nested deep is a value of no site. */
function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) || (Number.isFinite(value) && value % 1 !== 0)
  if (typeof value !== 'object' || value === null) return true
  return depth < deepestValue && Object.values(value).every((inner) => isPlain(inner, depth + 1))
}

const deepestValue = 6

const isPaging: Check = (value) => hasShape(value, { entities_per_page: isCount, current_page: isCount })
const isPresets: Check = (value) => Array.isArray(value) && value.every((preset) => isTable(preset) && isPlain(preset))

const readShape: Readonly<Record<string, Check>> = {
  type: isTypeName,
  return_fields: (value) => Array.isArray(value) && value.every(isText),
  filters: isFilterTree,
  return_only: (value) => value === 'active' || value === 'retired',
  paging: isPaging,
  sorts: optional(listOf({ field_name: isText, direction: optional(isDirection) })),
  include_archived_projects: optional(isSwitch),
  additional_filter_presets: optional(isPresets),
  api_return_image_urls: optional(isSwitch),
  return_paging_info_without_counts: optional(isSwitch),
  return_paging_info: optional(isSwitch),
}

const summarizeShape: Readonly<Record<string, Check>> = {
  type: isTypeName,
  filters: isFilterTree,
  summaries: listOf({ field: isText, type: isText }),
  grouping: optional(listOf({ field: isText, type: isText, direction: optional(isDirection) })),
  include_archived_projects: optional(isSwitch),
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
