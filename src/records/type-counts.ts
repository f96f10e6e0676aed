/** Reads by scope and type, added up in memory until they are written. */
import { plainText } from '../backends/postgres/plain.ts'
import { type RecordedScopes, scopeName } from './recorded-scopes.ts'

const kinds = ['hits', 'misses', 'bypasses', 'stale', 'fetches', 'fetchedBytes', 'drops'] as const
export type Counted = (typeof kinds)[number]

/** What is added to a row of `cache_stats_by_type`. */
export type TypeDelta = { readonly scope: string; readonly type: string } & { readonly [kind in Counted]: number }

export class TypeCounts {
  readonly #scopes: RecordedScopes
  #counts = new Map<string, { scope: string; type: string } & Record<Counted, number>>()

  constructor(scopes: RecordedScopes) {
    this.#scopes = scopes
  }

  add({ scope, type }: { readonly scope: string; readonly type: string }, kind: Counted, by = 1): void {
    const name = scopeName(this.#scopes, scope)
    const key = `${name}\n${type}`
    let count = this.#counts.get(key)
    if (!count) {
      const zeros = { hits: 0, misses: 0, bypasses: 0, stale: 0, fetches: 0, fetchedBytes: 0, drops: 0 }
      count = { scope: name, type: plainText(type), ...zeros }
      this.#counts.set(key, count)
    }
    count[kind] += by
  }

  take(): readonly TypeDelta[] {
    const taken = [...this.#counts.entries()].sort(([one], [other]) => (one < other ? -1 : 1))
    this.#counts = new Map()
    return taken.map(([, count]) => count)
  }
}
