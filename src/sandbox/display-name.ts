/**
 * The name by which a row is shown in every link to it: worked out from the row whenever it is read, so that a rename
 * shows everywhere at once.
 */
import type { StoredRow } from './row.ts'

const nameFields: Readonly<Record<string, readonly string[]>> = {
  Project: ['name'],
  Task: ['content'],
  Reply: ['content'],
  Note: ['subject'],
  HumanUser: ['name'],
  ApiUser: ['firstname'],
  Department: ['name'],
  Tag: ['name'],
  Status: ['name', 'code'],
  Attachment: ['display_name', 'filename'],
  EventLogEntry: ['event_type'],
}

const byCode = ['code']

export function displayName(row: StoredRow): string {
  if (row.type === 'Delivery') return `#${row.id}: ${String(row.values.title ?? '')}`
  for (const field of nameFields[row.type] ?? byCode) {
    const value = row.values[field]
    if (typeof value === 'string') return value
  }
  return `${row.type} ${row.id}`
}
