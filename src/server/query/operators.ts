/**
 * Which operators ShotGrid has for which data type, and how many values each takes.
 *
 * As the site itself lists them, with the few that only its documentation has. A data type that is not in the table is
 * one we do not know: nothing is said about it, and ShotGrid decides.
 */
const equality = ['is', 'is_not', 'in', 'not_in']
const text = [...equality, 'contains', 'not_contains', 'starts_with', 'ends_with']
const number = [...equality, 'greater_than', 'less_than', 'between']
const time = [
  ...number,
  'in_last',
  'not_in_last',
  'in_next',
  'not_in_next',
  'in_calendar_day',
  'in_calendar_week',
  'in_calendar_month',
  'in_calendar_year',
]
const link = [...equality, 'type_is', 'type_is_not', 'name_is', 'name_contains', 'name_not_contains']
const addressing = [...link, 'contains', 'not_contains', 'name_starts_with', 'name_ends_with']

const operatorsByType: Readonly<Record<string, readonly string[]>> = {
  text,
  number,
  float: number,
  duration: number,
  percent: number,
  timecode: number,
  currency: [...number, 'not_between'],
  date: time,
  date_time: time,
  checkbox: ['is', 'is_not'],
  list: equality,
  status_list: equality,
  uuid: equality,
  entity_type: equality,
  entity: link,
  multi_entity: link,
  addressing,
  image: ['is', 'is_not'],
  tag_list: ['is', 'is_not', 'name_contains', 'name_not_contains'],
  url: [],
  serializable: [],
  password: [],
  summary: [],
  calculated: [],
  pivot_column: [],
}

/** The operators of a data type; `undefined` for one that is not known. */
export function operatorsOf(dataType: string): readonly string[] | undefined {
  return Object.hasOwn(operatorsByType, dataType) ? operatorsByType[dataType] : undefined
}

/** All operators there are, for advice where the data type is not known. */
export function allOperators(): readonly string[] {
  return [...new Set(Object.values(operatorsByType).flat())]
}

/** What is wrong with so many values for an operator: what it takes, or `undefined` if they are right. */
export function wrongCount(operator: string, count: number): string | undefined {
  const exactly = counts[operator]
  if (exactly !== undefined) return count === exactly.count ? undefined : exactly.words
  if (operator === 'in' || operator === 'not_in') return count > 0 ? undefined : 'at least one value'
  return count === 1 ? undefined : 'exactly one value'
}

const two = { count: 2, words: 'exactly two values' }
const span = { count: 2, words: 'a number and a unit, such as 4, "HOUR"' }

const counts: Readonly<Record<string, { readonly count: number; readonly words: string }>> = {
  between: two,
  not_between: two,
  in_last: span,
  not_in_last: span,
  in_next: span,
  not_in_next: span,
}
