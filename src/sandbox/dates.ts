/**
 * Dates as the API spells them (`2026-01-21`, `2026-01-21T19:47:33Z`, always UTC) and the calendar of its relative
 * filters, whose days, weeks, months and years begin at midnight UTC.
 */
const dayMs = 86_400_000

export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

export function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** The spelling in the event log: `2026-01-21 19:47:33 UTC`. */
export function eventDateTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

/** A date or date-time in canonical date-time spelling: a date is its midnight. `undefined` if it is neither. */
export function toDateTime(value: string): string | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return Number.isNaN(Date.parse(value)) ? undefined : `${value}T00:00:00Z`
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/.test(value)) return undefined
  const ms = Date.parse(value.replace(' UTC', 'Z').replace(' ', 'T'))
  return Number.isNaN(ms) ? undefined : isoSeconds(ms)
}

export const timeUnits = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR'] as const
export type TimeUnit = (typeof timeUnits)[number]

/** `count` units later (earlier if negative); months and years by the calendar. */
export function shift(ms: number, count: number, unit: TimeUnit): number {
  if (unit === 'HOUR') return ms + count * 3_600_000
  if (unit === 'DAY') return ms + count * dayMs
  if (unit === 'WEEK') return ms + count * 7 * dayMs
  const date = new Date(ms)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + (unit === 'MONTH' ? count : 12 * count))
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, daysInMonth))
  return date.getTime()
}

export type CalendarUnit = 'day' | 'week' | 'month' | 'year'

/** The first moment of the calendar unit around `ms`. Weeks begin on Monday. */
export function startOf(ms: number, unit: CalendarUnit): number {
  const date = new Date(ms)
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  if (unit === 'day') return midnight
  if (unit === 'week') return midnight - ((date.getUTCDay() + 6) % 7) * dayMs
  return Date.UTC(date.getUTCFullYear(), unit === 'month' ? date.getUTCMonth() : 0, 1)
}

/** The calendar unit `offset` units away from now: `[from, to)`, as date-times. */
export function calendarSpan(nowMs: number, offset: number, unit: CalendarUnit): readonly [from: string, to: string] {
  const step = { day: 'DAY', week: 'WEEK', month: 'MONTH', year: 'YEAR' } as const
  const from = shift(startOf(nowMs, unit), offset, step[unit])
  return [isoSeconds(from), isoSeconds(shift(from, 1, step[unit]))]
}

/** The next working day after `date`, or the date itself if it is one. Saturdays and Sundays are off. */
export function workday(date: string, after = 0): string {
  let ms = Date.parse(date) + after * dayMs
  while (isDayOff(ms)) ms += dayMs
  return isoDate(ms)
}

export function isDayOff(ms: number): boolean {
  const day = new Date(ms).getUTCDay()
  return day === 0 || day === 6
}

/** Working days from `start` to `due`, both counted. */
export function workdaysBetween(start: string, due: string): number {
  let count = 0
  for (let ms = Date.parse(start); ms <= Date.parse(due); ms += dayMs) if (!isDayOff(ms)) count += 1
  return Math.max(1, count)
}

/** The day on which work of `days` working days that begins on `start` is due. */
export function addWorkdays(start: string, days: number): string {
  let date = workday(start)
  for (let left = days - 1; left > 0; left -= 1) date = workday(date, 1)
  return date
}
