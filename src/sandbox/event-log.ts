/**
 * When events become visible. Their ids are taken as they are written, inside a transaction; they can be read once it
 * has committed, `eventLagMs` have passed and nothing holds them back. So lower ids may appear after higher ones, and
 * the ids of a transaction that was rolled back never do.
 */
import type { StoredRow } from './row.ts'
import type { Store } from './store.ts'
import type { SandboxSwitches } from './switches.ts'

interface Waiting {
  readonly row: StoredRow
  readonly visibleAtMs: number
}

export class EventLog {
  readonly #store: Store
  readonly #switches: SandboxSwitches
  #waiting: Waiting[] = []

  constructor(store: Store, switches: SandboxSwitches) {
    this.#store = store
    this.#switches = switches
  }

  takeId(): number {
    return this.#store.table('EventLogEntry').takeId()
  }

  /** How many are committed but cannot be read yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  commit(rows: readonly StoredRow[], nowMs: number): void {
    const visibleAtMs = nowMs + this.#switches.eventLagMs
    for (const row of rows) this.#waiting.push({ row, visibleAtMs })
    this.release(nowMs)
  }

  /** Forgets all but the newest `keep` events, as hosted sites archive theirs. */
  cull(keep: number): void {
    this.#store.table('EventLogEntry').dropOldest(keep)
  }

  /** Makes visible what is due. Called before every read. */
  release(nowMs: number): void {
    if (this.#waiting.length === 0 || this.#switches.holdEvents) return
    const later: Waiting[] = []
    for (const entry of this.#waiting) {
      if (entry.visibleAtMs <= nowMs) this.#store.put(entry.row)
      else later.push(entry)
    }
    this.#waiting = later
    const { eventLogLimit } = this.#switches
    if (this.#store.ids('EventLogEntry').length > eventLogLimit * 1.1) this.cull(eventLogLimit)
  }
}
