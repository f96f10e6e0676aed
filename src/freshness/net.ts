/** Gathers dependencies, one for each type, with every row and field once. */
import type { Dependency } from '../cache/entry.ts'

interface Gathered {
  readonly rows: Set<number>
  fields: Set<string> | 'any'
  presence: boolean
}

export class Net {
  readonly #types = new Map<string, Gathered>()

  rows(type: string, ids: Iterable<number>): void {
    const { rows } = this.#of(type)
    for (const id of ids) rows.add(id)
  }

  fields(type: string, names: readonly string[] | 'any'): void {
    const gathered = this.#of(type)
    if (names === 'any' || gathered.fields === 'any') gathered.fields = 'any'
    else for (const name of names) gathered.fields.add(name)
  }

  presence(type: string): void {
    this.#of(type).presence = true
  }

  /** Sorted, so that equal dependencies are equal texts. */
  dependencies(): readonly Dependency[] {
    return [...this.#types]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([type, { rows, fields, presence }]) => ({
        type,
        rows: [...rows].sort((a, b) => a - b),
        fields: fields === 'any' ? fields : [...fields].sort(),
        presence,
      }))
  }

  #of(type: string): Gathered {
    const known = this.#types.get(type)
    if (known) return known
    const gathered: Gathered = { rows: new Set(), fields: new Set(), presence: false }
    this.#types.set(type, gathered)
    return gathered
  }
}
