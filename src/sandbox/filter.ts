/**
 * The filter language: a filter tree becomes, once a call, a test that is run on each row.
 *
 * This is the sandbox's own reading of the language and shares nothing with the freshness code, which must not inherit
 * a mistake made here.
 */
import { isLink } from '../shotgrid/schema.ts'
import { displayName } from './display-name.ts'
import { malformed } from './fault.ts'
import { linkTest } from './link-test.ts'
import { linkedRows } from './links.ts'
import { endOfPath, endsOfPath, type FieldPath, parsePath, seesPath } from './path.ts'
import type { Reading } from './reading.ts'
import { relationsOf } from './relations.ts'
import type { StoredRow } from './row.ts'
import { type Leaf, scalarTest } from './scalar-test.ts'

export type RowTest = (row: StoredRow) => boolean

/** How deep groups may be nested. */
const maxDepth = 265

export function compileFilter(reading: Reading, type: string, node: unknown, depth = 0): RowTest {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) {
    throw malformed(`API read() expected a Hash for 'filters', got: ${JSON.stringify(node)}`)
  }
  if ('conditions' in node || 'logical_operator' in node) return groupTest(reading, type, node, depth)
  return leafTest(reading, type, node)
}

function groupTest(reading: Reading, type: string, group: object, depth: number): RowTest {
  const { logical_operator: operator, conditions } = group as { logical_operator?: unknown; conditions?: unknown }
  if (operator !== 'and' && operator !== 'or') {
    throw malformed(`API read() invalid/missing 'logical_operator': ${JSON.stringify(operator)}. Valid: and, or`)
  }
  if (!Array.isArray(conditions)) throw malformed(`API read() invalid/missing array 'conditions'.`)
  if (depth > maxDepth) throw malformed('API read() filters are nested too deeply.')
  const tests = conditions.map((condition) => compileFilter(reading, type, condition, depth + 1))
  const [first, second] = tests
  if (!first) return () => true
  if (!second) return first
  return operator === 'and' ? (row) => tests.every((test) => test(row)) : (row) => tests.some((test) => test(row))
}

function leafTest(reading: Reading, type: string, node: object): RowTest {
  const { path: text, relation, values } = node as { path?: unknown; relation?: unknown; values?: unknown }
  if (typeof text !== 'string') throw malformed(`API read() invalid/missing string 'path': ${JSON.stringify(text)}`)
  const name = `${type}.${text}`
  const path = parsePath(reading, type, text)
  if (!path || !seesPath(reading, type, path)) throw malformed(`API read() ${name} doesn't exist.`)
  const { dataType, source } = path.field
  const valid = source.kind === 'computed' ? undefined : relationsOf[dataType]
  if (!valid) throw malformed(`API read() ${name}'s '${dataType}' data type cannot be used in a filter.`)
  if (typeof relation !== 'string' || !valid.includes(relation)) {
    throw malformed(
      `API read() ${name}'s '${dataType}' data type doesn't support '${String(relation)}' 'relation'. Valid relations: ${valid.join(', ')}`,
    )
  }
  // A bare value counts as a list of one.
  const list = Array.isArray(values) ? values : values === undefined ? [] : [values]
  return pathTest(reading, path, { name, field: path.field, relation, values: list, nowMs: reading.nowMs })
}

/** The test of a row, from the test of what stands at the end of the path. */
function pathTest(reading: Reading, path: FieldPath, leaf: Leaf): RowTest {
  const test = isLink(path.field.dataType) ? linkLeaf(reading, leaf) : scalarLeaf(reading, leaf)
  if (path.hops.length === 0) return test
  if (path.throughList) return (row) => endsOfPath(reading, row, path).some(test)
  return (row) => test(endOfPath(reading, row, path))
}

/** A row that is not there, at the end of a path, has no values. */
type EndTest = (row: StoredRow | undefined) => boolean

function linkLeaf(reading: Reading, leaf: Leaf): EndTest {
  const test = linkTest(leaf)
  return (row) => test(row ? linkedRows(reading.view, row, leaf.field) : [])
}

function scalarLeaf(reading: Reading, leaf: Leaf): EndTest {
  const test = scalarTest(leaf)
  const value = valueReader(reading, leaf)
  return (row) => test(row ? (value(row) ?? null) : null)
}

function valueReader(reading: Reading, { field }: Leaf): (row: StoredRow) => unknown {
  const { name, source, defaultValue, dataType } = field
  if (source.kind === 'id') return (row) => row.id
  if (source.kind === 'displayName') return displayName
  if (source.kind === 'perUser') return (row) => reading.perUser.get(reading.caller.user, row, name) ?? defaultValue
  if (dataType === 'checkbox') return (row) => row.values[name] ?? false
  return (row) => row.values[name]
}
