/**
 * The schema of the simulated site while it runs: types and fields, which fields are the other side of which, and the
 * wire form that `schema_read` answers. Fields may be added, edited and retired; a retired field keeps its name taken.
 */
import type { WireField, WireSchema } from '../shotgrid/schema.ts'
import { type FieldName, type FieldSpec, idSpec, parseField, plainField } from './field-spec.ts'
import { sharedFields, typeDefinitions } from './schema-definition.ts'

export interface TypeSpec {
  readonly name: string
  readonly fields: Map<string, FieldSpec>
  readonly retiredFields: Set<string>
}

export class SiteSchema {
  readonly #types = new Map<string, TypeSpec>()
  readonly #inverses = new Map<string, FieldName[]>()
  #wire: WireSchema | undefined

  constructor(definition = typeDefinitions) {
    for (const block of definition.trim().split(/\n\s*\n/)) this.#define(block)
    const entity = this.field('EventLogEntry', 'entity')
    if (entity) this.#types.get('EventLogEntry')!.fields.set('entity', { ...entity, validTypes: this.types })
  }

  get types(): readonly string[] {
    return [...this.#types.keys()]
  }

  has(type: string): boolean {
    return this.#types.has(type)
  }

  fields(type: string): ReadonlyMap<string, FieldSpec> {
    return this.#types.get(type)?.fields ?? new Map()
  }

  field(type: string, name: string): FieldSpec | undefined {
    return this.#types.get(type)?.fields.get(name)
  }

  /** The lists, on the types that `field` may link to, that its links show up in. */
  inversesOf(type: string, field: string): readonly FieldName[] {
    return this.#inverses.get(`${type}.${field}`) ?? []
  }

  /** The list at the far end of a connection that `spec` is the near end of. */
  farEnd(spec: FieldSpec, farType: string): FieldSpec | undefined {
    if (spec.source.kind !== 'connection') return undefined
    const { connection, near, far } = spec.source
    for (const other of this.fields(farType).values()) {
      const { source } = other
      if (
        source.kind === 'connection' &&
        source.connection === connection &&
        source.near === far &&
        source.far === near
      )
        return other
    }
    return undefined
  }

  /** Adds a field named after its label; a suffix is added if the name is, or ever was, taken. */
  addField(type: string, label: string, dataType: string, properties: Partial<FieldSpec>): FieldSpec {
    const spec = this.#types.get(type)!
    const stem = `sg_${label
      .trim()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')}`
    const isTaken = (name: string) => spec.fields.has(name) || spec.retiredFields.has(name)
    let name = stem
    for (let suffix = 1; isTaken(name); suffix += 1) name = `${stem}_${suffix}`
    const field = plainField(name, dataType, { ...properties, label })
    this.#put(spec, field)
    return field
  }

  editField(type: string, field: FieldSpec): void {
    this.#put(this.#types.get(type)!, field)
  }

  removeField(type: string, name: string): void {
    const spec = this.#types.get(type)!
    spec.fields.delete(name)
    spec.retiredFields.add(name)
    this.#wire = undefined
  }

  wire(): WireSchema {
    this.#wire ??= Object.fromEntries(
      [...this.#types.values()].map((type) => [
        type.name,
        Object.fromEntries(
          [...type.fields.values()].filter(isPublic).map((spec) => [spec.name, wireField(type.name, spec)]),
        ),
      ]),
    )
    return this.#wire
  }

  #put(type: TypeSpec, field: FieldSpec): void {
    type.fields.set(field.name, field)
    this.#wire = undefined
  }

  #define(block: string): void {
    const [head, ...lines] = block.trim().split('\n')
    const [name, ...shared] = head!.replace(':', '').split(/\s+/)
    const all = [...shared.flatMap((set) => sharedFields[set]!.trim().split('\n')), ...lines]
    const displayName = plainField('cached_display_name', 'text', { editable: false, source: { kind: 'displayName' } })
    const fields = [idSpec, ...all.map(parseField), displayName]
    this.#types.set(name!, {
      name: name!,
      fields: new Map(fields.map((field) => [field.name, field])),
      retiredFields: new Set(),
    })
    for (const field of fields) this.#noteInverse(name!, field)
  }

  #noteInverse(type: string, { name, source }: FieldSpec): void {
    if (source.kind !== 'inverse') return
    for (const of of source.of) {
      const key = `${of.type}.${of.field}`
      this.#inverses.set(key, [...(this.#inverses.get(key) ?? []), { type, field: name }])
    }
  }
}

/** Some fields can be read but are in no schema answer. */
function isPublic(spec: FieldSpec): boolean {
  return spec.name !== 'read_by_current_user'
}

export function wireField(type: string, spec: FieldSpec): WireField {
  const fixed = (value: unknown) => ({ value, editable: false })
  const open = (value: unknown) => ({ value, editable: true })
  return {
    name: open(spec.label),
    description: open(''),
    entity_type: fixed(type),
    data_type: { value: spec.dataType, editable: false },
    editable: fixed(spec.editable) as { value: boolean },
    mandatory: fixed(spec.required),
    unique: fixed(spec.unique),
    visible: open(true),
    properties: {
      default_value: fixed(spec.dataType === 'checkbox' ? spec.defaultValue : (spec.defaultValue ?? null)),
      summary_default: open('none'),
      ...(spec.validTypes.length > 0 && { valid_types: open(spec.validTypes) }),
      ...((spec.dataType === 'list' || spec.dataType === 'status_list') && {
        valid_values: open(spec.validValues),
        hidden_values: open([]),
        display_values: open(Object.fromEntries(spec.validValues.map((value) => [value, value]))),
      }),
    },
  }
}
