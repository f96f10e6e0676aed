/**
 * The change log of one process: the window is the log.
 *
 * It begins empty with the process, in an epoch of its own, and ends with it. There is nobody else, so this process may
 * always answer, and a change is settled as soon as it is applied. The follower's position lives beside it and moves in
 * the same step as an append.
 */
import type { ChangeRecord, Position } from '../cache/change.ts'
import type { ChangeWindow } from '../cache/change-window.ts'
import type { ChangeLog, Cursor, CursorMove, CursorStore } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'
import { SgcacheError } from '../errors.ts'

export class MemoryLog implements ChangeLog, CursorStore {
  readonly window: ChangeWindow
  readonly settlesWithinMs = 0
  readonly #clock: Clock
  #cursor: Cursor | undefined
  #lastFence = 0

  constructor(window: ChangeWindow, clock: Clock) {
    this.window = window
    this.#clock = clock
  }

  async append(records: readonly ChangeRecord[], move?: CursorMove): Promise<Position> {
    if (move) this.#moveCursor(move)
    const { window } = this
    const { epoch } = window
    const at = this.#clock.now()
    for (const record of records) window.apply({ ...record, epoch, seq: window.head + 1, at })
    return { epoch, seq: window.head }
  }

  async settled(): Promise<void> {}

  mayAnswer(): boolean {
    return true
  }

  async load(): Promise<Cursor | undefined> {
    return this.#cursor
  }

  async close(): Promise<void> {}

  #moveCursor({ cursor, fence }: CursorMove): void {
    if (fence < this.#lastFence) throw new SgcacheError('FENCED', { fence, lastFence: this.#lastFence })
    this.#lastFence = fence
    this.#cursor = cursor
  }
}
