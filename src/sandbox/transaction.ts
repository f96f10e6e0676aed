/**
 * One transaction: what it has written is seen by itself alone until it commits, all at once, or is rolled back.
 *
 * Always true: ids it has taken, of rows and of events, are gone for good, whatever becomes of it. A row that it has
 * written can be written by no other transaction before it ends.
 */
import type { Caller } from './caller.ts'
import { RowLocked } from './fault.ts'
import type { JournalChange } from './journal.ts'
import { Overlay } from './overlay.ts'
import { refKey, type StoredRow } from './row.ts'
import type { World } from './world.ts'

export class Transaction {
  readonly view: Overlay
  readonly #world: World
  readonly #caller: Caller
  readonly #events: StoredRow[] = []
  readonly #changes: JournalChange[] = []
  readonly #effects: (() => void)[] = []
  readonly #locked: string[] = []
  #ended = false

  constructor(world: World, caller: Caller) {
    this.#world = world
    this.#caller = caller
    this.view = new Overlay(world.store)
  }

  put(row: StoredRow): void {
    const key = refKey(row)
    const holder = this.#world.locks.get(key)
    if (holder && holder !== this) throw new RowLocked(row.type, row.id)
    if (!holder) {
      this.#world.locks.set(key, this)
      this.#locked.push(key)
    }
    this.view.put(row.type, row.id, row)
  }

  event(row: StoredRow): void {
    this.#events.push(row)
  }

  note(change: JournalChange): void {
    this.#changes.push(change)
  }

  /** For what is no row: done when the transaction commits. */
  onCommit(effect: () => void): void {
    this.#effects.push(effect)
  }

  /** Nothing has been changed so far. */
  get isEmpty(): boolean {
    return this.#changes.length === 0
  }

  commit(): void {
    if (this.#ended) throw new Error('The transaction has ended.')
    const world = this.#world
    const atMs = world.clock.now()
    const { readLagMs, linkNameLagMs } = world.switches
    const history = readLagMs > 0 || linkNameLagMs > 0 ? { atMs: world.clock.monotonic() } : undefined
    for (const row of this.view.rows()) world.store.put(row, history)
    for (const effect of this.#effects) effect()
    world.eventLog.commit(this.#events, world.clock.monotonic())
    this.#end()
    if (this.#changes.length === 0 && this.#events.length === 0) return
    const eventIds = this.#events.map((event) => event.id)
    world.journal.tell({ atMs, by: this.#caller.user, changes: merged(this.#changes), eventIds })
  }

  rollback(): void {
    this.#end()
  }

  #end(): void {
    this.#ended = true
    for (const key of this.#locked) this.#world.locks.delete(key)
  }
}

/** One entry a row and kind, with all the fields; the fields of a row made in the same transaction are the create's. */
function merged(changes: readonly JournalChange[]): readonly JournalChange[] {
  const byKey = new Map<string, JournalChange>()
  for (const change of changes) {
    const kind = change.kind === 'update' && byKey.has(`create ${refKey(change)}`) ? 'create' : change.kind
    const key = `${kind} ${refKey(change)}`
    const before = byKey.get(key)
    const fields = [...new Set([...(before?.fields ?? []), ...change.fields])]
    const silent = change.silent && (before?.silent ?? true)
    const consequence = before?.consequence ?? change.consequence
    byKey.set(key, { ...change, kind, fields, silent, consequence })
  }
  return [...byKey.values()]
}
