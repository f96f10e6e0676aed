/** The small things that every write of a row does. */
import type { Ref, StoredRow } from './row.ts'
import type { Writing } from './writing.ts'

/** The row as the transaction sees it now. */
export function current(writing: Writing, { type, id }: Ref): StoredRow {
  return writing.tx.view.get(type, id)!
}

/** Moves `updated_at` and `updated_by`; no event says so. */
export function touch(writing: Writing, ref: Ref): void {
  const row = current(writing, ref)
  if (!('updated_at' in row.values)) return
  const audit = { updated_at: writing.now, updated_by: writing.caller.user }
  writing.tx.put({ ...row, values: { ...row.values, ...audit } })
}

export function noteUpdate(writing: Writing, { type, id }: Ref, field: string): void {
  const { silent, consequence } = writing
  writing.tx.note({ kind: 'update', type, id, fields: [field], silent, consequence })
}
