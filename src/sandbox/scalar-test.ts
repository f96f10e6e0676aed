/**
 * Leaves of a filter on fields that are no links: `path relation values` becomes a test of one stored value.
 *
 * Text is compared without regard to case. Negations also hold where there is no value, comparisons never do.
 */
import { type CalendarUnit, calendarSpan, isoSeconds, shift, type TimeUnit, timeUnits, toDateTime } from './dates.ts'
import { malformed } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { negations } from './relations.ts'

export type ValueTest = (value: unknown) => boolean

export interface Leaf {
  /** `Shot.code`, as faults name it. */
  readonly name: string
  readonly field: FieldSpec
  readonly relation: string
  readonly values: readonly unknown[]
  readonly nowMs: number
}

export function scalarTest(leaf: Leaf): ValueTest {
  const opposite = negations[leaf.relation]
  if (opposite) {
    const test = scalarTest({ ...leaf, relation: opposite })
    return (value) => !test(value)
  }
  if (leaf.field.dataType === 'image') return imageTest(leaf)
  if (leaf.field.dataType === 'tag_list') return tagListTest(leaf)
  switch (leaf.relation) {
    case 'is':
      return isTest(leaf, single(leaf))
    case 'in':
      return inTest(leaf)
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return partTest(leaf)
    case 'greater_than':
    case 'less_than':
      return orderTest(leaf)
    case 'between':
      return betweenTest(leaf)
    case 'in_last':
    case 'in_next':
      return relativeTest(leaf)
    default:
      return calendarTest(leaf)
  }
}

function isTest(leaf: Leaf, wanted: unknown): ValueTest {
  const operand = operandOf(leaf, wanted)
  if (operand === null) return (value) => value === null
  const canonical = canonicalOf(leaf.field.dataType)
  return (value) => value !== null && canonical(value) === operand
}

function inTest(leaf: Leaf): ValueTest {
  if (leaf.values.length === 0) throw malformed(`API read() ${leaf.name} 'in' expects at least one value.`)
  const isText = leaf.field.dataType === 'text'
  if (isText && leaf.values.includes(null)) {
    throw malformed(`API read() ${leaf.name} expected [String] data type(s) but got [NilClass]: null`)
  }
  // An empty text is no value, but `in` does not look for rows without one.
  const wanted: ReadonlySet<unknown> = new Set(
    leaf.values.map((value) => operandOf(leaf, value)).filter((value) => !isText || value !== null),
  )
  const canonical = canonicalOf(leaf.field.dataType)
  return (value) => wanted.has(value === null ? null : canonical(value))
}

function partTest(leaf: Leaf): ValueTest {
  const part = operandOf(leaf, single(leaf)) ?? ''
  if (typeof part !== 'string') throw wrongClass(leaf, part)
  const test = { contains: 'includes', starts_with: 'startsWith', ends_with: 'endsWith' } as const
  const method = test[leaf.relation as keyof typeof test] // scalarTest sends only these three here
  return (value) => typeof value === 'string' && value.toLowerCase()[method](part)
}

function orderTest(leaf: Leaf): ValueTest {
  const bound = operandOf(leaf, single(leaf))
  if (bound === null) return () => false
  const canonical = canonicalOf(leaf.field.dataType)
  const isGreater = leaf.relation === 'greater_than'
  return (value) => {
    if (value === null) return false
    const order = compare(canonical(value), bound)
    return isGreater ? order > 0 : order < 0
  }
}

function betweenTest(leaf: Leaf): ValueTest {
  if (leaf.values.length !== 2) throw malformed(`API read() ${leaf.name} 'between' expects exactly 2 values.`)
  const [one, other] = leaf.values.map((value) => operandOf(leaf, value))
  if (one === null || other === null) return () => false
  const [low, high] = compare(one, other) <= 0 ? [one, other] : [other, one]
  const canonical = canonicalOf(leaf.field.dataType)
  return (value) => value !== null && compare(canonical(value), low) >= 0 && compare(canonical(value), high) <= 0
}

function relativeTest(leaf: Leaf): ValueTest {
  const [count, unit] = leaf.values
  if (!Number.isInteger(count) || (count as number) < 1 || !timeUnits.includes(unit as TimeUnit)) {
    throw malformed(
      `API read() ${leaf.name} '${leaf.relation}' expects a count above 0 and one of ${timeUnits.join(', ')}.`,
    )
  }
  const away = shift(leaf.nowMs, leaf.relation === 'in_last' ? -(count as number) : (count as number), unit as TimeUnit)
  const [from, to] = away < leaf.nowMs ? [away, leaf.nowMs] : [leaf.nowMs, away]
  return spanTest(leaf, isoSeconds(from), isoSeconds(to), true)
}

function calendarTest(leaf: Leaf): ValueTest {
  const offset = single(leaf)
  if (!Number.isInteger(offset)) throw wrongClass(leaf, offset)
  const unit = leaf.relation.slice('in_calendar_'.length) as CalendarUnit // the relation was checked before
  const [from, to] = calendarSpan(leaf.nowMs, offset as number, unit)
  return spanTest(leaf, from, to, false)
}

/** A date lies in a span if its day does: today is within the last hour. */
function spanTest(leaf: Leaf, from: string, to: string, inclusive: boolean): ValueTest {
  const isDate = leaf.field.dataType === 'date'
  const low = isDate && inclusive ? `${from.slice(0, 10)}T00:00:00Z` : from
  return (value) => {
    const at = typeof value === 'string' ? toDateTime(value) : undefined
    return at !== undefined && at >= low && (inclusive ? at <= to : at < to)
  }
}

function imageTest(leaf: Leaf): ValueTest {
  if (single(leaf) !== null) throw malformed(`API read() ${leaf.name} can only be compared with null.`)
  return (value) => value === null
}

function tagListTest(leaf: Leaf): ValueTest {
  const wanted = single(leaf)
  if (wanted === null) return (value) => tags(value).length === 0
  const text = String(wanted).toLowerCase()
  const isWhole = leaf.relation === 'is'
  return (value) => tags(value).some((tag) => (isWhole ? tag === text : tag.includes(text)))
}

function tags(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((tag) => String(tag).toLowerCase()) : []
}

export function single(leaf: Pick<Leaf, 'name' | 'relation' | 'values'>): unknown {
  if (leaf.values.length !== 1) {
    throw malformed(`API read() ${leaf.name} '${leaf.relation}' expects exactly 1 value, got ${leaf.values.length}.`)
  }
  return leaf.values[0]
}

const numeric = new Set(['number', 'float', 'currency', 'percent', 'duration', 'timecode'])

/** The filter's value in the form that stored values are brought to for comparing. */
function operandOf(leaf: Leaf, value: unknown): string | number | boolean | null {
  const { dataType } = leaf.field
  if (dataType === 'checkbox') {
    if (typeof value !== 'boolean') throw wrongClass(leaf, value)
    return value
  }
  if (value === null) return null
  if (numeric.has(dataType)) {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof number !== 'number' || Number.isNaN(number)) throw wrongClass(leaf, value)
    return number
  }
  if (typeof value !== 'string') throw wrongClass(leaf, value)
  if (dataType === 'date' || dataType === 'date_time') {
    const moment = toDateTime(value)
    if (moment === undefined) throw wrongClass(leaf, value)
    return dataType === 'date' ? moment.slice(0, 10) : moment
  }
  return value === '' ? null : value.toLowerCase()
}

function canonicalOf(dataType: string): (value: unknown) => unknown {
  if (numeric.has(dataType) || dataType === 'checkbox' || dataType.startsWith('date')) return (value) => value
  return (value) => String(value).toLowerCase()
}

/** Both are numbers, or both are text. */
function compare(a: unknown, b: unknown): number {
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
}

const accepted: Readonly<Record<string, string>> = {
  checkbox: 'TrueClass, FalseClass',
  number: 'Integer',
  float: 'Float',
  currency: 'Float',
  percent: 'Integer',
  duration: 'Integer',
  timecode: 'Integer',
  date: 'Date, String',
  date_time: 'Time, String',
}

function wrongClass(leaf: Leaf, value: unknown): Error {
  const expected = accepted[leaf.field.dataType] ?? 'String'
  return malformed(
    `API read() ${leaf.name} expected [${expected}] data type(s) but got [${className(value)}]: ${JSON.stringify(value)}`,
  )
}

export function className(value: unknown): string {
  if (value === null || value === undefined) return 'NilClass'
  if (typeof value === 'string') return 'String'
  if (typeof value === 'boolean') return value ? 'TrueClass' : 'FalseClass'
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Float'
  return Array.isArray(value) ? 'Array' : 'Hash'
}
