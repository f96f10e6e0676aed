/**
 * Whether a filter condition holds for one value, in three values: it does, it does not, or nobody can say.
 *
 * This is not an evaluator of the site's filter language but a judge of what is certain about it. `undefined` is the
 * answer for every value that is not known, every operator whose meaning is not proven (relative dates, display names,
 * computed fields) and every spelling the site may compare in its own way (letters beyond ASCII, wildcards, fractions,
 * dates without a time). Who asks must take `undefined` as "could be either".
 */
export type Truth = boolean | undefined

export interface Condition {
  readonly dataType: string
  readonly relation: string
  readonly values: readonly unknown[]
}

/** For single values. Lists of links are judged by `listHolds`. */
export function holds(condition: Condition, value: unknown): Truth {
  if (value === undefined) return undefined
  const { dataType, relation, values } = condition
  const positive = positiveOf[relation]
  if (positive !== undefined) return not(holds({ dataType, relation: positive, values }, value))
  return judges[dataType]?.(relation, values, value)
}

export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth
}

/** False if any is false, true if all are true. */
export function all(truths: Iterable<Truth>): Truth {
  let result: Truth = true
  for (const truth of truths) {
    if (truth === false) return false
    if (truth === undefined) result = undefined
  }
  return result
}

/** True if any is true, false if all are false. */
export function some(truths: Iterable<Truth>): Truth {
  let result: Truth = false
  for (const truth of truths) {
    if (truth === true) return true
    if (truth === undefined) result = undefined
  }
  return result
}

/** Negations hold exactly where the positive does not: rows without a value included. */
const positiveOf: Readonly<Record<string, string>> = { is_not: 'is', not_in: 'in', not_contains: 'contains' }

type Judge = (relation: string, values: readonly unknown[], value: unknown) => Truth

/** `is` and `in` by a comparison of two values; `is null` by there being none. */
function equality(same: (wanted: unknown, value: unknown) => Truth): Judge {
  return (relation, values, value) => {
    if (relation === 'is' && values.length === 1) {
      const wanted = values[0]
      if (wanted === null) return value === null
      return value === null ? false : same(wanted, value)
    }
    if (relation !== 'in' || values.length === 0) return undefined
    // What an empty value among others selects is not known.
    if (value === null) return values.some((wanted) => wanted === null || wanted === '') ? undefined : false
    return some(values.map((wanted) => (wanted === null || wanted === '' ? false : same(wanted, value))))
  }
}

/** Adds `greater_than`, `less_than` and `between` by a three-valued order: negative, 0, positive, or not known. */
function ordered(compare: (value: unknown, bound: unknown) => number | undefined): Judge {
  const equal = equality((wanted, value) => {
    const order = compare(value, wanted)
    return order === undefined ? undefined : order === 0
  })
  return (relation, values, value) => {
    if (relation === 'is' || relation === 'in') return equal(relation, values, value)
    const bounds = boundsOf[relation]
    if (bounds === undefined || values.length !== bounds) return undefined
    if (value === null || values.includes(null)) return false
    const orders = values.map((bound) => compare(value, bound))
    if (orders.some((order) => order === undefined)) return undefined
    const [first, second] = orders as readonly number[] // none is undefined, the line above says
    if (relation === 'greater_than') return first! > 0
    if (relation === 'less_than') return first! < 0
    return first! * second! <= 0 // between the two, whichever comes first
  }
}

const boundsOf: Readonly<Record<string, number>> = { greater_than: 1, less_than: 1, between: 2 }

function text(relation: string, values: readonly unknown[], raw: unknown): Truth {
  const value = raw === '' ? null : raw
  if (relation === 'is' && values[0] === '') return text('is', [null], value)
  const pattern = patternOf[relation]
  if (!pattern) return textEquality(relation, values, value)
  const [wanted] = values
  if (values.length !== 1 || typeof wanted !== 'string') return undefined
  if (value === null) return false
  if (wanted === '') return relation === 'contains' ? true : undefined
  if (!isPlain(wanted) || !isPlain(value)) return undefined
  // `_` and `%` may be wildcards to the site: certain is what holds either way.
  const literal = new RegExp(pattern(escaped(wanted)), 'i').test(value)
  const wild = new RegExp(pattern(escaped(wanted).replaceAll('_', '.').replaceAll('%', '.*')), 'i').test(value)
  return literal === wild ? literal : undefined
}

const patternOf: Readonly<Record<string, (body: string) => string>> = {
  contains: (body) => body,
  starts_with: (body) => `^${body}`,
  ends_with: (body) => `${body}$`,
}

const escaped = (wanted: string) => wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const textEquality = equality((wanted, value) => {
  if (!isPlain(wanted) || !isPlain(value)) return wanted === value && typeof value === 'string' ? true : undefined
  return wanted.toLowerCase() === value.toLowerCase()
})

/** Words of a vocabulary. Whether the site minds their case is not known. */
const word = equality((wanted, value) => {
  if (wanted === value && typeof value === 'string') return true
  if (!isPlain(wanted) || !isPlain(value)) return undefined
  return wanted.toLowerCase() === value.toLowerCase() ? undefined : false
})

/** Text that every collation compares alike: visible ASCII, no blanks at the ends, nothing the site escapes. */
function isPlain(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value) && !/[<>&\\]/.test(value)
}

function whole(value: unknown): number | undefined {
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value)
  return Number.isSafeInteger(value) ? (value as number) : undefined // isSafeInteger says that it is a number
}

function compareWhole(value: unknown, bound: unknown): number | undefined {
  const [a, b] = [whole(value), whole(bound)]
  return a === undefined || b === undefined ? undefined : a - b
}

/** Fractions are rounded somewhere on their way: two that are close may be equal to the site or not. */
function compareFractions(value: unknown, bound: unknown): number | undefined {
  if (typeof value !== 'number' || typeof bound !== 'number') return undefined
  if (Number.isSafeInteger(value) && Number.isSafeInteger(bound)) return value - bound
  return Math.abs(value - bound) > 0.011 ? value - bound : undefined
}

function compareDates(value: unknown, bound: unknown): number | undefined {
  if (!isDate(value) || !isDate(bound)) return undefined
  return value === bound ? 0 : value < bound ? -1 : 1
}

function compareTimes(value: unknown, bound: unknown): number | undefined {
  const at = timeOf(value)
  if (at === undefined) return undefined
  if (isDate(bound)) {
    // A date alone is midnight of some time zone: only what is far from it is certain.
    const distance = at - Date.parse(`${bound}T00:00:00Z`)
    return Math.abs(distance) > 36 * 3_600_000 ? distance : undefined
  }
  const other = timeOf(bound)
  return other === undefined ? undefined : at - other
}

function isDate(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && Number.isFinite(Date.parse(value))
}

/** Both spellings of the site: `2015-07-13T21:54:01Z` in replies, `2015-07-13 21:54:01 UTC` in events. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:Z| UTC)$/.exec(value)
  const time = parts ? Date.parse(`${parts[1]}T${parts[2]}Z`) : Number.NaN
  return Number.isFinite(time) ? time : undefined
}

const checkbox: Judge = (relation, values, value) => {
  const [wanted] = values
  if (relation !== 'is' || typeof wanted !== 'boolean' || typeof value !== 'boolean') return undefined
  return wanted === value
}

const linkEquality = equality((wanted, value) => sameRow(wanted, value))

const link: Judge = (relation, values, value) => {
  if (relation !== 'type_is') return linkEquality(relation, values, value)
  const [wanted] = values
  if (values.length !== 1 || typeof wanted !== 'string') return undefined
  return value === null ? false : isRow(value) ? value.type === wanted : undefined
}

/** Whether two links lead to one row, or `undefined` if one of them is no link. */
export function sameRow(a: unknown, b: unknown): Truth {
  return isRow(a) && isRow(b) ? a.type === b.type && a.id === b.id : undefined
}

export function isRow(value: unknown): value is { readonly type: string; readonly id: number } {
  if (typeof value !== 'object' || value === null) return false
  const { type, id } = value as { readonly type?: unknown; readonly id?: unknown }
  return typeof type === 'string' && Number.isInteger(id)
}

const judges: Readonly<Record<string, Judge>> = {
  text,
  number: ordered(compareWhole),
  percent: ordered(compareWhole),
  duration: ordered(compareWhole),
  timecode: ordered(compareWhole),
  float: ordered(compareFractions),
  currency: ordered(compareFractions),
  date: ordered(compareDates),
  date_time: ordered(compareTimes),
  checkbox,
  list: word,
  status_list: word,
  uuid: word,
  entity_type: word,
  entity: link,
}
