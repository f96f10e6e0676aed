/**
 * Fields that move along with another one of the same row, without an event of their own.
 *
 * Every edit of a row moves `updated_at` and `updated_by`; an edit of what makes up its name moves
 * `cached_display_name`, and for people `name`; a picture takes its filmstrip with it.
 */
import { displayNameFields } from '../shotgrid/schema.ts'

/** Fields of the same row that may have other values, nobody knows which, after `field` has changed. */
export function impliedFields(type: string, field: string): readonly string[] {
  if (field !== 'image' && !makesName(type, field) && !auditFields.includes(field)) return auditFields
  const implied = [...auditFields]
  if (makesName(type, field)) implied.push('cached_display_name', ...namesOfPeople(type))
  if (field === 'image') implied.push('filmstrip_image')
  return implied.filter((name) => name !== field)
}

/** The other way round: the fields of `type` by whose changes one learns that `field` may have changed. */
export function announcers(type: string, field: string): readonly string[] | 'any' {
  if (auditFields.includes(field)) return 'any'
  const makers = displayNameFields(type)
  if (field === 'cached_display_name') return makers ? [field, ...makers] : 'any'
  if (field === 'filmstrip_image') return [field, 'image']
  if (namesOfPeople(type).includes(field)) return [field, ...(makers ?? [])]
  return [field]
}

/** Whether a change of the field may alter the name that links to the row show. */
export function makesName(type: string, field: string): boolean {
  return field === 'any' || (displayNameFields(type)?.includes(field) ?? true)
}

const auditFields: readonly string[] = ['updated_at', 'updated_by']

const people = new Set(['HumanUser', 'ClientUser', 'ApiUser'])

function namesOfPeople(type: string): readonly string[] {
  return people.has(type) ? ['name', 'firstname', 'lastname'] : []
}
