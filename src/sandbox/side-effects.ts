/**
 * What the site does by itself after a create or an update of one row: names put together, tasks made from templates,
 * schedules kept.
 */
import { writeField } from './field-write.ts'
import type { Ref } from './row.ts'
import { reschedule } from './schedule.ts'
import { applyTemplate } from './task-template.ts'
import type { Writing } from './writing.ts'

export function followUp(writing: Writing, row: Ref, changed: readonly string[], isNew: boolean): void {
  const follow = { ...writing, consequence: true }
  if (row.type === 'HumanUser' && (changed.includes('firstname') || changed.includes('lastname'))) {
    fullName(follow, row, isNew)
  }
  if (changed.includes('task_template') && row.type !== 'Task') applyTemplate(follow, row)
  if (row.type === 'Task') reschedule(follow, row, changed, isNew)
}

function fullName(writing: Writing, row: Ref, inCreate: boolean): void {
  const { firstname, lastname } = writing.tx.view.get(row.type, row.id)!.values
  const value = [firstname, lastname].filter((part) => typeof part === 'string').join(' ')
  writeField(writing, { row, field: writing.world.schema.field(row.type, 'name')!, value, inCreate })
}
