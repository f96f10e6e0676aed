/**
 * The inverse side of links: the lists on far rows that show a link which was written here. They are never written
 * themselves; what they get is an event that describes the row at this end.
 */
import { emitBackReference, type FieldChange } from './events.ts'
import { liveRow, type Ref, type StoredRow } from './row.ts'
import { noteUpdate, touch } from './touch.ts'
import type { Writing } from './writing.ts'

/** The lists on the far rows that show the link. */
export function backReferences(
  writing: Writing,
  change: FieldChange,
  added: readonly Ref[],
  removed: readonly Ref[],
  eventId: number | undefined,
): void {
  for (const inverse of writing.world.schema.inversesOf(change.row.type, change.field.name)) {
    for (const ref of removed) backReference(writing, change, inverse, ref, false, eventId)
    for (const ref of added) backReference(writing, change, inverse, ref, true, eventId)
  }
}

function backReference(
  writing: Writing,
  change: FieldChange,
  list: { readonly type: string; readonly field: string },
  ref: Ref,
  isAdded: boolean,
  eventId: number | undefined,
): void {
  const target = ref.type === list.type ? liveRow(writing.tx.view, ref) : undefined
  if (!target) return
  emitBackReference(writing, change, { target, field: list.field, isAdded }, eventId)
  noteFar(writing, target, list.field)
}

function noteFar(writing: Writing, target: StoredRow, field: string): void {
  noteUpdate({ ...writing, consequence: true }, target, field)
  if (writing.world.switches.inverseMovesUpdatedAt) touch(writing, target)
}

/** The lists at the far ends of connections that came and went. */
export function farReferences(
  writing: Writing,
  change: FieldChange,
  added: readonly Ref[],
  removed: readonly Ref[],
  eventId: number | undefined,
): void {
  for (const [refs, isAdded] of [
    [removed, false],
    [added, true],
  ] as const) {
    for (const ref of refs) {
      const list = writing.world.schema.farEnd(change.field, ref.type)
      if (list) backReference(writing, change, { type: ref.type, field: list.name }, ref, isAdded, eventId)
    }
  }
}
