/**
 * Leaves of a filter on links: a test of the live rows that a link, or a list of links, leads to.
 *
 * A single link is a list of one or none, so both kinds share every rule: `is X` is "leads to X", `is null` is "leads
 * nowhere". Links to retired rows lead nowhere.
 */
import { displayName } from './display-name.ts'
import { malformed } from './fault.ts'
import { negations } from './relations.ts'
import { isRef, refKey, type StoredRow } from './row.ts'
import { className, type Leaf, single } from './scalar-test.ts'

export type LinkTest = (targets: readonly StoredRow[]) => boolean

export function linkTest(leaf: Leaf): LinkTest {
  const opposite = negations[leaf.relation]
  if (opposite) {
    const test = linkTest({ ...leaf, relation: opposite })
    return (targets) => !test(targets)
  }
  switch (leaf.relation) {
    case 'is':
      return anyOf(leaf, [single(leaf)])
    case 'in':
      if (leaf.values.length === 0) throw malformed(`API read() ${leaf.name} 'in' expects at least one value.`)
      return anyOf(leaf, leaf.values)
    case 'type_is': {
      const type = textOf(leaf)
      return (targets) => targets.some((target) => target.type === type)
    }
    case 'contains':
      return typeof leaf.values[0] === 'string' ? nameTest(leaf) : anyOf(leaf, [single(leaf)])
    default:
      return nameTest(leaf)
  }
}

function anyOf(leaf: Leaf, values: readonly unknown[]): LinkTest {
  const wanted = new Set<string>()
  let orNone = false
  for (const value of values) {
    if (value === null) orNone = true
    else if (isRef(value)) wanted.add(refKey(value))
    else throw wrongValue(leaf, value)
  }
  return (targets) => (targets.length === 0 ? orNone : targets.some((target) => wanted.has(refKey(target))))
}

function nameTest(leaf: Leaf): LinkTest {
  const text = textOf(leaf).toLowerCase()
  const matches = nameMatches[leaf.relation]!
  return (targets) => targets.some((target) => matches(displayName(target).toLowerCase(), text))
}

const nameMatches: Readonly<Record<string, (name: string, text: string) => boolean>> = {
  contains: (name, text) => name.includes(text),
  name_is: (name, text) => name === text,
  name_contains: (name, text) => name.includes(text),
  name_starts_with: (name, text) => name.startsWith(text),
  name_ends_with: (name, text) => name.endsWith(text),
}

function textOf(leaf: Leaf): string {
  const value = single(leaf)
  if (typeof value !== 'string') throw wrongValue(leaf, value)
  return value
}

function wrongValue(leaf: Leaf, value: unknown): Error {
  const expected = leaf.relation === 'is' || leaf.relation === 'in' ? "Hash with 'type' and 'id'" : 'String'
  return malformed(
    `API read() ${leaf.name} expected [${expected}] data type(s) but got [${className(value)}]: ${JSON.stringify(value)}`,
  )
}
