/**
 * Task templates: giving a row a template makes it a copy of each of the template's tasks, and of the dependencies
 * between them, in the same transaction.
 */
import { writeField } from './field-write.ts'
import { insertRow } from './insert.ts'
import { isRef, liveRow, type Ref, type StoredRow } from './row.ts'
import type { Writing } from './writing.ts'

const copied = ['content', 'step', 'sg_status_list', 'duration', 'est_in_mins', 'color', 'milestone', 'sg_sort_order']

export function applyTemplate(writing: Writing, row: Ref): void {
  const { view } = writing.tx
  const target = view.get(row.type, row.id)!
  const template = liveRow(view, target.values.task_template)
  if (!template) return
  const copies = new Map<number, Ref>()
  for (const task of view.referrers('Task', 'task_template', template)) {
    if (!task.retired && !isRef(task.values.entity)) copies.set(task.id, copyTask(writing, task, target))
  }
  for (const [id, copy] of copies) copyDependencies(writing, id, copy, copies)
}

function copyTask(writing: Writing, task: StoredRow, target: StoredRow): Ref {
  const values: Record<string, unknown> = { project: target.values.project ?? null }
  for (const name of copied) values[name] = task.values[name] ?? null
  const links = { template_task: { type: 'Task', id: task.id }, entity: { type: target.type, id: target.id } }
  return insertRow(writing, 'Task', { ...values, ...links })
}

function copyDependencies(writing: Writing, id: number, copy: Ref, copies: ReadonlyMap<number, Ref>): void {
  for (const dependency of writing.tx.view.referrers('TaskDependency', 'dependent_task', { type: 'Task', id })) {
    const upstream = dependency.values.task
    const other = isRef(upstream) ? copies.get(upstream.id) : undefined
    const field = writing.world.schema.field('Task', 'upstream_tasks')!
    if (other && !dependency.retired) writeField(writing, { row: copy, field, value: [other], mode: 'add' })
  }
}
