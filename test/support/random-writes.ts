/**
 * Random writes over a whole schema, as envelopes: one field or several of a row, lists added to and taken from, links
 * moved, rows made, retired and revived, batches in one transaction, renames, rows moved to another project.
 */
import { type Field, isLink, isLinkList, type Schema } from '../../src/shotgrid/schema.ts'
import type { AuthParams, EntityLink, Envelope } from '../../src/shotgrid/wire.ts'
import type { Random } from './random.ts'
import type { Sample } from './random-calls.ts'

export type WriteKind =
  | 'update'
  | 'link'
  | 'list'
  | 'rename'
  | 'move'
  | 'archive'
  | 'create'
  | 'retire'
  | 'revive'
  | 'batch'

export interface RandomWrite {
  readonly kind: WriteKind
  readonly envelope: Envelope
}

export interface RandomWritesOptions {
  readonly random: Random
  readonly schema: Schema
  readonly sample: Sample
  /** Types written to. */
  readonly types: readonly string[]
  /** Ids of live rows; of retired ones. */
  readonly ids: (type: string, retired: boolean) => readonly number[]
}

interface FieldValue {
  readonly field_name: string
  readonly value: unknown
  readonly multi_entity_update_mode?: 'set' | 'add' | 'remove'
}

interface Write {
  readonly method: 'update' | 'create' | 'delete' | 'revive'
  readonly args: Record<string, unknown>
}

const nameFields = ['code', 'content', 'name', 'subject', 'lastname']
const plainTypes: Readonly<Record<string, (random: Random) => unknown>> = {
  text: (random) => random.pick(['', 'alpha', 'Beta', 'sh0', 'Été', '  padded ', 'x'.repeat(random.int(9))]),
  number: (random) => random.int(40) - 5,
  float: (random) => random.int(100) / 8,
  currency: (random) => random.int(1000) / 4,
  percent: (random) => random.int(101),
  duration: (random) => random.int(5000),
  timecode: (random) => random.int(100000),
  checkbox: (random) => random.chance(0.5),
  date: (random) => `2026-0${1 + random.int(3)}-1${random.int(10)}`,
  date_time: (random) => `2026-01-0${1 + random.int(9)}T1${random.int(10)}:00:00Z`,
}

export class RandomWrites {
  readonly #options: RandomWritesOptions
  #created = 0

  constructor(options: RandomWritesOptions) {
    this.#options = options
  }

  write(auth: AuthParams): RandomWrite | undefined {
    const kind = this.#options.random.weighted<WriteKind>([
      [8, 'update'],
      [3, 'link'],
      [2, 'list'],
      [2, 'rename'],
      [0.7, 'move'],
      [0.4, 'archive'],
      [2.5, 'create'],
      [1.2, 'retire'],
      [0.8, 'revive'],
      [1.5, 'batch'],
    ])
    const write = kind === 'batch' ? undefined : this.#one(kind)
    if (write) return { kind, envelope: { method_name: write.method, params: [auth, write.args] } }
    return kind === 'batch' ? this.#batch(auth) : undefined
  }

  #one(kind: WriteKind): Write | undefined {
    const { random, types, ids } = this.#options
    const retired = kind === 'revive' ? types.filter((one) => ids(one, true).length > 0) : []
    const type = kind === 'archive' ? 'Project' : random.pick(retired.length > 0 ? retired : types)
    if (kind === 'create') return this.#create(type)
    if (kind === 'revive') return this.#onRow(type, true, (row) => ({ method: 'revive', args: { ...row } }))
    if (kind === 'retire') return this.#onRow(type, false, (row) => ({ method: 'delete', args: { ...row } }))
    const fields = this.#fieldsFor(kind, type)
    if (fields.length === 0) return undefined
    return this.#onRow(type, false, (row) => ({ method: 'update', args: { ...row, fields } }))
  }

  #onRow(type: string, retired: boolean, use: (row: EntityLink) => Write): Write | undefined {
    const ids = this.#options.ids(type, retired)
    // Few rows are written often, so that the same answers change again and again.
    return ids.length === 0 ? undefined : use({ type, id: this.#options.random.pick(ids.slice(0, 12)) })
  }

  #fieldsFor(kind: WriteKind, type: string): FieldValue[] {
    const { random } = this.#options
    const editable = this.#editable(type)
    if (kind === 'archive') return [{ field_name: 'archived', value: random.chance(0.5) }]
    if (kind === 'move')
      return this.#values(
        type,
        editable.filter((field) => field.name === 'project'),
      )
    if (kind === 'rename') return this.#rename(type, editable)
    const isWanted = { update: isPlain, link: isSingleLink, list: isList, batch: isPlain }[kind as 'update'] ?? isPlain
    return this.#values(type, random.some(editable.filter(isWanted), 1 + random.int(3)))
  }

  #rename(type: string, editable: readonly Field[]): FieldValue[] {
    const field = editable.find(({ name }) => nameFields.includes(name))
    if (!field) return []
    this.#created += 1
    return [{ field_name: field.name, value: `${type.toLowerCase()} renamed ${this.#created}` }]
  }

  #create(type: string): Write | undefined {
    const { random } = this.#options
    const editable = this.#editable(type)
    const name = this.#rename(type, editable)
    const project = editable.filter((field) => field.name === 'project')
    const rest = editable.filter((field) => !nameFields.includes(field.name) && field.name !== 'project')
    const fields = [...name, ...this.#values(type, project), ...this.#values(type, random.some(rest, random.int(5)))]
    return { method: 'create', args: { type, fields, return_fields: ['id'] } }
  }

  #batch(auth: AuthParams): RandomWrite | undefined {
    const { random } = this.#options
    const kinds: WriteKind[] = ['update', 'update', 'link', 'list', 'create', 'retire', 'rename']
    const writes = Array.from({ length: 2 + random.int(3) }, () => this.#one(random.pick(kinds))).filter(
      (write) => write !== undefined,
    )
    if (writes.length === 0) return undefined
    const requests = writes.map(({ method, args }) => ({ request_type: method, ...args }))
    return { kind: 'batch', envelope: { method_name: 'batch', params: [auth, requests] } }
  }

  #editable(type: string): Field[] {
    return [...this.#options.schema.fields(type).values()].filter(
      (field) =>
        field.editable && (plainTypes[field.dataType] || isLink(field.dataType) || field.validValues.length > 0),
    )
  }

  #values(type: string, fields: readonly Field[]): FieldValue[] {
    return fields.map((field) => this.#value(type, field)).filter((value) => value !== undefined)
  }

  #value(type: string, field: Field): FieldValue | undefined {
    const { random, sample } = this.#options
    const field_name = field.name
    if (isLinkList(field.dataType)) return this.#list(field)
    if (field.dataType === 'entity') {
      const optional = field.name !== 'project' && field.name !== 'entity'
      return { field_name, value: optional && random.chance(0.25) ? null : (this.#target(field) ?? null) }
    }
    if (field.validValues.length > 0) return { field_name, value: random.pick(field.validValues) }
    const known = sample(type, field.name).filter((value) => value !== null && value !== undefined)
    if (known.length > 0 && random.chance(0.6)) return { field_name, value: random.pick(known) }
    const make = plainTypes[field.dataType]
    return make && { field_name, value: make(random) }
  }

  #list(field: Field): FieldValue {
    const { random } = this.#options
    const mode = random.pick(['set', 'add', 'remove'] as const)
    const value = Array.from({ length: random.int(3) }, () => this.#target(field)).filter((link) => link !== undefined)
    return { field_name: field.name, value, multi_entity_update_mode: mode }
  }

  #target(field: Field): EntityLink | undefined {
    const { random, schema, ids } = this.#options
    const types = field.validTypes.filter((type) => schema.has(type) && ids(type, false).length > 0)
    if (types.length === 0) return undefined
    const type = random.pick(types)
    return { type, id: random.pick(ids(type, false)) }
  }
}

const isPlain = (field: Field) => !isLink(field.dataType)
const isSingleLink = (field: Field) => field.dataType === 'entity'
const isList = (field: Field) => isLinkList(field.dataType)
