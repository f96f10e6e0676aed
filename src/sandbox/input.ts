/**
 * Values as callers write them, checked and brought to the form in which rows keep them: text trimmed, empty text null,
 * numbers in range, dates in one spelling, links to rows that exist.
 */
import { toDateTime } from './dates.ts'
import { malformed, refused } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { isRef, liveRow, type Ref, refKey, type View } from './row.ts'
import { className } from './scalar-test.ts'

export interface InputContext {
  /** `create` or `update`, for the fault. */
  readonly method: string
  /** `Shot.code`, for the fault. */
  readonly name: string
  readonly view: View
}

export function inputValue(context: InputContext, field: FieldSpec, value: unknown): unknown {
  if (value === null || value === undefined) return emptyValue(context, field)
  const check = checks[field.dataType] ?? text
  return check(value, context, field)
}

function emptyValue(context: InputContext, field: FieldSpec): unknown {
  if (field.dataType === 'checkbox') throw wrongClass(context, 'TrueClass, FalseClass', null)
  if (field.required) throw refused(`API ${context.method}() ${context.name} is required and cannot be empty.`)
  return isList(field.dataType) ? [] : null
}

export function isList(dataType: string): boolean {
  return dataType === 'multi_entity' || dataType === 'addressing' || dataType === 'tag_list'
}

type Check = (value: unknown, context: InputContext, field: FieldSpec) => unknown

const text: Check = (value, context, field) => {
  if (typeof value !== 'string') throw wrongClass(context, 'String', value)
  const trimmed = value.trim()
  return trimmed === '' ? emptyValue(context, field) : trimmed
}

const integer: Check = (value, context) => {
  if (!Number.isInteger(value)) throw wrongClass(context, 'Integer', value)
  const number = value as number // isInteger says so
  if (Math.abs(number) > 2_147_483_647)
    throw refused(`API ${context.method}() ${context.name}: ${number} is out of range.`)
  return number
}

const decimals =
  (places: number): Check =>
  (value, context) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw wrongClass(context, 'Float', value)
    return Number(value.toFixed(places))
  }

const choice: Check = (value, context, field) => {
  if (typeof value !== 'string') throw wrongClass(context, 'String', value)
  if (value === '') return emptyValue(context, field)
  if (!field.validValues.includes(value)) {
    throw refused(
      `API ${context.method}() ${context.name}: ${JSON.stringify(value)} is not a valid value. Valid: ${field.validValues.join(', ')}`,
    )
  }
  return value
}

const link: Check = (value, context, field) => {
  if (!isRef(value)) throw wrongClass(context, "Hash with 'type' and 'id'", value)
  const { type, id } = value
  if (!field.validTypes.includes(type)) {
    throw refused(
      `API ${context.method}() ${context.name}: cannot link to ${type}. Valid: ${field.validTypes.join(', ')}`,
    )
  }
  if (!liveRow(context.view, value)) throw refused(`Entity of type [${type}] with id=${String(id)} does not exist.`)
  return { type, id }
}

const links: Check = (value, context, field) => {
  const list = Array.isArray(value) ? value : [value]
  const found = new Map<string, Ref>()
  for (const item of list) {
    const ref = link(item, context, field) as Ref // `link` gives nothing else
    found.set(refKey(ref), ref)
  }
  return [...found.values()]
}

const checks: Readonly<Record<string, Check>> = {
  number: integer,
  percent: integer,
  duration: integer,
  timecode: integer,
  float: decimals(6),
  currency: decimals(2),
  checkbox: (value, context) => {
    if (typeof value !== 'boolean') throw wrongClass(context, 'TrueClass, FalseClass', value)
    return value
  },
  date: (value, context) => {
    const moment = typeof value === 'string' ? toDateTime(value) : undefined
    if (moment === undefined) throw wrongClass(context, 'Date, String', value)
    return moment.slice(0, 10)
  },
  date_time: (value, context) => {
    const moment = typeof value === 'string' ? toDateTime(value) : undefined
    if (moment === undefined) throw wrongClass(context, 'Time, String', value)
    return moment
  },
  list: choice,
  status_list: choice,
  entity: link,
  multi_entity: links,
  addressing: links,
  tag_list: (value, context) => {
    if (!Array.isArray(value)) throw wrongClass(context, 'Array', value)
    return [...new Set(value.map((tag) => String(tag).trim()).filter((tag) => tag !== ''))]
  },
  serializable: (value) => value,
  // Pictures come by upload; over the API they can only be taken away.
  image: (value, context) => {
    throw wrongClass(context, 'NilClass', value)
  },
  url: (value, context) => {
    if (typeof value !== 'object' || Array.isArray(value)) throw wrongClass(context, 'Hash', value)
    return value
  },
}

function wrongClass(context: InputContext, expected: string, value: unknown): Error {
  return malformed(
    `API ${context.method}() ${context.name} expected [${expected}] data type(s) but got [${className(value)}]: ${JSON.stringify(value)}`,
  )
}
