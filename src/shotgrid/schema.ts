/**
 * A site's schema, as `schema_read` gives it: which types and fields there are, of which data type, linking to what.
 *
 * Freshness needs it (a filter on a link depends on other types), requests are checked against it, and the sandbox is
 * one more site that has one.
 */
export type DataType =
  | 'text'
  | 'number'
  | 'float'
  | 'currency'
  | 'percent'
  | 'duration'
  | 'timecode'
  | 'footage'
  | 'checkbox'
  | 'date'
  | 'date_time'
  | 'list'
  | 'status_list'
  | 'entity'
  | 'multi_entity'
  | 'addressing'
  | 'tag_list'
  | 'image'
  | 'url'
  | 'color'
  | 'serializable'
  | 'password'
  | 'uuid'
  | 'entity_type'
  | 'calculated'
  | 'summary'
  | 'pivot_column'

export interface Field {
  readonly name: string
  readonly dataType: DataType | (string & {})
  /** For links: the types it may point at. Empty for other fields. */
  readonly validTypes: readonly string[]
  readonly editable: boolean
  /** For `list` and `status_list`: the vocabulary, if the schema gives one. */
  readonly validValues: readonly string[]
}

/** A dotted path, taken apart: `sg_task.Task.step.Step.code` has two hops and the leaf `Step.code`. */
export interface ResolvedPath {
  readonly hops: readonly { readonly type: string; readonly field: Field; readonly to: string }[]
  readonly type: string
  readonly field: Field
}

/** The wire form of one field in a schema answer. */
export interface WireField {
  readonly data_type: { readonly value: string; readonly editable: boolean }
  readonly editable?: { readonly value: boolean }
  readonly properties?: Readonly<Record<string, { readonly value: unknown }>>
  readonly [property: string]: unknown
}

/** The answer of `schema_read`: type -> field -> definition. */
export type WireSchema = Readonly<Record<string, Readonly<Record<string, WireField>>>>

export class Schema {
  readonly #types: ReadonlyMap<string, ReadonlyMap<string, Field>>

  constructor(wire: WireSchema) {
    this.#types = new Map(
      Object.entries(wire).map(([type, fields]) => [
        type,
        new Map(Object.entries(fields).map(([name, field]) => [name, fieldOf(name, field)])),
      ]),
    )
  }

  get types(): readonly string[] {
    return [...this.#types.keys()]
  }

  has(type: string): boolean {
    return this.#types.has(type)
  }

  fields(type: string): ReadonlyMap<string, Field> {
    return this.#types.get(type) ?? new Map()
  }

  field(type: string, name: string): Field | undefined {
    // `id` and `type` are readable on every row, though `type` is in no schema answer.
    return this.#types.get(type)?.get(name) ?? (name === 'id' ? idField : undefined)
  }

  /** Takes a path apart, or `undefined` if any part of it is unknown. A plain field is a path without hops. */
  resolve(type: string, path: string): ResolvedPath | undefined {
    const parts = path.split('.')
    if (parts.length % 2 === 0) return undefined
    const hops: { type: string; field: Field; to: string }[] = []
    let at = type
    for (let i = 0; i + 2 < parts.length; i += 2) {
      const field = this.field(at, parts[i]!)
      const to = parts[i + 1]!
      if (!field || !this.has(to)) return undefined
      hops.push({ type: at, field, to })
      at = to
    }
    const field = this.field(at, parts.at(-1)!)
    return field && { hops, type: at, field }
  }

  /** Types with a link field that can point at `type`, with those fields. */
  linksTo(type: string): readonly { readonly type: string; readonly field: Field }[] {
    const found: { type: string; field: Field }[] = []
    for (const [from, fields] of this.#types) {
      for (const field of fields.values()) if (field.validTypes.includes(type)) found.push({ type: from, field })
    }
    return found
  }
}

const idField: Field = { name: 'id', dataType: 'number', validTypes: [], editable: false, validValues: [] }

function fieldOf(name: string, wire: WireField): Field {
  const property = (key: string): readonly string[] => {
    const value = wire.properties?.[key]?.value
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
  }
  return {
    name,
    dataType: wire.data_type.value,
    validTypes: property('valid_types'),
    editable: wire.editable?.value ?? false,
    validValues: property('valid_values'),
  }
}

/** Data types whose value is a link or a list of links. */
export function isLink(dataType: string): boolean {
  return dataType === 'entity' || isLinkList(dataType)
}

export function isLinkList(dataType: string): boolean {
  return dataType === 'multi_entity' || dataType === 'addressing'
}

/** Computed when read: no event names them, so nothing in the log tells that they changed. */
export function isComputed(dataType: string): boolean {
  return dataType === 'calculated' || dataType === 'summary' || dataType === 'pivot_column'
}

/** Fields whose value depends on who asks, not only on the row (`last_accessed_by_current_user`, …). */
export function isPerUser(fieldName: string): boolean {
  return fieldName.includes('current_user')
}

/**
 * The fields that make up a row's display name, the `name` in every link to it. `undefined`: not known for this type,
 * so any change of the row may alter it.
 */
export function displayNameFields(type: string): readonly string[] | undefined {
  return displayNames[type]
}

const displayNames: Readonly<Record<string, readonly string[]>> = {
  Project: ['name'],
  Task: ['content'],
  Reply: ['content'],
  Note: ['subject'],
  HumanUser: ['name', 'firstname', 'lastname'],
  ApiUser: ['firstname', 'name'],
  ...Object.fromEntries(
    [
      'Shot',
      'Asset',
      'Sequence',
      'Episode',
      'Version',
      'PublishedFile',
      'PublishedFileType',
      'Playlist',
      'Step',
      'Group',
    ]
      .concat(['TaskTemplate', 'Department', 'Cut', 'Level', 'Scene', 'LocalStorage', 'Status', 'Software'])
      .map((type) => [type, ['code', 'name', 'short_name']]),
  ),
}
