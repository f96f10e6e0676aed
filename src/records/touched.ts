/** Which fields of a row, as a reply shows it, the changes after the reply's stamp have touched. Pure. */
import type { Change } from '../cache/change.ts'
import { impliedFields } from '../freshness/implied-fields.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { isMarked, type Mark, marksOf } from './marks.ts'
import { everyField } from './row-state.ts'
import type { SeenRow } from './seen-rows.ts'

export type Touched = 'all' | ReadonlySet<string>

export class Touches {
  readonly #byType = new Map<string, Change[]>()
  readonly #marks: readonly { readonly seq: number; readonly mark: Mark }[]

  constructor(changes: readonly Change[], schema: Schema) {
    for (const change of changes) {
      const known = this.#byType.get(change.type)
      if (known) known.push(change)
      else this.#byType.set(change.type, [change])
    }
    this.#marks = changes.flatMap((change) => marksOf(change, schema).map((mark) => ({ seq: change.seq, mark })))
  }

  of(seen: SeenRow): Touched {
    const { type, id, stamp, values } = seen
    const fields = new Set<string>()
    for (const change of this.#byType.get(type) ?? []) {
      if (change.seq <= stamp || change.ids === 'any' || !change.ids.includes(id)) continue
      for (const field of fieldsOf(change)) fields.add(field)
    }
    for (const { seq, mark } of this.#marks) {
      if (seq > stamp && isMarked({ type, data: values }, mark)) for (const field of mark.fields) fields.add(field)
    }
    return fields.has(everyField) ? 'all' : fields
  }
}

function fieldsOf({ kind, type, field }: Change): readonly string[] {
  // A reply that shows a row is not older than its birth; what it shows may be newer.
  if (kind === 'schema' || kind === 'access' || kind === 'create') return []
  if (kind !== 'change' || field === 'any') return [everyField]
  return [field, ...impliedFields(type, field)]
}
