/**
 * What is certain of the values that a write has given to fields.
 *
 * The request says what was sent, the reply what became of it. Only where both agree is a value known: the site trims
 * text, completes dates and puts lists together in its own way. What is not certain is `undefined`, and excuses nothing.
 */
import type { RowRef } from '../cache/change.ts'
import { isLinkList, type Schema } from '../shotgrid/schema.ts'
import { eventLinks, eventValue } from './event-values.ts'
import { sameRow } from './truth.ts'

/** One field of a `create` or `update`, as it was sent. */
export interface SentField {
  readonly name: string
  readonly value: unknown
  readonly mode: 'set' | 'add' | 'remove'
}

/** The fields of a request, or `undefined` if they are not what a client sends. */
export function sentFields(raw: unknown): readonly SentField[] | undefined {
  if (!Array.isArray(raw)) return undefined
  const fields = raw.map(sentField)
  return fields.every((field) => field !== undefined) ? fields : undefined
}

function sentField(raw: unknown): SentField | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const { field_name: name, value, multi_entity_update_mode: mode = 'set' } = raw as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || (mode !== 'set' && mode !== 'add' && mode !== 'remove')) return undefined
  return { name, value, mode }
}

/** The value that the field of the row has now, if it is certain; for lists: all their links. */
export function writtenValue(type: string, sent: SentField, returned: unknown, schema: Schema): unknown {
  const dataType = schema.field(type, sent.name)?.dataType
  if (dataType === undefined || isScheduled(type, sent.name)) return undefined
  if (isLinkList(dataType)) return sent.mode === 'set' ? sameLinks(sent.value, returned) : undefined
  const value = eventValue(dataType, returned)
  return value !== undefined && agrees(sent.value, value) ? value : undefined
}

/** The links of a list field that were asked to be added or removed, if that is what was asked. */
export function writtenLinks(
  type: string,
  { name, value, mode }: SentField,
  schema: Schema,
): { readonly added: readonly RowRef[]; readonly removed: readonly RowRef[] } | undefined {
  const dataType = schema.field(type, name)?.dataType
  if (dataType === undefined || !isLinkList(dataType) || mode === 'set') return undefined
  const links = eventLinks(Array.isArray(value) ? value : [value])
  if (!links) return undefined
  return mode === 'add' ? { added: links, removed: [] } : { added: [], removed: links }
}

/** The site works a task's dates out from each other after it has made its answer. */
export function isScheduled(type: string, field: string): boolean {
  return type === 'Task' && scheduledFields.includes(field)
}

export const scheduledFields: readonly string[] = [
  'start_date',
  'due_date',
  'duration',
  'pinned',
  'dependency_violation',
]

function agrees(sent: unknown, value: unknown): boolean {
  if (typeof sent === 'string') return sent.trim() === (value ?? '')
  if (sent === null) return value === null
  return typeof sent === 'object' ? sameRow(sent, value) === true : sent === value
}

function sameLinks(sent: unknown, returned: unknown): readonly RowRef[] | undefined {
  const wanted = eventLinks(Array.isArray(sent) ? sent : sent === null ? [] : [sent])
  const got = eventLinks(returned)
  if (!wanted || !got) return undefined
  const isIn = (row: RowRef, rows: readonly RowRef[]) => rows.some((other) => sameRow(row, other))
  return wanted.every((row) => isIn(row, got)) && got.every((row) => isIn(row, wanted)) ? got : undefined
}
