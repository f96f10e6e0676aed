/**
 * Which moves of rows the log accounts for.
 *
 * An event *explains* that a row was updated at a time by somebody only if its own time and its own user are the same,
 * to the second: an event of another time or user is about something else. Two edits of one row in one second by one
 * user cannot be told apart by anybody.
 */
import { eventKind } from '../freshness/event-kind.ts'
import { eventRow } from '../freshness/event-row.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'

export class Explanations {
  readonly #keepMs: number
  #moves = new Map<string, number>()
  #newest = 0

  /** Events older than the newest by more than `keepMs` are forgotten: what they explain is found changed once more. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs
  }

  /** Takes note of events whose changes are in the log. */
  note(events: readonly EventLogEntry[]): void {
    for (const event of events) {
      const at = Date.parse(event.created_at)
      const kind = eventKind(event.event_type, () => true)
      if (!Number.isFinite(at) || kind.kind !== 'row') continue
      const rows = eventRow(event, kind.type)
      if (rows === 'any') continue
      for (const id of rows) this.#moves.set(moveKey(kind.type, id, at, event.user), at)
      this.#newest = Math.max(this.#newest, at)
    }
    if (this.#moves.size > 10_000) this.#forget()
  }

  explains(type: string, id: number, at: number, by: unknown): boolean {
    return this.#moves.has(moveKey(type, id, at, by))
  }

  /** Moves stand in order of arrival, nearly that of time: forgetting stops at the first that is young enough. */
  #forget(): void {
    for (const [key, at] of this.#moves) {
      if (this.#newest - at <= this.#keepMs) return
      this.#moves.delete(key)
    }
  }
}

function moveKey(type: string, id: number, at: number, by: unknown): string {
  const user = (by ?? {}) as { readonly type?: unknown; readonly id?: unknown } // a link, or nothing that is one
  return `${type}:${id}@${Math.floor(at / 1000)}:${user.type ?? ''}:${user.id ?? ''}`
}
