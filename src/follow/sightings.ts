/**
 * What a sweep saw: rows with the time and the hand of their last update, and which of them have been told of before.
 * Pure, but for the memory of what was told.
 */
import type { ChangeRecord } from '../cache/change.ts'
import type { Row } from '../shotgrid/wire.ts'
import type { Paged } from './paged.ts'
import { rowsRecord } from './records.ts'

export interface Sighting {
  readonly row: Row
  readonly isRetired: boolean
  /** By upstream's clock, ms; whole seconds. */
  readonly updatedAt: number
}

/** When a sweep read: the upstream time it is known to have been before, and our own moments around it. */
export interface Reading {
  readonly upTo: number | undefined
  readonly began: number
  readonly ended: number
}

export function sightings(active: Paged, retired: Paged): readonly Sighting[] {
  const see = (row: Row, isRetired: boolean) => ({ row, isRetired, updatedAt: Date.parse(String(row.updated_at)) })
  return [...active.rows.map((row) => see(row, false)), ...retired.rows.map((row) => see(row, true))]
}

/** Changes for rows that moved without an event, with what was read of them. Those made within the span may be new. */
export function sweepRecords(type: string, moved: readonly Sighting[], since: number | undefined): ChangeRecord[] {
  const active = moved.filter((seen) => !seen.isRetired)
  const made = active.filter((seen) => !(Date.parse(String(seen.row.created_at)) < (since ?? 0)))
  const retired = moved.filter((seen) => seen.isRetired)
  const record = (kind: 'change' | 'create' | 'retire') => (seen: Sighting) => {
    const { type: _, id, ...values } = seen.row
    const told = rowsRecord('sweep', kind, type, [id], 'updated without an event')
    return kind === 'retire' ? told : { ...told, values }
  }
  return [...active.map(record('change')), ...made.map(record('create')), ...retired.map(record('retire'))]
}

/** Remembers which moves of one type's rows have been told, while they stand in the swept span. */
export class ToldMoves {
  #told = new Map<string, { readonly move: string; readonly seenAt: number; readonly isOver: boolean }>()

  /** A move is told again if its second may not have been over when it was told: another may have hidden in it. */
  isNews(seen: Sighting): boolean {
    const told = this.#told.get(rowOf(seen))
    return told?.move !== moveOf(seen) || !told.isOver
  }

  /** After `told` of the rows in sight have been told; the others are forgotten unless they were told before. */
  remember(inSight: readonly Sighting[], told: readonly Sighting[], reading: Reading): void {
    const before = this.#told
    const news = new Set(told)
    this.#told = new Map()
    for (const seen of inSight) {
      const known = before.get(rowOf(seen))
      const move = moveOf(seen)
      const isSame = known?.move === move
      if (!news.has(seen)) {
        if (isSame) this.#told.set(rowOf(seen), known)
        continue
      }
      const seenAt = isSame ? known.seenAt : reading.ended
      const isOver = seen.updatedAt + 1000 <= (reading.upTo ?? 0) || (isSame && reading.began - seenAt >= 2000)
      this.#told.set(rowOf(seen), { move, seenAt, isOver })
    }
  }
}

function rowOf(seen: Sighting): string {
  return `${seen.row.id}${seen.isRetired ? ' retired' : ''}`
}

function moveOf(seen: Sighting): string {
  const by = (seen.row.updated_by ?? {}) as { readonly type?: unknown; readonly id?: unknown } // a link or nothing
  return `${seen.updatedAt} ${by.type} ${by.id}`
}
