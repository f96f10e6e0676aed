/**
 * A call, taken apart into what freshness asks of it: what the reply shows, what selects and orders its rows.
 *
 * Always true: whatever is not understood makes the call *unreadable*, and an unreadable call is affected by
 * everything. What is shown depends on the type and the fields alone, so it is worked out once for the many calls that
 * differ only in a filter.
 */
import { LRUCache } from 'lru-cache'
import { type Call, parseCall, type ReadCall } from '../shotgrid/call.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { type FilterNode, isGroup } from '../shotgrid/wire.ts'
import { type Leaf, type Step, stepsOf } from './steps.ts'
import { holds } from './truth.ts'
import { type Uses, usesOf } from './uses.ts'

export interface CompiledCall {
  readonly call: Call
  readonly shown: Uses
  /** The paths that the reply shows. */
  readonly shownPaths: ReadonlySet<string>
  /** Filters and order; for summaries also what is summed and grouped. */
  readonly asked: Uses
  /** Fields of the rows asked for that filters or order use. */
  readonly own: ReadonlyMap<string, OwnField>
  /** No other rows can be in the result, ever: an id does not change. */
  readonly ids?: ReadonlySet<number>
  /** Types whose rows' names select or order. */
  readonly names: ReadonlySet<string>
  readonly unreadable?: string
}

/** A field of the rows asked for, as filters and order use it. */
export interface OwnField {
  readonly leaves: readonly Leaf[]
  /** Those of them that every row of the result fulfils. */
  readonly top: readonly Leaf[]
  /** A filter's path leads through it. */
  readonly isHop: boolean
  readonly isOrder: boolean
}

export function compileCall(call: Call, schema: Schema): CompiledCall {
  const shown = shownPart(call, schema)
  const leaves = [...leavesOf(call.filters, true)]
  const paths = leaves.map((leaf) => ({ leaf, steps: stepsOf(schema, call.type, leaf.path, 'filter', leaf) }))
  const lost = paths.find((path) => path.steps === undefined)
  const asked = [
    ...paths.flatMap((path) => path.steps ?? []),
    ...orderPaths(call).flatMap((path) => stepsOf(schema, call.type, path, 'order') ?? []),
    ...(call.includeArchived ? [] : archivedSteps(call.type)),
  ]
  const ids = idsAsked(asked)
  return {
    call,
    ...shown,
    asked: usesOf(asked, schema),
    own: ownFields(asked),
    ...(ids && { ids }),
    names: namesAsked(asked),
    ...(lost && { unreadable: `unknown path ${lost.leaf.path}` }),
  }
}

/** Compiles the canonical text of calls, and remembers the last ones. */
export class CallCompiler {
  readonly #compiled = new LRUCache<string, CompiledCall>({ max: 4096 })
  #schema: Schema | undefined

  compile(text: string, schema: Schema): CompiledCall {
    if (schema !== this.#schema) this.#compiled.clear()
    this.#schema = schema
    const known = this.#compiled.get(text)
    if (known) return known
    const compiled = compileCall(parseCall(text), schema)
    this.#compiled.set(text, compiled)
    return compiled
  }
}

type ShownPart = Pick<CompiledCall, 'shown' | 'shownPaths'>

const shownParts = new WeakMap<Schema, LRUCache<string, ShownPart>>()

function shownPart(call: Call, schema: Schema): ShownPart {
  const fields = call.operation === 'read' ? call.fields : []
  const parts = shownParts.get(schema) ?? new LRUCache<string, ShownPart>({ max: 1024 })
  shownParts.set(schema, parts)
  const key = `${call.type}\n${fields.join()}`
  let part = parts.get(key)
  if (!part) {
    // A path that leads nowhere shows nothing, until a change of the schema drops the reply.
    const steps = fields.flatMap((path) => stepsOf(schema, call.type, path, 'shown') ?? [])
    part = { shown: usesOf(steps, schema), shownPaths: new Set(fields) }
    parts.set(key, part)
  }
  return part
}

function* leavesOf(node: FilterNode, isTop: boolean): Generator<Leaf & { readonly path: string }> {
  if (!isGroup(node)) {
    // The data type is the end of the path's, which is not known yet.
    yield { path: node.path, relation: node.relation, values: node.values, dataType: 'unknown', isTop }
    return
  }
  const staysTop = isTop && (node.logical_operator === 'and' || node.conditions.length === 1)
  for (const condition of node.conditions) yield* leavesOf(condition, staysTop)
}

function orderPaths(call: Call): readonly string[] {
  if (call.operation === 'read') return call.sorts.map((sort) => sort.path)
  return [...call.summaries, ...call.grouping].map((column) => column.field)
}

/** The flags of a project that take its rows out of every reply without archived projects. */
const archivedFlags = ['archived', 'is_template', 'is_demo']

/** As conditions that every row fulfils, but of which only the site knows the truth. */
function archivedSteps(type: string): readonly Step[] {
  const leaf: Leaf = { relation: 'hidden', values: [], dataType: 'checkbox', isTop: true }
  const flag = { type: 'Project', dataType: 'checkbox', targets: [], isLast: true, role: 'filter', leaf } as const
  if (type === 'Project') {
    return archivedFlags.map((field) => ({ ...flag, field, depth: 0, prefix: '', path: field }))
  }
  const hop = { type, field: 'project', dataType: 'entity', targets: ['Project'], depth: 0, prefix: '' } as const
  return archivedFlags.flatMap((field): Step[] => [
    { ...hop, path: 'project', isLast: false, role: 'filter', leaf },
    { ...flag, field, depth: 1, prefix: 'project', path: `project.Project.${field}` },
  ])
}

function ownFields(asked: readonly Step[]): ReadonlyMap<string, OwnField> {
  const own = new Map<string, { leaves: Leaf[]; top: Leaf[]; isHop: boolean; isOrder: boolean }>()
  for (const step of asked) {
    if (step.depth > 0) continue
    const field = own.get(step.field) ?? { leaves: [], top: [], isHop: false, isOrder: false }
    own.set(step.field, field)
    if (step.role === 'order') field.isOrder = true
    else if (!step.isLast) field.isHop = true
    else if (step.leaf) {
      field.leaves.push(step.leaf)
      if (step.leaf.isTop) field.top.push(step.leaf)
    }
  }
  return own
}

function idsAsked(asked: readonly Step[]): ReadonlySet<number> | undefined {
  let ids: Set<number> | undefined
  for (const { path, role, leaf } of asked) {
    if (path !== 'id' || role !== 'filter' || !leaf?.isTop || !['is', 'in'].includes(leaf.relation)) continue
    const wanted = leaf.values.map((value) => (typeof value === 'string' ? Number(value) : value))
    if (!wanted.every((id): id is number => Number.isSafeInteger(id))) continue
    const condition = { dataType: 'number', relation: 'in', values: [...(ids ?? wanted)] }
    ids = new Set(wanted.filter((id) => holds(condition, id)))
  }
  return ids
}

/** Conditions on names, and orders by a link, which go by the name it shows. */
function namesAsked(asked: readonly Step[]): ReadonlySet<string> {
  const byName = asked.filter(
    ({ isLast, role, leaf }) => isLast && (role === 'order' || leaf?.relation.includes('name_') || isLoose(leaf)),
  )
  return new Set(byName.flatMap((step) => step.targets))
}

/** `contains` and its like, of which it is not known what they compare in a link. */
function isLoose(leaf: Leaf | undefined): boolean {
  return (
    leaf !== undefined && !['is', 'is_not', 'in', 'not_in', 'type_is', 'type_is_not', 'hidden'].includes(leaf.relation)
  )
}

export function isRead(call: Call): call is ReadCall {
  return call.operation === 'read'
}
