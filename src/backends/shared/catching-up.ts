/**
 * Applies the log to the window of this process, in order, whoever asks for it and however many at once.
 *
 * Always true: the window holds no change without all those between its coverage and it. What was trimmed or lost
 * before it was read is a hole: the window begins anew after it, and what was checked before is not fresh (rule 7).
 */
import type { ChangeRecord, Position } from '../../cache/change.ts'
import type { ChangeWindow } from '../../cache/change-window.ts'
import type { Change } from '../../cache/ports.ts'
import type { LogEvent } from './log-event.ts'

export interface CatchingUpOptions {
  readonly window: ChangeWindow
  /** Changes of the window's epoch after `after`, in order, `limit` at most. */
  readonly read: (after: number, limit: number) => Promise<readonly Change[]>
  readonly report: (event: LogEvent) => void
}

/** Changes read at a time. */
const batch = 1000

export class CatchingUp {
  readonly #options: CatchingUpOptions
  #reading: Promise<number> | undefined

  constructor(options: CatchingUpOptions) {
    this.#options = options
  }

  /**
   * Applies all there is to read. `head`: a seq that the log is known to have reached; if it cannot be read up to
   * there, what is missing is lost, and so is the window.
   */
  async upTo(head = 0): Promise<void> {
    const { window } = this.#options
    const { epoch } = window
    for (;;) {
      while (this.#reading) await this.#reading.catch(() => {})
      if (window.epoch !== epoch || (head > 0 && window.head >= head)) return
      const before = window.head
      this.#reading = this.#readBatch().finally(() => {
        this.#reading = undefined
      })
      const count = await this.#reading
      if (window.epoch !== epoch) return
      if (count === 0 && window.head < head) return this.#lost(head)
      if (window.head >= head && (count < batch || window.head === before)) return
    }
  }

  /** What this process has just appended need not be read again, if nobody else came in between. */
  applyOwn(records: readonly ChangeRecord[], last: Position, at: number): void {
    const { window } = this.#options
    const first = last.seq - records.length + 1
    if (window.head !== first - 1) return
    records.forEach((record, index) => {
      window.apply({ ...record, epoch: last.epoch, seq: first + index, at })
    })
  }

  /** Gives how many changes were read. One at a time. */
  async #readBatch(): Promise<number> {
    const { window, read } = this.#options
    const { epoch } = window
    const changes = await read(window.head, batch)
    if (window.epoch !== epoch) return 0
    if (changes.length > 0 && changes[0]!.seq > window.head + 1) this.#tellHole(changes[0]!.seq - 1)
    for (const change of changes) window.apply(change)
    return changes.length
  }

  #lost(head: number): void {
    const { window } = this.#options
    this.#tellHole(head)
    window.begin({ epoch: window.epoch, seq: head })
  }

  #tellHole(head: number): void {
    this.#options.report({ kind: 'hole', after: this.#options.window.head, head })
  }
}
