/**
 * Tells the other processes which entity types this one answers with, so that whoever follows looks for silent changes
 * of those types too.
 *
 * A type is noted for as long as an entry can be fresh, and noted again when it has been seen after a while. One that
 * could not be noted is noted later; until then it is swept by nobody, as any type in its first moments.
 *
 * Cost: a look-up per dependency of an entry that was stored or came from the store; one small call now and then.
 */
import type { Entry } from '../cache/entry.ts'
import type { SharedTypes } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'

export interface TypeNotesOptions {
  readonly types: Pick<SharedTypes, 'note'>
  readonly clock: Clock
  /** How long an entry can be fresh. */
  readonly freshMs: number
}

const againMs = 60_000

export class TypeNotes {
  readonly #options: TypeNotesOptions
  readonly #due = new Set<string>()
  /** When a type was last noted, monotonic. */
  readonly #notedAt = new Map<string, number>()

  constructor(options: TypeNotesOptions) {
    this.#options = options
  }

  saw(entry: Entry): void {
    const now = this.#options.clock.monotonic()
    for (const { type } of entry.dependencies) {
      if (now - (this.#notedAt.get(type) ?? Number.NEGATIVE_INFINITY) >= againMs) this.#due.add(type)
    }
  }

  async run(): Promise<void> {
    if (this.#due.size === 0) return
    const { types, clock, freshMs } = this.#options
    const due = [...this.#due]
    const now = clock.monotonic()
    await types.note(due, freshMs + againMs)
    for (const type of due) {
      this.#due.delete(type)
      this.#notedAt.set(type, now)
    }
  }
}
