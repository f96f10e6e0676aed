/**
 * What the sandbox knows of a field beyond what `schema_read` tells: where its value comes from.
 *
 * Definitions are written as text, one line a field (`schema-definition.ts`):
 *
 *     name dataType [required] [readonly] [unique] [indexed] [= default] [[value value]] [> Type Type]
 *          [inverse Type.field …] [retires] [via Connection.near.far [by orderField]] [computed] [perUser]
 */

/**
 * - `stored`: in the row. `indexed`: the rows that link to a target can be found without looking at all of them.
 * - `inverse`: a list, computed from the links of other rows that point here. `retires`: who leaves the list is retired.
 * - `connection`: a list kept in hidden rows of the type `connection`: `near` links here, `far` to the listed row.
 *   Each end sees it as a list.
 * - `computed`: worked out from other rows on every read; no event tells that it changed.
 * - `displayName`: the name that links to the row show.
 * - `perUser`: depends on who asks.
 */
export type Source =
  | { readonly kind: 'stored'; readonly indexed: boolean }
  | { readonly kind: 'inverse'; readonly of: readonly FieldName[]; readonly retires: boolean }
  | {
      readonly kind: 'connection'
      readonly connection: string
      readonly near: string
      readonly far: string
      readonly order?: string
    }
  | { readonly kind: 'computed' }
  | { readonly kind: 'displayName' }
  | { readonly kind: 'perUser' }
  | { readonly kind: 'id' }

export interface FieldName {
  readonly type: string
  readonly field: string
}

export interface FieldSpec {
  readonly name: string
  readonly label: string
  readonly dataType: string
  readonly validTypes: readonly string[]
  readonly validValues: readonly string[]
  readonly editable: boolean
  readonly required: boolean
  readonly unique: boolean
  readonly defaultValue: unknown
  readonly source: Source
}

export const idSpec: FieldSpec = plainField('id', 'number', { editable: false, source: { kind: 'id' } })

/** A stored field with nothing special about it. */
export function plainField(name: string, dataType: string, more: Partial<FieldSpec> = {}): FieldSpec {
  return {
    name,
    label: labelOf(name),
    dataType,
    validTypes: [],
    validValues: [],
    editable: true,
    required: false,
    unique: false,
    defaultValue: dataType === 'checkbox' ? false : null,
    source: { kind: 'stored', indexed: false },
    ...more,
  }
}

export function parseField(line: string): FieldSpec {
  const [name, dataType, ...words] = line.trim().split(/\s+/)
  if (!name || !dataType) throw new Error(`Not a field: ${line}`)
  const clauses = clausesOf(words)
  const has = (word: string) => clauses.has(word)
  const fallback = dataType === 'checkbox' ? false : null
  return plainField(name, dataType, {
    validTypes: clauses.get('>') ?? [],
    validValues: (clauses.get('[') ?? []).map((word) => word.replaceAll('_', ' ')),
    editable: !has('readonly') && !has('computed'),
    required: has('required'),
    unique: has('unique'),
    defaultValue: has('=') ? JSON.parse(clauses.get('=')![0]!) : fallback,
    source: sourceOf(clauses),
  })
}

function sourceOf(clauses: ReadonlyMap<string, readonly string[]>): Source {
  const via = clauses.get('via')
  const inverse = clauses.get('inverse')
  if (clauses.has('computed')) return { kind: 'computed' }
  if (clauses.has('perUser')) return { kind: 'perUser' }
  if (inverse) return { kind: 'inverse', of: inverse.map(fieldName), retires: clauses.has('retires') }
  if (!via) return { kind: 'stored', indexed: clauses.has('indexed') }
  const [connection, near, far] = via[0]!.split('.')
  const order = clauses.get('by')?.[0]
  return { kind: 'connection', connection: connection!, near: near!, far: far!, ...(order && { order }) }
}

const keywords = new Set('required readonly unique indexed = [ > inverse retires via by computed perUser'.split(' '))

/** Words by the keyword before them. */
function clausesOf(words: readonly string[]): Map<string, string[]> {
  const clauses = new Map<string, string[]>()
  let current: string[] = []
  for (const word of words) {
    if (keywords.has(word)) {
      current = []
      clauses.set(word, current)
    } else if (word !== ']') current.push(word)
  }
  return clauses
}

function fieldName(text: string): FieldName {
  const [type, field] = text.split('.')
  return { type: type!, field: field! }
}

function labelOf(name: string): string {
  const words = name.replace(/^sg_/, '').split('_')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ')
}
