/**
 * Values that belong to a row and a caller: when I last opened a project, whether I have read a note. They are no part
 * of the row, move no `updated_at` and leave no change events.
 */
import { type Ref, refKey } from './row.ts'

export class PerUserValues {
  readonly #values = new Map<string, unknown>()

  get(user: Ref, row: Ref, field: string): unknown {
    return this.#values.get(key(user, row, field))
  }

  set(user: Ref, row: Ref, field: string, value: unknown): void {
    this.#values.set(key(user, row, field), value)
  }
}

function key(user: Ref, row: Ref, field: string): string {
  return `${refKey(user)} ${refKey(row)} ${field}`
}
