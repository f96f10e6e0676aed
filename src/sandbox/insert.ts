/**
 * Bringing a row into being: its id, its defaults, who made it and when.
 */
import { backReferences } from './back-references.ts'
import { emitChange, emitListChange, emitNew, type FieldChange } from './events.ts'
import type { FieldSpec } from './field-spec.ts'
import { type Ref, refsIn, type StoredRow, type Values } from './row.ts'
import type { Writing } from './writing.ts'

/** A row with the values of all stored fields that have one by default, and its audit fields. No events yet. */
export function blankRow(writing: Writing, type: string): StoredRow {
  const { world, caller, now } = writing
  const values: Record<string, unknown> = {}
  for (const field of world.schema.fields(type).values()) {
    if (field.source.kind === 'stored') values[field.name] = field.defaultValue
  }
  if (type === 'ApiUser') values.generate_event_log_entries = world.switches.newScriptsGenerateEvents
  const audit = { created_at: now, created_by: caller.user, updated_at: now, updated_by: caller.user }
  for (const [name, value] of Object.entries(audit)) if (world.schema.field(type, name)) values[name] = value
  const row = { type, id: world.store.table(type).takeId(), retired: false, values }
  writing.tx.put(row)
  return row
}

/** A row that the site makes by itself, with its events. */
export function insertRow(writing: Writing, type: string, values: Values): Ref {
  const blank = blankRow(writing, type)
  const row = { ...blank, values: { ...blank.values, ...values } }
  writing.tx.put(row)
  for (const field of writing.world.schema.fields(type).values()) {
    if (isPopulated(row, field)) emitBirth(writing, { row, field, inCreate: true })
  }
  emitNew(writing, row)
  const { silent } = writing
  writing.tx.note({ kind: 'create', type, id: row.id, fields: Object.keys(values), silent, consequence: true })
  return { type, id: row.id }
}

/** The event of one value a row was born with, and those of the lists in which the row now shows up. */
export function emitBirth(writing: Writing, change: FieldChange): void {
  const value = change.row.values[change.field.name]
  const links = refsIn(value)
  const eventId = Array.isArray(value)
    ? emitListChange(writing, change, links, [])
    : emitChange(writing, change, null, value)
  backReferences(writing, change, links, [], eventId)
}

const auditFields = new Set(['created_at', 'created_by', 'updated_at', 'updated_by'])

/** Whether the row was born with a value in the field that is worth an event. */
export function isPopulated(row: StoredRow, field: FieldSpec): boolean {
  if (field.source.kind !== 'stored' || auditFields.has(field.name)) return false
  const value = row.values[field.name]
  if (Array.isArray(value)) return value.length > 0
  return value !== null && value !== undefined && value !== false
}
