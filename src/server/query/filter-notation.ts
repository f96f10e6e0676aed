/**
 * Reads filters in every notation that people use, into the one of the wire.
 *
 * - Lists, as in the Python client: `[["code", "is", "sh010"], ["id", "in", 1, 2]]`, joined by `filter_operator`.
 * - Groups in such lists: `{"filter_operator": "any", "filters": [...]}`.
 * - The wire's own tree: `{"logical_operator": "and", "conditions": [{"path", "relation", "values"}]}`.
 *
 * They may be mixed at any depth. A body from anybody is bounded here: how deep, how many conditions, how deep a value.
 */
import type { FilterGroup, FilterLeaf, FilterNode } from '../../shotgrid/wire.ts'
import { isTable, problem, refuseUnknownKeys, shown, type Table } from './request-problem.ts'

/** ShotGrid itself takes 265 levels. */
const deepest = 200
const mostConditions = 10_000
const deepestValue = 8

export function readFilters(filters: unknown, operator: unknown): FilterGroup {
  const count = { conditions: 0 }
  const at = 'filters'
  if (filters === undefined) return { logical_operator: readOperator(operator, 'filter_operator'), conditions: [] }
  if (Array.isArray(filters)) {
    return { logical_operator: readOperator(operator, 'filter_operator'), conditions: readAll(filters, at, 1, count) }
  }
  if (!isTable(filters)) throw problem(at, `a list of conditions or a group is expected, not ${shown(filters)}`)
  if (operator !== undefined)
    throw problem('filter_operator', 'a group in `filters` has its own operator; leave this out')
  return readGroup(filters, at, 1, count)
}

interface Count {
  conditions: number
}

function readAll(nodes: readonly unknown[], at: string, depth: number, count: Count): FilterNode[] {
  if (depth > deepest) throw problem('filters', `groups are nested deeper than ${deepest} levels`)
  count.conditions += nodes.length
  if (count.conditions > mostConditions) throw problem('filters', `there are more than ${mostConditions} conditions`)
  return nodes.map((node, index) => readNode(node, `${at}[${index}]`, depth, count))
}

function readNode(node: unknown, at: string, depth: number, count: Count): FilterNode {
  if (Array.isArray(node)) return readListLeaf(node, at)
  if (!isTable(node)) throw problem(at, `a condition is [field, operator, value…], not ${shown(node)}`)
  return Object.hasOwn(node, 'path') ? readLeaf(node, at) : readGroup(node, at, depth + 1, count)
}

function readGroup(group: Table, at: string, depth: number, count: Count): FilterGroup {
  const isWire = Object.hasOwn(group, 'conditions') || Object.hasOwn(group, 'logical_operator')
  const [operator, members] = isWire ? ['logical_operator', 'conditions'] : ['filter_operator', 'filters']
  refuseUnknownKeys(group, [operator, members], at)
  const nodes = group[members]
  if (!Array.isArray(nodes)) throw problem(`${at}.${members}`, 'a list of conditions is expected')
  const logical_operator = readOperator(group[operator], `${at}.${operator}`)
  return { logical_operator, conditions: readAll(nodes, `${at}.${members}`, depth, count) }
}

function readOperator(operator: unknown, at: string): 'and' | 'or' {
  if (operator === undefined || operator === 'and' || operator === 'all') return 'and'
  if (operator === 'or' || operator === 'any') return 'or'
  throw problem(at, `${shown(operator)} joins nothing: use "all" (or "and"), "any" (or "or")`, operator)
}

/** `["id", "in", [1, 2]]` and `["id", "in", 1, 2]` say the same. */
function readListLeaf(leaf: readonly unknown[], at: string): FilterLeaf {
  const [path, relation, ...rest] = leaf
  if (leaf.length < 3) throw problem(at, `a condition is [field, operator, value…]; this has ${leaf.length} parts`)
  const values = rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest
  return checkedLeaf(path, relation, values, at)
}

function readLeaf(leaf: Table, at: string): FilterLeaf {
  refuseUnknownKeys(leaf, ['path', 'relation', 'values'], at)
  if (!Array.isArray(leaf.values)) throw problem(`${at}.values`, 'a list of values is expected')
  return checkedLeaf(leaf.path, leaf.relation, leaf.values, at)
}

function checkedLeaf(path: unknown, relation: unknown, values: readonly unknown[], at: string): FilterLeaf {
  if (typeof path !== 'string' || path === '') throw problem(at, `${shown(path)} is not the name of a field`)
  if (typeof relation !== 'string') throw problem(at, `${shown(relation)} is not an operator`)
  for (const value of values) refuseDeep(value, at)
  return { path, relation, values }
}

/** What is nested deeper than any value ShotGrid knows would only cost the stack of whoever walks it later. */
export function refuseDeep(value: unknown, at: string, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth === deepestValue) throw problem(at, 'a value is nested too deeply')
  for (const inner of Object.values(value)) refuseDeep(inner, at, depth + 1)
}
