/** Which relations a filter may use, by data type, as the site itself lists them. */

const text = ['is', 'is_not', 'contains', 'not_contains', 'starts_with', 'ends_with', 'in', 'not_in']
const number = ['is', 'is_not', 'greater_than', 'less_than', 'between', 'in', 'not_in']
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
const choice = ['is', 'is_not', 'in', 'not_in']
const link = ['is', 'is_not', 'in', 'not_in', 'type_is', 'type_is_not', 'name_is', 'name_contains', 'name_not_contains']

/** A data type that is not here cannot be filtered by. */
export const relationsOf: Readonly<Record<string, readonly string[]>> = {
  text,
  footage: choice,
  color: choice,
  number,
  float: number,
  currency: number,
  percent: number,
  duration: number,
  timecode: number,
  date: time,
  date_time: time,
  checkbox: ['is', 'is_not'],
  list: choice,
  status_list: choice,
  uuid: choice,
  entity_type: choice,
  entity: link,
  multi_entity: link,
  addressing: [...link, 'contains', 'not_contains', 'name_starts_with', 'name_ends_with'],
  image: ['is', 'is_not'],
  tag_list: ['is', 'is_not', 'name_contains', 'name_not_contains'],
}

/** Relations that are the opposite of another, and so also hold where there is no value. */
export const negations: Readonly<Record<string, string>> = {
  is_not: 'is',
  not_in: 'in',
  not_contains: 'contains',
  not_in_last: 'in_last',
  not_in_next: 'in_next',
  type_is_not: 'type_is',
  name_not_contains: 'name_contains',
}
