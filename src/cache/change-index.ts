/**
 * Finds, among many changes, those that may concern a set of dependencies.
 *
 * The changes lie in a ring, in order of seq. Each belongs to some *chains*: all changes of its type; those of each of
 * its rows; those of its field; and one of broad, any row, or rows coming and going. A chain is threaded through the
 * ring by seq: the index holds the seq of its last change, each change the seq of the one before. A walk back along a
 * chain ends where the caller's knowledge or the ring ends, so a change that is overwritten needs no unlinking.
 *
 * Cost: adding or forgetting a change is O(its ids). Asking costs one look-up per dependency when its types are quiet;
 * else a short walk over the type's newest changes, or, if that does not reach back far enough, one look-up per row
 * and field of the dependency, however many changes the type had.
 */
import { type Change, isBroad, movesRows } from './change.ts'
import type { Dependency } from './entry.ts'

/** A change and, for each chain it is in, the seq of the chain's previous change; 0 at the chain's beginning. */
interface Link {
  readonly change: Change
  readonly ofType: number
  readonly ofField: number
  readonly ofReach: number
  /** By id if the change names several. */
  readonly ofRow: number | ReadonlyMap<number, number>
}

/** The seq of the last change of each chain of one type; 0 for none. */
interface Chains {
  last: number
  readonly byRow: Map<number, number>
  readonly byField: Map<string, number>
  readonly byReach: Record<Reach, number>
}

/** Why a change concerns more than the rows and the field it names. */
type Reach = 'broad' | 'anyRow' | 'presence'

/** Walking this many changes costs about as much as the look-ups for a dependency of average size. */
const shortWalk = 16

export class ChangeIndex {
  readonly #limit: number
  #ring: Link[] = []
  readonly #types = new Map<string, Chains>()
  #lastOfAllTypes = 0
  #begin = 0
  #head = 0
  #coverage = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Changes after this seq are all here. */
  get coverage(): number {
    return this.#coverage
  }

  /** Forgets everything; the next change is `seq + 1`. */
  restart(seq: number): void {
    this.#ring = []
    this.#types.clear()
    this.#lastOfAllTypes = 0
    this.#begin = seq
    this.#head = seq
    this.#coverage = seq
  }

  /** Adds the next change; its seq is the last one's plus one. */
  add(change: Change): void {
    if (this.#head - this.#coverage === this.#limit) this.#forgetOldest()
    this.#head = change.seq
    this.#ring[this.#place(change.seq)] = this.#linkIn(change)
    if (change.type === '*') this.#lastOfAllTypes = change.seq
  }

  since(seq: number): Change[] {
    const changes: Change[] = []
    for (let at = Math.max(seq, this.#coverage) + 1; at <= this.#head; at++) changes.push(this.#link(at).change)
    return changes
  }

  candidates(dependencies: readonly Dependency[], after: number): Change[] | undefined {
    if (!this.#hasNews(dependencies, after)) return undefined
    const found: Change[] = []
    const floor = Math.max(after, this.#coverage)
    this.#walkType('*', floor, found)
    for (const dependency of dependencies) this.#collect(dependency, floor, found)
    return found.length === 0 ? undefined : inOrder(found)
  }

  #hasNews(dependencies: readonly Dependency[], after: number): boolean {
    if (this.#lastOfAllTypes > after) return true
    for (const dependency of dependencies) {
      const chains = this.#types.get(dependency.type)
      if (chains !== undefined && chains.last > after) return true
    }
    return false
  }

  #collect(dependency: Dependency, floor: number, found: Change[]): void {
    const chains = this.#types.get(dependency.type)
    if (!chains || chains.last <= floor) return
    // With `any` nearly every change is wanted, so there is nothing to gain from look-ups.
    let steps = dependency.rows === 'any' || dependency.fields === 'any' ? Number.POSITIVE_INFINITY : shortWalk
    const foundBefore = found.length
    for (let at = chains.last; at > floor; at = this.#link(at).ofType) {
      if (steps-- === 0) {
        found.length = foundBefore
        this.#lookUp(dependency, chains, floor, found)
        return
      }
      const { change } = this.#link(at)
      if (mayConcern(change, dependency)) found.push(change)
    }
  }

  #lookUp(dependency: Dependency, chains: Chains, floor: number, found: Change[]): void {
    this.#walkReach('broad', chains, floor, found)
    if (dependency.presence) this.#walkReach('presence', chains, floor, found)
    if (dependency.rows.length > 0) this.#walkReach('anyRow', chains, floor, found)
    for (const id of dependency.rows as readonly number[]) this.#walkRow(id, chains, floor, found) // not `any`: see above
    if (dependency.fields.length > 0) this.#walkField('any', chains, floor, found)
    for (const field of dependency.fields) this.#walkField(field, chains, floor, found)
  }

  #walkType(type: string, floor: number, found: Change[]): void {
    for (let at = this.#types.get(type)?.last ?? 0; at > floor; at = this.#link(at).ofType) {
      found.push(this.#link(at).change)
    }
  }

  #walkReach(reach: Reach, chains: Chains, floor: number, found: Change[]): void {
    for (let at = chains.byReach[reach]; at > floor; at = this.#link(at).ofReach) found.push(this.#link(at).change)
  }

  #walkField(field: string, chains: Chains, floor: number, found: Change[]): void {
    for (let at = chains.byField.get(field) ?? 0; at > floor; at = this.#link(at).ofField) {
      found.push(this.#link(at).change)
    }
  }

  #walkRow(id: number, chains: Chains, floor: number, found: Change[]): void {
    let at = chains.byRow.get(id) ?? 0
    while (at > floor) {
      const { change, ofRow } = this.#link(at)
      found.push(change)
      at = typeof ofRow === 'number' ? ofRow : (ofRow.get(id) ?? 0)
    }
  }

  #linkIn(change: Change): Link {
    const chains = this.#chainsOf(change.type)
    const ofType = chains.last
    chains.last = change.seq
    const reach = reachOf(change)
    const ofReach = reach ? chains.byReach[reach] : 0
    if (reach) chains.byReach[reach] = change.seq
    const isByField = change.kind === 'change' && reach !== 'broad'
    const ofField = isByField ? replace(chains.byField, change.field, change.seq) : 0
    return { change, ofType, ofField, ofReach, ofRow: linkRows(change, chains.byRow) }
  }

  #chainsOf(type: string): Chains {
    let chains = this.#types.get(type)
    if (!chains) {
      chains = { last: 0, byRow: new Map(), byField: new Map(), byReach: { broad: 0, anyRow: 0, presence: 0 } }
      this.#types.set(type, chains)
    }
    return chains
  }

  /** Drops what ends in the oldest change: a chain whose last change it is has no other. */
  #forgetOldest(): void {
    const seq = this.#coverage + 1
    const { change } = this.#link(seq)
    const chains = this.#types.get(change.type)!
    if (chains.last === seq) this.#types.delete(change.type)
    if (chains.byField.get(change.field) === seq) chains.byField.delete(change.field)
    if (change.ids !== 'any') {
      for (const id of change.ids) if (chains.byRow.get(id) === seq) chains.byRow.delete(id)
    }
    this.#coverage = seq
  }

  #link(seq: number): Link {
    return this.#ring[this.#place(seq)]!
  }

  #place(seq: number): number {
    return (seq - this.#begin - 1) % this.#limit
  }
}

function reachOf(change: Change): Reach | undefined {
  if (isBroad(change)) return 'broad'
  if (change.ids === 'any') return 'anyRow'
  return movesRows(change.kind) ? 'presence' : undefined
}

function linkRows(change: Change, byRow: Map<number, number>): Link['ofRow'] {
  if (change.ids === 'any') return 0
  if (change.ids.length === 1) return replace(byRow, change.ids[0]!, change.seq)
  const ofRow = new Map<number, number>()
  for (const id of new Set(change.ids)) ofRow.set(id, replace(byRow, id, change.seq))
  return ofRow
}

/** Makes `seq` the chain's last change and gives the one before. */
function replace<Key>(chain: Map<Key, number>, key: Key, seq: number): number {
  const previous = chain.get(key) ?? 0
  chain.set(key, seq)
  return previous
}

function mayConcern(change: Change, { rows, fields, presence }: Dependency): boolean {
  if (rows === 'any' || isBroad(change)) return true
  if (change.kind === 'change' && matchesField(change.field, fields)) return true
  if (presence && movesRows(change.kind)) return true
  return change.ids === 'any' ? rows.length > 0 : change.ids.some((id) => rows.includes(id))
}

function matchesField(field: string, fields: Dependency['fields']): boolean {
  if (fields === 'any') return true
  return field === 'any' ? fields.length > 0 : fields.includes(field)
}

/** Sorted by seq, each change once: several chains may have led to it. */
function inOrder(changes: Change[]): Change[] {
  if (changes.length === 1) return changes
  changes.sort((a, b) => a.seq - b.seq)
  return changes.filter((change, i) => i === 0 || changes[i - 1] !== change)
}
