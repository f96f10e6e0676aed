/** What the web pages and desktop tools ask for besides rows: text search, note threads, activity. */
import { displayName } from './display-name.ts'
import { malformed } from './fault.ts'
import { compileFilter } from './filter.ts'
import { linkedRows } from './links.ts'
import { rowArgument } from './person-methods.ts'
import { type Args, compileFields } from './read.ts'
import type { Reading } from './reading.ts'
import { isRef, liveRow, refsIn, type StoredRow, sameRef } from './row.ts'

/** Rows of the given types whose display name holds every word of the text. */
export function displayNameCache(reading: Reading, args: Args): unknown {
  const text = String(args.text ?? '')
  if (text.length < 3) throw malformed('API query_display_name_cache() needs a text of at least 3 characters.')
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean)
  const projects = new Set(Array.isArray(args.project_ids) ? args.project_ids : [])
  const limit = typeof args.max_results === 'number' ? args.max_results : Number.POSITIVE_INFINITY
  const matches: unknown[] = []
  for (const [type, filters] of Object.entries((args.entity_types ?? {}) as Args)) {
    if (!reading.schema.has(type)) throw malformed(`API query_display_name_cache() unknown entity type: ${type}`)
    const passes = compileFilter(reading, type, filters ?? { logical_operator: 'and', conditions: [] })
    for (const id of reading.view.ids(type)) {
      const row = reading.view.get(type, id)!
      if (matches.length >= limit || row.retired || !reading.sight.seesRow(row) || !passes(row)) continue
      const { project } = row.values
      if (projects.size > 0 && !(isRef(project) && projects.has(project.id))) continue
      if (terms.every((term) => displayName(row).toLowerCase().includes(term))) matches.push(match(reading, row))
    }
  }
  return { matches, terms }
}

function match(reading: Reading, row: StoredRow): unknown {
  const { project, entity, sg_status_list: status, image } = row.values
  const target = liveRow(reading.view, entity)
  return {
    id: row.id,
    type: row.type,
    name: displayName(row),
    project_id: isRef(project) ? project.id : null,
    image: typeof image === 'number' ? reading.sign(`/file_serve/thumbnail/${image}`) : null,
    links: target ? [target.type, displayName(target)] : ['', ''],
    status: status ?? null,
  }
}

const threadFields: Readonly<Record<string, readonly string[]>> = {
  Note: ['subject', 'content', 'user', 'created_at', 'created_by', 'read_by_current_user', 'sg_status_list'],
  Reply: ['content', 'user', 'created_at'],
  Attachment: ['this_file', 'display_name', 'created_at', 'created_by', 'image'],
}

/** The note, then its replies and attachments in the order of their making. */
export function noteThread(reading: Reading, args: Args): unknown {
  const note = rowArgument(reading, { type: 'Note', id: args.note_id }, 'note_id')
  const list = (name: string) => linkedRows(reading.view, note, reading.schema.field('Note', name)!)
  const rest = [...list('replies'), ...list('attachments')].sort(
    (a, b) => String(a.values.created_at).localeCompare(String(b.values.created_at)) || a.id - b.id,
  )
  const extra = (args.entity_fields ?? {}) as Readonly<Record<string, unknown>>
  return [note, ...rest].map((row) => {
    const more = Array.isArray(extra[row.type]) ? (extra[row.type] as unknown[]).map(String) : []
    return compileFields(reading, row.type, [...threadFields[row.type]!, ...more])(row)
  })
}

/** The row's events, newest first. */
export function activityStream(reading: Reading, args: Args): unknown {
  const row = rowArgument(reading, { type: args.type, id: args.id }, 'id')
  const limit = typeof args.limit === 'number' ? args.limit : 50
  const min = typeof args.min_id === 'number' ? args.min_id : 0
  const max = typeof args.max_id === 'number' ? args.max_id : Number.POSITIVE_INFINITY
  const updates: unknown[] = []
  const ids = reading.view.ids('EventLogEntry')
  for (let i = ids.length - 1; i >= 0 && updates.length < limit; i -= 1) {
    const event = reading.view.get('EventLogEntry', ids[i]!)!
    const [concerned] = refsIn(event.values.entity)
    if (!concerned || !sameRef(concerned, row) || event.id < min || event.id > max) continue
    updates.push({ id: event.id, ...update(reading, event), read: false })
  }
  const known = updates as { id: number }[]
  const [latest, earliest] = [known[0]?.id ?? null, known.at(-1)?.id ?? null]
  return { entity_type: row.type, entity_id: row.id, earliest_update_id: earliest, latest_update_id: latest, updates }
}

function update(reading: Reading, event: StoredRow): object {
  const fields = ['created_at', 'user', 'meta', 'entity']
  const { created_at, user, meta, entity } = compileFields(reading, 'EventLogEntry', fields)(event)
  const kind = String(event.values.event_type).endsWith('_New') ? 'create' : 'update'
  return { update_type: kind, created_at, created_by: user, meta, primary_entity: entity }
}
