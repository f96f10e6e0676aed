/**
 * Keeping the schedule: when a task's dates or dependencies change, tasks that depend on it move behind it, and those
 * in turn; pinned ones stay and show a violation. A task that somebody moves by hand becomes pinned.
 *
 * Of start, due date and duration, two give the third: a working day is 480 minutes.
 */
import { addWorkdays, workday, workdaysBetween } from './dates.ts'
import { writeField } from './field-write.ts'
import { linkedRows } from './links.ts'
import type { Ref, StoredRow } from './row.ts'
import { current, touch } from './touch.ts'
import type { Writing } from './writing.ts'

export const minutesPerDay = 480

const dates = ['start_date', 'due_date', 'duration']

export function reschedule(writing: Writing, task: Ref, changed: readonly string[], isNew: boolean): void {
  const moved = dates.some((field) => changed.includes(field))
  const relinked = changed.includes('upstream_tasks') || changed.includes('downstream_tasks')
  if (!moved && !relinked) return
  if (moved) {
    completeDates(writing, task, changed)
    if (!isNew && !changed.includes('pinned') && upstreamOf(writing, task).length > 0)
      setTaskField(writing, task, 'pinned', true)
  }
  const seen = new Set<number>()
  if (changed.includes('upstream_tasks')) settle(writing, current(writing, task), seen)
  pushDownstream(writing, task, seen)
}

/** The third of start, due date and duration. */
function completeDates(writing: Writing, task: Ref, changed: readonly string[]): void {
  const { start_date: start, due_date: due, duration } = current(writing, task).values
  if (typeof start === 'string' && typeof duration === 'number' && !changed.includes('due_date')) {
    setTaskField(writing, task, 'due_date', addWorkdays(start, Math.max(1, Math.ceil(duration / minutesPerDay))))
  } else if (typeof start === 'string' && typeof due === 'string') {
    setTaskField(writing, task, 'duration', workdaysBetween(start, due) * minutesPerDay)
  }
}

function pushDownstream(writing: Writing, task: Ref, seen: Set<number>): void {
  if (seen.has(task.id)) return
  seen.add(task.id)
  const field = writing.world.schema.field('Task', 'downstream_tasks')!
  for (const next of linkedRows(writing.tx.view, current(writing, task), field)) {
    if (settle(writing, next, seen)) pushDownstream(writing, next, seen)
  }
}

/** Puts a task behind all it depends on. Whether its dates changed. */
function settle(writing: Writing, task: StoredRow, seen: ReadonlySet<number>): boolean {
  const { start_date: start, pinned, dependency_violation: violated } = task.values
  if (seen.has(task.id) || typeof start !== 'string') return false
  const earliest = upstreamOf(writing, task)
    .map((upstream) => upstream.values.due_date)
    .filter((due): due is string => typeof due === 'string')
    .map((due) => workday(due, 1))
    .reduce((latest, date) => (date > latest ? date : latest), '')
  const isEarly = start < earliest
  if (pinned === true || !isEarly) {
    if (isEarly !== (violated === true))
      touchIf(writing, task, setTaskField(writing, task, 'dependency_violation', isEarly))
    return false
  }
  move(writing, task, earliest)
  return true
}

function move(writing: Writing, task: StoredRow, start: string): void {
  const { start_date: from, due_date: due } = task.values
  const days = typeof from === 'string' && typeof due === 'string' ? workdaysBetween(from, due) : undefined
  setTaskField(writing, task, 'start_date', start)
  if (days) setTaskField(writing, task, 'due_date', addWorkdays(start, days))
  touch(writing, task)
}

function upstreamOf(writing: Writing, task: Ref): readonly StoredRow[] {
  const field = writing.world.schema.field('Task', 'upstream_tasks')!
  return linkedRows(writing.tx.view, current(writing, task), field)
}

export function setTaskField(writing: Writing, row: Ref, name: string, value: unknown): boolean {
  return writeField(writing, { row, field: writing.world.schema.field('Task', name)!, value })
}

function touchIf(writing: Writing, row: Ref, changed: boolean): void {
  if (changed) touch(writing, row)
}
