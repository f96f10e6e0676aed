/**
 * What is asked, and what becomes of the answers, added up in memory until it is written.
 *
 * Cost of a hit: one look-up by the entry's key and one addition. Of more questions than `limit` in an interval the
 * further ones are counted by type only.
 */
import { plainText } from '../backends/postgres/plain.ts'
import type { Change } from '../cache/change.ts'
import type { Entry } from '../cache/entry.ts'
import { type RecordedScopes, scopeName } from './recorded-scopes.ts'

type Asked = Pick<Entry, 'key' | 'scope' | 'type' | 'call'>

interface Count {
  readonly asked: Asked
  hits: number
  fetches: number
  drops: number
  bytes: number | null
  fetchedAt: number | null
  freshUntil: number | null
  droppedAt: number | null
  droppedBy: Change | null
}

/** What is added to a row of `query_cache`. Times in ms. */
export interface QueryDelta {
  readonly key: string
  readonly scope: string
  readonly type: string
  readonly operation: string
  readonly filters: unknown
  readonly fields: unknown
  readonly options: unknown
  readonly hits: number
  readonly fetches: number
  readonly drops: number
  readonly bytes: number | null
  readonly fetchedAt: number | null
  readonly freshUntil: number | null
  readonly droppedAt: number | null
  readonly droppedReason: string | null
}

export class QueryCounts {
  readonly #limit: number
  #counts = new Map<string, Count>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** False if there is no room for another question. */
  hit(entry: Entry): boolean {
    const count = this.#counts.get(entry.key) ?? this.#begin(entry)
    if (!count) return false
    count.hits += 1
    return true
  }

  stored(entry: Entry): void {
    const count = this.#counts.get(entry.key) ?? this.#begin(entry)
    if (!count) return
    count.fetches += 1
    count.bytes = entry.body.length
    count.fetchedAt = entry.fetchedAt
    count.freshUntil = entry.freshUntil
  }

  dropped(entry: Entry, change: Change, at: number): void {
    const count = this.#counts.get(entry.key) ?? this.#begin(entry)
    if (!count) return
    count.drops += 1
    count.droppedAt = at
    count.droppedBy = change
  }

  get size(): number {
    return this.#counts.size
  }

  /** What was counted since it was last taken, in the order of the keys, each once. */
  take(scopes: RecordedScopes): readonly QueryDelta[] {
    const deltas = new Map<string, QueryDelta>()
    for (const count of this.#counts.values()) {
      const delta = count.asked.scope === scopes.shown ? shownDelta(count) : hiddenDelta(count, scopes)
      const known = deltas.get(delta.key)
      deltas.set(delta.key, known ? sum(known, delta) : delta)
    }
    this.#counts = new Map()
    return [...deltas.values()].sort((one, other) => (one.key < other.key ? -1 : 1))
  }

  /** Nothing of the entry's body is held on to. */
  #begin({ key, scope, type, call }: Entry): Count | undefined {
    if (this.#counts.size >= this.#limit) return undefined
    const nothing = { bytes: null, fetchedAt: null, freshUntil: null, droppedAt: null, droppedBy: null }
    const count: Count = { asked: { key, scope, type, call }, hits: 0, fetches: 0, drops: 0, ...nothing }
    this.#counts.set(key, count)
    return count
  }
}

function shownDelta({ asked, droppedBy, ...counted }: Count): QueryDelta {
  // Written by `callText` or `siteQuestion`; read here as whatever it is.
  const { operation, type: _type, filters = null, fields = null, ...options } = JSON.parse(asked.call)
  const { key, scope, type } = asked
  return {
    ...{ key: plainText(key), scope, type: plainText(type), operation, filters, fields, options },
    ...counted,
    droppedReason: droppedBy && plainText(reasonOf(droppedBy)),
  }
}

/** Without a word of the question, of which even a digest would tell whoever guesses it. */
function hiddenDelta({ asked, droppedBy: _droppedBy, ...counted }: Count, scopes: RecordedScopes): QueryDelta {
  const scope = scopeName(scopes, asked.scope)
  const type = plainText(asked.type)
  const operation = String(JSON.parse(asked.call).operation)
  const hidden = { filters: null, fields: null, options: null, droppedReason: null }
  return { key: `${scope}:${type}:${operation}`, scope, type, operation, ...counted, ...hidden }
}

function sum(one: QueryDelta, other: QueryDelta): QueryDelta {
  return {
    ...one,
    hits: one.hits + other.hits,
    fetches: one.fetches + other.fetches,
    drops: one.drops + other.drops,
    bytes: other.bytes ?? one.bytes,
    fetchedAt: latest(one.fetchedAt, other.fetchedAt),
    freshUntil: latest(one.freshUntil, other.freshUntil),
    droppedAt: latest(one.droppedAt, other.droppedAt),
  }
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}

/** `event 1234: change of Shot 862, sg_status_list` */
export function reasonOf({ source, eventId, kind, type, ids, field, reason }: Change): string {
  const from = eventId === undefined ? source : `${source} ${eventId}`
  const rows = ids === 'any' ? '' : ` ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`
  const what = `${kind} of ${type === '*' ? 'any type' : type}${rows}${field === 'any' ? '' : `, ${field}`}`
  return `${from}: ${what}${reason === undefined ? '' : ` (${reason})`}`
}
