/**
 * Reading and editing the schema. Whether a field is editable depends on who asks. Edits leave events that do not say
 * which type they are about.
 */
import type { WireField } from '../shotgrid/schema.ts'
import { emitSiteEvent } from './events.ts'
import { malformed, refused } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import type { Args } from './read.ts'
import type { Reading } from './reading.ts'
import type { Writing } from './writing.ts'

type WireFields = Readonly<Record<string, WireField>>

export function readSchema(reading: Reading): Readonly<Record<string, WireFields>> {
  const wire = reading.schema.wire()
  if (reading.sight.everything) return wire
  const types = Object.keys(wire).filter((type) => reading.sight.seesType(type))
  return Object.fromEntries(types.map((type) => [type, seenFields(reading, type, wire[type]!)]))
}

export function readEntitySchema(reading: Reading): unknown {
  const types = reading.schema.types.filter((type) => reading.sight.seesType(type))
  const fixed = (value: unknown) => ({ value, editable: false })
  return Object.fromEntries(types.map((type) => [type, { name: fixed(type), visible: fixed(true) }]))
}

export function readFieldSchema(reading: Reading, args: Args): WireFields {
  const type = typeOf(reading, args, 'schema_field_read')
  const fields = seenFields(reading, type, reading.schema.wire()[type]!)
  if (args.field_name === undefined || args.field_name === null) return fields
  const field = fields[String(args.field_name)]
  if (!field) throw malformed(`API schema_field_read() ${type}.${String(args.field_name)} doesn't exist.`)
  return { [String(args.field_name)]: field }
}

function seenFields(reading: Reading, type: string, fields: WireFields): WireFields {
  if (reading.sight.everything) return fields
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => reading.sight.seesField(type, name))
      .map(([name, field]) => [
        name,
        { ...field, editable: { value: field.editable?.value === true && reading.sight.mayEdit(type, name) } },
      ]),
  )
}

function typeOf(reading: Reading, args: Args, method: string): string {
  const { type } = args
  if (typeof type === 'string' && reading.schema.has(type) && reading.sight.seesType(type)) return type
  throw malformed(`API ${method}() invalid/missing string entity 'type': ${JSON.stringify(type)}`)
}

const creatable = new Set(
  'checkbox currency date date_time duration entity float list multi_entity number percent status_list text url timecode footage'.split(
    ' ',
  ),
)

/** The new field's name. */
export function createField(writing: Writing, args: Args): string {
  const type = typeOf(writing.reading, args, 'schema_field_create')
  requireAdmin(writing)
  const properties = propertiesOf(args)
  const label = properties.get('name')
  const dataType = String(args.data_type)
  if (typeof label !== 'string') throw malformed("API schema_field_create() 'name' is missing among the properties.")
  if (!creatable.has(dataType)) throw malformed(`API schema_field_create() invalid 'data_type': ${dataType}`)
  // The schema is not part of a transaction: nothing after this can be refused.
  const field = writing.world.schema.addField(type, label, dataType, specProperties(properties))
  noteSchema(writing, type, field.name, 'New', { type: 'new_entity', entity_type: 'DisplayColumn' })
  return field.name
}

export function updateField(writing: Writing, args: Args): true {
  const [type, field] = fieldOf(writing, args, 'schema_field_update')
  writing.world.schema.editField(type, { ...field, ...specProperties(propertiesOf(args)) })
  const [name] = propertiesOf(args).keys()
  noteSchema(writing, type, field.name, 'Change', { type: 'attribute_change', attribute_name: name ?? null })
  return true
}

export function deleteField(writing: Writing, args: Args): true {
  const [type, field] = fieldOf(writing, args, 'schema_field_delete')
  if (!field.name.startsWith('sg_')) throw refused(`The field ${type}.${field.name} cannot be deleted.`)
  writing.world.schema.removeField(type, field.name)
  const leavesEvent = writing.world.switches.fieldDeletionEvents
  noteSchema({ ...writing, silent: writing.silent || !leavesEvent }, type, field.name, 'Delete', {
    type: 'entity_retirement',
    entity_type: 'DisplayColumn',
  })
  return true
}

function fieldOf(writing: Writing, args: Args, method: string): readonly [string, FieldSpec] {
  const type = typeOf(writing.reading, args, method)
  requireAdmin(writing)
  const field = writing.world.schema.field(type, String(args.field_name))
  if (!field) throw malformed(`API ${method}() ${type}.${String(args.field_name)} doesn't exist.`)
  return [type, field]
}

function requireAdmin(writing: Writing): void {
  if (!writing.caller.isAdmin) throw refused('The schema is not editable for this user.')
}

function noteSchema(writing: Writing, type: string, field: string, action: string, meta: Args): void {
  emitSiteEvent(writing, `Shotgun_DisplayColumn_${action}`, meta)
  const { silent, consequence } = writing
  writing.tx.note({ kind: 'schema', type, id: 0, fields: [field], silent, consequence })
}

function propertiesOf(args: Args): ReadonlyMap<string, unknown> {
  if (!Array.isArray(args.properties)) throw malformed("API invalid/missing Array 'properties'.")
  return new Map(args.properties.map((item: Args) => [String(item?.property_name), item?.value]))
}

function specProperties(properties: ReadonlyMap<string, unknown>): Partial<FieldSpec> {
  const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])
  return {
    ...(properties.has('name') && { label: String(properties.get('name')) }),
    ...(properties.has('valid_types') && { validTypes: texts(properties.get('valid_types')) }),
    ...(properties.has('valid_values') && { validValues: texts(properties.get('valid_values')) }),
    ...(properties.has('default_value') && { defaultValue: properties.get('default_value') }),
  }
}
