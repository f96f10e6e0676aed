/**
 * Turns a write that passed through us into changes. Pure.
 *
 * Always true: nothing is claimed that request and reply do not prove. A write never tells the value before. A value
 * after is told where what was sent and what came back agree; what else the write may have moved is told without
 * values. A method nobody has heard of may have changed anything.
 *
 * A *doubt* is a write of which it is not known whether it was applied: the same changes, without values.
 */
import type { ChangeRecord } from '../cache/change.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { consequencesOf } from './consequences.ts'
import { changeOf, flushOf, scheduleChanges, sideEffects } from './side-effects-of-writes.ts'
import { isRow } from './truth.ts'
import { type SentField, sentFields, writtenLinks, writtenValue } from './written-values.ts'

export interface Write {
  /** The method of the JSON-RPC: `create`, `batch`, `schema_field_delete`, … */
  readonly method: string
  readonly args: unknown
}

/** `results`: what the site answered. Without a schema nothing can be told apart. */
export function changesOfWrite(write: Write, results: unknown, schema: Schema | undefined): readonly ChangeRecord[] {
  return translate(write, { results, isCertain: true }, schema)
}

/** The changes of a write that may or may not have been applied. */
export function doubtsOfWrite(write: Write, schema: Schema | undefined): readonly ChangeRecord[] {
  return translate(write, { results: undefined, isCertain: false }, schema)
}

interface Result {
  readonly results: unknown
  readonly isCertain: boolean
}

type Table = Readonly<Record<string, unknown>>
type Translate = (args: Table, result: Result, schema: Schema) => readonly ChangeRecord[]

function translate({ method, args }: Write, result: Result, schema: Schema | undefined): readonly ChangeRecord[] {
  if (!schema) return [flushOf('*', `${method} while the schema is not known`)]
  if (method === 'batch') return batch(args, result, schema)
  const known = Object.hasOwn(methods, method) ? methods[method] : undefined
  const changes = known?.(isTable(args) ? args : {}, result, schema)
  return changes ?? [flushOf('*', `${method}, of which it is not known what it changes`)]
}

/** One transaction; its parts stand in the order of the request. */
function batch(args: unknown, { results, isCertain }: Result, schema: Schema): readonly ChangeRecord[] {
  if (!Array.isArray(args) || !args.every(isTable)) return [flushOf('*', 'batch that cannot be read')]
  const replies: readonly unknown[] = Array.isArray(results) ? results : []
  return args.flatMap((part, index) =>
    translate({ method: String(part.request_type), args: part }, { results: replies[index], isCertain }, schema),
  )
}

const create: Translate = (args, result, schema) => {
  const type = typeOf(args)
  const sent = sentFields(args.fields)
  if (!type || !sent) return unreadable('create', type)
  const row = rowIn(result.results)
  const values = row && bornWith(type, sent, row, schema)
  const record = say({ kind: 'create', type, ids: row ? [row.id] : 'any', ...(values && { values }) })
  const unclear = sent.filter((field) => !(values && Object.hasOwn(values, field.name)))
  return [
    ...withConsequences(record, sent.map(nameOf), schema),
    ...unclear.flatMap(({ name }) => withConsequences(changeIn(record, name), [], schema)),
  ]
}

function bornWith(type: string, sent: readonly SentField[], row: Table, schema: Schema): Table {
  const values = sent.map((field) => [field.name, writtenValue(type, field, row[field.name], schema)] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

const update: Translate = (args, { results, isCertain }, schema) => {
  const type = typeOf(args)
  const sent = sentFields(args.fields)
  if (!type || !sent || typeof args.id !== 'number') return unreadable('update', type)
  const row = rowIn(results)
  const target = say({ kind: 'change', type, ids: [args.id] })
  return sent.flatMap((field) => {
    const links = isCertain ? writtenLinks(type, field, schema) : undefined
    const value = row && !links ? scalar(writtenValue(type, field, row[field.name], schema)) : undefined
    const record = { ...changeIn(target, field.name), ...links, ...(value !== undefined && { new: value }) }
    return withConsequences(record, [field.name], schema)
  })
}

/** What a list was set to says nothing of what it held before, and so nothing of who left it. */
function scalar(value: unknown): unknown {
  return Array.isArray(value) ? undefined : value
}

function moving(kind: 'retire' | 'revive'): Translate {
  return (args, { results }, schema) => {
    const type = typeOf(args)
    if (!type || typeof args.id !== 'number') return unreadable(kind, type)
    // False: the row was in that state already.
    return results === false ? [] : withConsequences(say({ kind, type, ids: [args.id] }), [], schema)
  }
}

const follow: Translate = ({ user, entity }) => {
  const changes = [
    isRow(entity) && changeOf(entity.type, 'followers', 'follow', [entity.id]),
    isRow(user) && changeOf(user.type, 'following', 'follow', [user.id]),
  ]
  return changes.filter((change) => change !== false)
}

const schemaEdit: Translate = () => [say({ kind: 'schema', type: '*', ids: 'any', reason: 'schema edit' })]

const nothing: Translate = () => []

/** Methods that write. What they move for one person only is in no cached reply. */
const methods: Readonly<Record<string, Translate>> = {
  create,
  update,
  delete: moving('retire'),
  revive: moving('revive'),
  follow,
  unfollow: follow,
  schema_field_create: schemaEdit,
  schema_field_update: schemaEdit,
  schema_field_delete: schemaEdit,
  work_schedule_update: () => scheduleChanges('work schedule update'),
  update_project_last_accessed_by_current_user: nothing,
  user_subscriptions_create: nothing,
}

function unreadable(method: string, type: string | undefined): readonly ChangeRecord[] {
  return [flushOf('*', `${method} of ${type ?? 'something'} that cannot be read`)]
}

function withConsequences(record: ChangeRecord, fields: readonly string[], schema: Schema): readonly ChangeRecord[] {
  return [record, ...consequencesOf(record, schema), ...sideEffects(record, fields, schema)]
}

function say(fact: Pick<ChangeRecord, 'kind' | 'type' | 'ids'> & Partial<ChangeRecord>): ChangeRecord {
  return { source: 'write', field: 'any', ...fact }
}

function changeIn({ type, ids }: ChangeRecord, field: string): ChangeRecord {
  return say({ kind: 'change', type, ids, field })
}

function typeOf({ type }: Table): string | undefined {
  return typeof type === 'string' ? type : undefined
}

function nameOf({ name }: SentField): string {
  return name
}

/** `create` may answer with a list of one. */
function rowIn(results: unknown): (Table & { readonly id: number }) | undefined {
  const row: unknown = Array.isArray(results) ? results[0] : results
  return isTable(row) && typeof row.id === 'number' ? { ...row, id: row.id } : undefined
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
