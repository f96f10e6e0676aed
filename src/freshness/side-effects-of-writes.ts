/**
 * What the site does by itself in the course of a write, that neither the request nor the reply tells: it makes tasks
 * from a template, reschedules tasks that depend on others, keeps lists that are stored as rows of their own. Pure.
 *
 * What moves along with every change, whoever made it, is in `consequences.ts`.
 */
import type { ChangeRecord } from '../cache/change.ts'
import { isLink, isLinkList, type Schema } from '../shotgrid/schema.ts'
import { connectionEnds, isConnection } from './connection-ends.ts'
import { inverseFields } from './inverse-links.ts'
import { scheduledFields } from './written-values.ts'

/** `fields`: those that were sent. */
export function sideEffects(record: ChangeRecord, fields: readonly string[], schema: Schema): readonly ChangeRecord[] {
  return [
    ...templateTasks(record, fields),
    ...rescheduled(record, fields),
    ...newFiles(record, fields, schema),
    ...rowsOfLists(record, fields, schema),
    ...defaultLinks(record, fields, schema),
  ]
}

/** Anything may have happened to the rows of a type. */
export function flushOf(type: string, reason: string): ChangeRecord {
  return { source: 'write', kind: 'flush', type, ids: 'any', field: 'any', reason }
}

/** Some row may have another value in the field. */
export function changeOf(type: string, field: string, reason: string, ids: ChangeRecord['ids'] = 'any'): ChangeRecord {
  return { source: 'write', kind: 'change', type, ids, field, reason }
}

/** Dates of any task: dependencies lead from one to the next, however far. */
export function scheduleChanges(reason: string): readonly ChangeRecord[] {
  return scheduledFields.map((field) => changeOf('Task', field, reason))
}

function templateTasks({ type, kind }: ChangeRecord, fields: readonly string[]): readonly ChangeRecord[] {
  const mayMake = (kind === 'create' || kind === 'change') && type !== 'Task' && fields.includes('task_template')
  const reason = `task template applied to a ${type}`
  return mayMake ? [flushOf('Task', reason), flushOf('TaskDependency', reason), ...scheduleChanges(reason)] : []
}

const movingFields = new Set([...scheduledFields, 'upstream_tasks', 'downstream_tasks', 'splits', 'milestone'])

function rescheduled({ type, kind }: ChangeRecord, fields: readonly string[]): readonly ChangeRecord[] {
  const reason = `rescheduled after ${kind} of ${type}`
  if (type === 'TaskDependency') return scheduleChanges(reason)
  if (type !== 'Task') return []
  // A task that comes or goes alone leaves the others where they are, unless it is linked to them.
  const isMoved = kind === 'retire' || kind === 'revive' || fields.some((field) => movingFields.has(field))
  return isMoved ? scheduleChanges(reason) : []
}

/** Giving a file to a field makes an Attachment. */
function newFiles({ type }: ChangeRecord, fields: readonly string[], schema: Schema): readonly ChangeRecord[] {
  const takesFile = fields.some((field) => ['url', 'image'].includes(schema.field(type, field)?.dataType ?? ''))
  return takesFile ? [flushOf('Attachment', `file field of a ${type} written`)] : []
}

/** Hidden rows in which a list is stored come and go with its members. */
function rowsOfLists({ type }: ChangeRecord, fields: readonly string[], schema: Schema): readonly ChangeRecord[] {
  const lists = fields.filter((field) => isLinkList(schema.field(type, field)?.dataType ?? ''))
  if (lists.length === 0) return []
  const holdsOne = (name: string) =>
    isConnection(name) &&
    (connectionEnds(name, schema) ?? []).some((end) => end.type === type && isOneOf(end.field, lists))
  return schema.types.filter(holdsOne).map((name) => flushOf(name, `list of a ${type} written`))
}

function isOneOf(field: string, fields: readonly string[]): boolean {
  return field === 'any' || fields.includes(field)
}

/** Links that a create does not name may have a default, such as who made it: the far side of those. */
function defaultLinks(record: ChangeRecord, fields: readonly string[], schema: Schema): readonly ChangeRecord[] {
  if (record.kind !== 'create') return []
  const unnamed = [...schema.fields(record.type).values()].filter(
    (field) => isLink(field.dataType) && leadsToPeople(field.validTypes) && !fields.includes(field.name),
  )
  return unnamed.flatMap((field) =>
    inverseFields(changeOf(record.type, field.name, ''), schema).map((far) =>
      changeOf(far.type, far.field, `default of ${record.type}.${field.name}`, far.ids),
    ),
  )
}

function leadsToPeople(types: readonly string[]): boolean {
  return types.includes('HumanUser') || types.includes('ApiUser')
}
