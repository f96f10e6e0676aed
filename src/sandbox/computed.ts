/**
 * Fields worked out from other rows on each read: summaries and calculated fields. Nothing is stored, and no event ever
 * tells that one of them changed.
 */
import { linkedRows } from './links.ts'
import { refsIn, type StoredRow, type View } from './row.ts'
import type { SiteSchema } from './site-schema.ts'

type Compute = (row: StoredRow, view: View, schema: SiteSchema) => unknown

const openNotes: Compute = (row, view, schema) => {
  const notes = schema.field(row.type, 'notes')
  if (!notes) return 0
  return linkedRows(view, row, notes).filter((note) => note.values.sg_status_list === 'opn').length
}

const computations: Readonly<Record<string, Compute>> = {
  'Sequence.shot_count': (row, view) =>
    view.referrers('Shot', 'sg_sequence', row).filter((shot) => !shot.retired).length,
  'Shot.open_notes_count': openNotes,
  'Asset.open_notes_count': openNotes,
  'Task.open_notes_count': openNotes,
  'Version.open_notes_count': openNotes,
  'Shot.smart_cut_summary': ({ values }) =>
    values.sg_cut_in === null || values.sg_cut_out === null ? null : `${values.sg_cut_in}-${values.sg_cut_out}`,
  'Task.workload': ({ values }) => {
    const people = refsIn(values.task_assignees).length
    return typeof values.duration === 'number' && people > 0 ? Math.round(values.duration / people) : null
  },
}

/** `undefined` for what cannot be read through the API, such as the pipeline columns of the web pages. */
export function compute(row: StoredRow, field: string, view: View, schema: SiteSchema): unknown {
  return computations[`${row.type}.${field}`]?.(row, view, schema)
}
