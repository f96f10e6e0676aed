/**
 * Checks a call against the site's schema: types, fields and operators that exist, and as many values as they take.
 *
 * ShotGrid would leave an unknown return field out without a word; we say so, with what was probably meant. What the
 * schema cannot tell (special paths, data types we do not know) is ShotGrid's to judge.
 */
import { SgcacheError } from '../../errors.ts'
import type { ReadCall } from '../../shotgrid/call.ts'
import type { ResolvedPath, Schema } from '../../shotgrid/schema.ts'
import { type FilterLeaf, type FilterNode, isGroup } from '../../shotgrid/wire.ts'
import { didYouMean } from '../../suggest.ts'
import { allOperators, operatorsOf, wrongCount } from './operators.ts'

/** Throws the first problem. */
export function checkCall(call: ReadCall, schema: Schema): void {
  checkType(call.type, schema)
  for (const field of call.fields) checkPath(call.type, field, schema)
  for (const { path } of call.sorts) checkPath(call.type, path, schema)
  checkFilters(call.type, call.filters, schema)
}

/** What can be said without a schema. */
export function checkValueCounts(node: FilterNode): void {
  if (isGroup(node)) {
    for (const condition of node.conditions) checkValueCounts(condition)
    return
  }
  const { path: field, relation: operator, values } = node
  const known = allOperators()
  if (!known.includes(operator)) throw unknownOperator(node, 'any type', known)
  const expected = wrongCount(operator, values.length)
  if (expected) throw new SgcacheError('WRONG_VALUE_COUNT', { operator, field, expected, count: values.length })
}

export function checkType(type: string, schema: Schema): void {
  if (schema.has(type)) return
  throw new SgcacheError('UNKNOWN_ENTITY_TYPE', { value: type, suggestion: didYouMean(type, schema.types) })
}

function checkFilters(type: string, node: FilterNode, schema: Schema): void {
  if (isGroup(node)) {
    for (const condition of node.conditions) checkFilters(type, condition, schema)
    return
  }
  const resolved = checkPath(type, node.path, schema)
  const valid = resolved && operatorsOf(resolved.field.dataType)
  if (!valid || valid.includes(node.relation)) return
  throw unknownOperator(node, resolved.field.dataType, valid)
}

function unknownOperator(leaf: FilterLeaf, dataType: string, valid: readonly string[]): SgcacheError {
  return new SgcacheError('UNKNOWN_OPERATOR', {
    field: leaf.path,
    dataType,
    value: leaf.relation,
    suggestion: didYouMean(leaf.relation, valid),
    valid: valid.length > 0 ? valid.join(', ') : 'none: it cannot be filtered on',
  })
}

/** `undefined` for a path that the schema says nothing about. */
function checkPath(type: string, path: string, schema: Schema): ResolvedPath | undefined {
  // `$FROM$Type.field…` starts at another type; `type` is on every row but in no schema.
  if (path.startsWith('$') || path === 'type' || path.endsWith('.type')) return undefined
  const resolved = schema.resolve(type, path)
  if (!resolved) throw unknownPath(type, path, schema)
  return resolved
}

/** Names the part of a dotted path that is wrong. */
function unknownPath(type: string, path: string, schema: Schema): SgcacheError {
  const parts = path.split('.')
  let at = type
  for (let index = 0; index < parts.length; index += 2) {
    const field = schema.field(at, parts[index]!)
    if (!field) return unknownField(at, parts[index]!, schema)
    const to = parts[index + 1]
    if (to === undefined) break
    if (!schema.has(to)) {
      return new SgcacheError('UNKNOWN_ENTITY_TYPE', { value: to, path, suggestion: didYouMean(to, schema.types) })
    }
    at = to
  }
  return new SgcacheError('INVALID_REQUEST', { where: path, reason: 'a dotted path is field.Type.field', value: path })
}

function unknownField(type: string, value: string, schema: Schema): SgcacheError {
  return new SgcacheError('UNKNOWN_FIELD', { type, value, suggestion: didYouMean(value, schema.fields(type).keys()) })
}
