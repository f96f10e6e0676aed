/**
 * Keeps warmed rows warm: a row that changed is read again soon after, several in one call, and a new one is read in.
 *
 * A read so soon after the change may still see the row as it was before, and its stamp would say so; so it waits until
 * the settle window has passed since the last change of that row, but no longer than `LONGEST_WAIT_MS`. A change of
 * which the rows are not named makes the type be warmed again, not more often than every few minutes.
 */
import type { Change } from '../cache/change.ts'
import { isBroad } from '../cache/change.ts'
import type { ChangeWindow } from '../cache/change-window.ts'
import type { Clock } from '../clock.ts'
import type { Report } from './follow-event.ts'
import type { WholeRows } from './whole-rows.ts'

export interface RefreshOptions {
  readonly rows: Pick<WholeRows, 'read'>
  readonly window: ChangeWindow
  readonly clock: Clock
  /** From the last change of a row until it is read again; at least the settle window. */
  readonly delayMs: number
  /** Reads a type whole. */
  readonly warm: (type: string, signal: AbortSignal) => Promise<unknown>
  readonly report: Report
}

const ROWS_PER_READ = 500
const LONGEST_WAIT_MS = 10_000
const BETWEEN_WARMINGS_MS = 300_000

interface Pending {
  readonly since: number
  readonly dueAt: number
}

export class Refresh {
  readonly #options: RefreshOptions
  readonly #pending = new Map<string, Map<number, Pending>>()
  /** Types to be read whole again, and from when. */
  readonly #whole = new Map<string, number>()
  readonly #warmedAt = new Map<string, number>()
  #seen: { readonly epoch: string; readonly seq: number }

  constructor(options: RefreshOptions) {
    this.#options = options
    this.#seen = { epoch: options.window.epoch, seq: options.window.head }
  }

  /** From now on rows of the type are kept warm. To be called before they are read. */
  watch(type: string): void {
    this.note()
    if (!this.#pending.has(type)) this.#pending.set(type, new Map())
    this.#warmedAt.set(type, this.#options.clock.monotonic())
  }

  get watched(): readonly string[] {
    return [...this.#pending.keys()]
  }

  get waiting(): number {
    return [...this.#pending.values()].reduce((sum, rows) => sum + rows.size, this.#whole.size)
  }

  /** Takes note of what the log says that is new. */
  note(): void {
    const { window } = this.#options
    const isOther = window.epoch !== this.#seen.epoch
    if (!isOther && window.head === this.#seen.seq) return
    const from = isOther ? 0 : this.#seen.seq
    if (isOther || from < window.coverage) for (const type of this.#pending.keys()) this.#wantWhole(type)
    for (const change of window.since(from)) this.#noteChange(change)
    this.#seen = { epoch: window.epoch, seq: window.head }
  }

  /** Reads again what is due. */
  async run(signal: AbortSignal): Promise<void> {
    this.note()
    const now = this.#options.clock.monotonic()
    for (const [type, dueAt] of [...this.#whole]) {
      if (dueAt > now) continue
      this.#whole.delete(type)
      this.#warmedAt.set(type, now)
      await this.#retrying(
        () => this.#options.warm(type, signal),
        () => this.#whole.set(type, now),
      )
    }
    for (const [type, rows] of this.#pending) {
      const due = [...rows].filter(([, row]) => row.dueAt <= now || row.since + LONGEST_WAIT_MS <= now)
      for (let i = 0; i < due.length; i += ROWS_PER_READ)
        await this.#read(type, due.slice(i, i + ROWS_PER_READ), signal)
    }
  }

  async #read(type: string, due: readonly (readonly [number, Pending])[], signal: AbortSignal): Promise<void> {
    const rows = this.#pending.get(type)!
    const ids = due.map(([id]) => id)
    const now = this.#options.clock.monotonic()
    // One that changed a moment ago is read now, having waited long, and once more when it has settled.
    for (const [id, { dueAt }] of due) {
      if (dueAt <= now) rows.delete(id)
      else rows.set(id, { since: now, dueAt })
    }
    await this.#retrying(
      () => this.#options.rows.read(type, { path: 'id', relation: 'in', values: ids }, ids.length, signal),
      () => {
        for (const [id, row] of due) if (!rows.has(id)) rows.set(id, row)
      },
    )
    this.#options.report({ event: 'refreshed', type, rows: ids.length })
  }

  /** What could not be read stays due. */
  async #retrying(work: () => Promise<unknown>, putBack: () => void): Promise<void> {
    try {
      await work()
    } catch (error) {
      putBack()
      throw error
    }
  }

  #noteChange(change: Change): void {
    if (change.type === '*') {
      if (change.kind !== 'access') for (const type of this.#pending.keys()) this.#wantWhole(type)
      return
    }
    const rows = this.#pending.get(change.type)
    if (!rows || change.kind === 'retire' || change.kind === 'access') return
    if (isBroad(change) || change.ids === 'any') this.#wantWhole(change.type)
    else this.#wantRows(rows, change.ids)
  }

  #wantRows(rows: Map<number, Pending>, ids: readonly number[]): void {
    const now = this.#options.clock.monotonic()
    const dueAt = now + this.#options.delayMs
    for (const id of ids) rows.set(id, { since: rows.get(id)?.since ?? now, dueAt })
  }

  #wantWhole(type: string): void {
    const soon = this.#options.clock.monotonic() + this.#options.delayMs
    const next = (this.#warmedAt.get(type) ?? Number.NEGATIVE_INFINITY) + BETWEEN_WARMINGS_MS
    if (!this.#whole.has(type)) this.#whole.set(type, Math.max(soon, next))
  }
}
