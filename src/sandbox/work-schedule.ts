/**
 * Which days are worked: Saturdays and Sundays are off, and there are exceptions of the studio, of a project, of a
 * person; the closest to the person counts. When a day becomes another, the tasks that go over it are worked out anew.
 */
import { isDayOff, isoDate, workday } from './dates.ts'
import { malformed } from './fault.ts'
import { rowArgument } from './person-methods.ts'
import type { Args } from './read.ts'
import type { Reading } from './reading.ts'
import { isRef, liveRow, type Ref, refKey, sameRef } from './row.ts'
import { minutesPerDay, setTaskField } from './schedule.ts'
import { touch } from './touch.ts'
import { linkTo } from './values.ts'
import type { World } from './world.ts'
import type { Writing } from './writing.ts'

interface Day {
  readonly description: string | null
  readonly reason: string
  readonly working: boolean
}

/** Whose exception it is: a project's, a person's, or (neither) the studio's. */
interface Owner {
  readonly project: Ref | undefined
  readonly user: Ref | undefined
}

export class WorkSchedule {
  readonly #exceptions = new Map<string, Day>()

  day(date: string, { project, user }: Owner): Day {
    const ofStudio = { description: null, reason: 'STUDIO_WORK_WEEK', working: !isDayOff(Date.parse(date)) }
    const owners = [user, project].flatMap((owner) => (owner ? [refKey(owner)] : []))
    const found = [...owners, 'studio'].map((owner) => this.#exceptions.get(`${owner} ${date}`))
    return found.find((exception) => exception !== undefined) ?? ofStudio
  }

  except(date: string, { project, user }: Owner, day: Omit<Day, 'reason'>): void {
    const owner = project ?? user
    const reason = `${project ? 'PROJECT' : user ? 'USER' : 'STUDIO'}_EXCEPTION`
    this.#exceptions.set(`${owner ? refKey(owner) : 'studio'} ${date}`, { ...day, reason })
  }
}

export function readWorkSchedule(reading: Reading, args: Args, world: World): unknown {
  const [from, to] = [args.start_date, args.end_date].map((date) => Date.parse(String(date)))
  if (Number.isNaN(from) || Number.isNaN(to)) throw malformed('API work_schedule_read() needs start_date and end_date.')
  const owner = ownerIn(reading, args)
  const days: Record<string, Day> = {}
  for (let ms = from!; ms <= to!; ms += 86_400_000) days[isoDate(ms)] = world.workSchedule.day(isoDate(ms), owner)
  return days
}

export function updateWorkSchedule(writing: Writing, args: Args): unknown {
  const { date, working } = args
  if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date) || typeof working !== 'boolean') {
    throw malformed('API work_schedule_update() needs date and working.')
  }
  const owner = ownerIn(writing.reading, args)
  if (owner.project && owner.user) throw malformed('API work_schedule_update() takes a project or a user, not both.')
  const { workSchedule } = writing.world
  const description = args.description === undefined ? null : (args.description as string | null)
  const hasChanged = workSchedule.day(date, owner).working !== working
  writing.tx.onCommit(() => workSchedule.except(date, owner, { description, working }))
  if (hasChanged && !owner.user)
    recalculate(writing, date, owner.project, working, args.recalculate_field === 'due_date')
  const link = (ref: Ref | undefined) => (ref ? linkTo(writing.reading, liveRow(writing.tx.view, ref)!) : null)
  return { date, description, project: link(owner.project), user: link(owner.user), working }
}

function ownerIn(reading: Reading, { project, user }: Args): Owner {
  const row = (ref: unknown, name: string) => (ref ? rowArgument(reading, ref, name) : undefined)
  return { project: row(project, 'project'), user: row(user, 'user') }
}

/** Either the day on which a task is due gives way, or the work that is put into it. */
function recalculate(
  writing: Writing,
  date: string,
  project: Ref | undefined,
  isGained: boolean,
  movesDue: boolean,
): void {
  const { tx } = writing
  const later: Writing = { ...writing, consequence: true }
  for (const id of tx.view.ids('Task')) {
    const task = tx.view.get('Task', id)!
    const { start_date: start, due_date: due, duration, project: its } = task.values
    if (task.retired || typeof start !== 'string' || typeof due !== 'string' || start > date || due < date) continue
    if (project && !(isRef(its) && sameRef(its, project))) continue
    const minutes = (typeof duration === 'number' ? duration : 0) + (isGained ? minutesPerDay : -minutesPerDay)
    const isSet = movesDue
      ? setTaskField(later, task, 'due_date', isGained ? due : workday(due, 1))
      : setTaskField(later, task, 'duration', Math.max(minutesPerDay, minutes))
    if (isSet) touch(later, task)
  }
}
