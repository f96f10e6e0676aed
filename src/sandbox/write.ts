/**
 * `create`, `update`, `delete` and `revive` of one row, inside a transaction that the caller ends.
 *
 * What a request says is checked before anything is written; what follows from it (events, inverse links, templates,
 * schedules) is written along.
 */
import type { Row } from '../shotgrid/wire.ts'
import { emitChange, emitNew } from './events.ts'
import { malformed, noSuchRow, refused } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { type FieldWrite, type ListMode, writeField } from './field-write.ts'
import { inputValue } from './input.ts'
import { blankRow, isPopulated } from './insert.ts'
import { appendEvent } from './own-events.ts'
import { hiddenField } from './path.ts'
import { type Args, compileFields } from './read.ts'
import { retireRow, reviveRow } from './retire.ts'
import type { Ref, StoredRow } from './row.ts'
import { followUp } from './side-effects.ts'
import { current, touch } from './touch.ts'
import type { Writing } from './writing.ts'

export function create(writing: Writing, args: Args): Row {
  const type = writableType(writing, args, 'create')
  if (!writing.reading.sight.mayCreate(type)) throw refused(`Entity of type ${type} cannot be created by this user.`)
  const inputs = inputsOf(writing, type, args, 'create')
  checkRequired(writing, type, inputs)
  if (type === 'EventLogEntry') return appendEvent(writing, inputs)
  const row = emptied(blankRow(writing, type), inputs)
  writing.tx.put(row)
  for (const input of inputs) checkUnique(writing, row, input)
  emitDefaults(writing, row, inputs)
  for (const input of inputs) writeInput(writing, { row, ...input, inCreate: true })
  const made = current(writing, row)
  emitNew(writing, made)
  const fields = inputs.map((input) => input.field.name)
  const { silent, consequence } = writing
  writing.tx.note({ kind: 'create', type, id: row.id, fields, silent, consequence })
  // The answer is made before what follows from the create: tasks of a template are not in it.
  const answer = answerOf(writing, made, [...fields, ...namesIn(args.return_fields)])
  followUp(writing, row, fields, true)
  return answer
}

export function update(writing: Writing, args: Args): Row {
  const type = writableType(writing, args, 'update')
  const row = rowToWrite(writing, type, args.id)
  const inputs = inputsOf(writing, type, args, 'update')
  for (const input of inputs) checkUnique(writing, row, input)
  const changed = inputs.filter((input) => writeInput(writing, { row, ...input }))
  if (changed.length > 0) {
    touch(writing, row)
    followUp(
      writing,
      row,
      changed.map((input) => input.field.name),
      false,
    )
  }
  return answerOf(
    writing,
    current(writing, row),
    inputs.map((input) => input.field.name),
  )
}

/** False if the row is retired already. */
export function remove(writing: Writing, args: Args): boolean {
  const row = rowToMove(writing, args, 'delete')
  if (row.retired) return false
  retireRow(writing, row)
  return true
}

/** False if the row is not retired. */
export function revive(writing: Writing, args: Args): boolean {
  const row = rowToMove(writing, args, 'revive')
  if (!row.retired) return false
  reviveRow(writing, row)
  return true
}

interface Input {
  readonly field: FieldSpec
  readonly value: unknown
  readonly mode: ListMode
}

function writableType(writing: Writing, { type }: Args, method: string): string {
  if (typeof type !== 'string' || !writing.world.schema.has(type) || !writing.reading.sight.seesType(type)) {
    throw malformed(`API ${method}() invalid/missing string entity 'type': ${JSON.stringify(type)}`)
  }
  if (type === 'EventLogEntry' && method !== 'create') throw refused('Entity of type EventLogEntry cannot be changed.')
  return type
}

function rowToWrite(writing: Writing, type: string, id: unknown): StoredRow {
  const row = typeof id === 'number' ? writing.tx.view.get(type, id) : undefined
  if (!row || row.retired || !writing.reading.sight.seesRow(row)) throw noSuchRow(type, id)
  return row
}

function rowToMove(writing: Writing, args: Args, method: string): StoredRow {
  const type = writableType(writing, args, method)
  const row = typeof args.id === 'number' ? writing.tx.view.get(type, args.id) : undefined
  if (!row || !writing.reading.sight.seesRow(row)) throw noSuchRow(type, args.id)
  if (!writing.reading.sight.mayDelete(type)) throw refused(`Entity of type ${type} cannot be deleted by this user.`)
  return row
}

const modes = new Set<unknown>(['set', 'add', 'remove'])

/** Audit fields can be written by a create, as import scripts do, and by nothing else. */
const authorable = new Set(['created_at', 'created_by', 'updated_at', 'updated_by'])

function inputsOf(writing: Writing, type: string, args: Args, method: 'create' | 'update'): readonly Input[] {
  const { fields } = args
  if (!Array.isArray(fields)) throw malformed(`API ${method}() invalid/missing Array 'fields'.`)
  return fields.map((item): Input => {
    const { field_name: name, value, multi_entity_update_mode: mode = 'set' } = (item ?? {}) as Args
    const field =
      typeof name === 'string' ? (writing.world.schema.field(type, name) ?? hiddenField(type, name)) : undefined
    const full = `${type}.${String(name)}`
    if (!field || !writing.reading.sight.seesField(type, field.name))
      throw malformed(`API ${method}() ${full} doesn't exist.`)
    const isEditable = field.editable || type === 'EventLogEntry' || (method === 'create' && authorable.has(field.name))
    if (!isEditable || !writing.reading.sight.mayEdit(type, field.name)) {
      throw refused(`The field is not editable for this user: [${full}].`)
    }
    if (!modes.has(mode)) throw malformed(`API ${method}() invalid 'multi_entity_update_mode': ${JSON.stringify(mode)}`)
    const context = { method, name: full, view: writing.tx.view }
    return { field, value: inputValue(context, field, value), mode: mode as ListMode }
  })
}

function checkRequired(writing: Writing, type: string, inputs: readonly Input[]): void {
  const given = new Set(inputs.map((input) => input.field.name))
  for (const field of writing.world.schema.fields(type).values()) {
    if (field.required && field.defaultValue === null && !given.has(field.name)) {
      throw refused(`API create() ${type}.${field.name} is required and cannot be empty.`)
    }
  }
}

function checkUnique(writing: Writing, row: Ref, { field, value }: Input): void {
  if (!field.unique || value === null) return
  const wanted = String(value).toLowerCase()
  for (const id of writing.tx.view.ids(row.type)) {
    const other = writing.tx.view.get(row.type, id)
    if (other && !other.retired && id !== row.id && String(other.values[field.name] ?? '').toLowerCase() === wanted) {
      throw refused(`${row.type}.${field.name}: ${JSON.stringify(value)} is already taken.`)
    }
  }
}

/** Fields that are given start empty, so that giving the default value is a change like any other. */
function emptied(row: StoredRow, inputs: readonly Input[]): StoredRow {
  const stored = inputs.filter(({ field }) => field.source.kind === 'stored' && !authorable.has(field.name))
  const values = stored.map(({ field }) => [field.name, field.dataType === 'checkbox' ? false : null] as const)
  return { ...row, values: { ...row.values, ...Object.fromEntries(values) } }
}

function emitDefaults(writing: Writing, row: StoredRow, inputs: readonly Input[]): void {
  const given = new Set(inputs.map((input) => input.field.name))
  for (const field of writing.world.schema.fields(row.type).values()) {
    if (given.has(field.name) || !isPopulated(row, field)) continue
    emitChange(writing, { row, field, inCreate: true }, null, row.values[field.name])
  }
}

function writeInput(writing: Writing, write: FieldWrite): boolean {
  if (!authorable.has(write.field.name)) return writeField(writing, write)
  const row = current(writing, write.row)
  writing.tx.put({ ...row, values: { ...row.values, [write.field.name]: write.value } })
  return true
}

function namesIn(fields: unknown): readonly string[] {
  return Array.isArray(fields) ? fields.map(String) : []
}

function answerOf(writing: Writing, row: StoredRow, fields: readonly string[]): Row {
  return compileFields(writing.reading, row.type, fields)(row)
}
