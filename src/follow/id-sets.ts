/**
 * Finds rows that came or went without an event, by comparing the ids of each cached type with those known before.
 *
 * A row that was removed without a trace shows in no sweep, since only rows that are there are read. So once in a
 * while all active ids of a type are read: those that vanished or appeared, and that the log does not say so of,
 * become changes. So do rows that cached replies show and that are not there.
 *
 * Cost per type: a call for every 500 rows, and 8 bytes a row in memory. Types with more than `maxRows` are left out,
 * and named in the status.
 */
import type { Change, ChangeRecord } from '../cache/change.ts'
import type { ChangeLog } from '../cache/ports.ts'
import type { Schema } from '../shotgrid/schema.ts'
import type { RowSource } from './event-source.ts'
import type { Report } from './follow-event.ts'
import { readPaged } from './paged.ts'
import { rowsRecord } from './records.ts'

export interface IdSetsOptions {
  readonly rows: RowSource
  readonly log: ChangeLog
  readonly types: () => Iterable<string> | Promise<Iterable<string>>
  /** The rows of a type that cached replies show. */
  readonly shown: (type: string) => Iterable<number>
  readonly schema: () => Promise<Schema>
  /** Resolves when the events of everything that could be read when it was called are in the log. */
  readonly eventsSettled: (signal?: AbortSignal) => Promise<void>
  readonly maxRows: number
  readonly report: Report
}

export interface IdSetsStatus {
  /** Rows found to have come or gone without an event, since the start. */
  readonly found: number
  readonly uncompared: readonly string[]
}

/** The active ids of a type, ascending, as they were read. */
type Ids = Float64Array

interface Known {
  readonly ids: Ids
  /** Rows that replies showed and that were not there: told of already, and shown on by replies nobody asks for. */
  readonly ghosts: ReadonlySet<number>
  /** The seq of the log before the ids were read. */
  readonly seq: number
}

export class IdSets {
  readonly #options: IdSetsOptions
  readonly #known = new Map<string, Known>()
  #status: IdSetsStatus = { found: 0, uncompared: [] }

  constructor(options: IdSetsOptions) {
    this.#options = options
  }

  status(): IdSetsStatus {
    return this.#status
  }

  /** Reads the ids of types that were not cached before, so that there is soon something to compare with. */
  async runNew(signal?: AbortSignal): Promise<void> {
    const { uncompared } = this.#status
    const types = await this.#types()
    await this.#compareAll(
      types.filter((type) => !this.#known.has(type) && !uncompared.includes(type)),
      signal,
    )
  }

  /** One comparison of all cached types. A type that cannot be read is reported and left for the next one. */
  async run(signal?: AbortSignal): Promise<void> {
    const types = await this.#types()
    for (const type of this.#known.keys()) if (!types.includes(type)) this.#known.delete(type)
    this.#status = { ...this.#status, uncompared: [] }
    await this.#compareAll(types, signal)
  }

  async #types(): Promise<string[]> {
    const schema = await this.#options.schema()
    return [...(await this.#options.types())].filter((type) => schema.has(type))
  }

  async #compareAll(types: readonly string[], signal?: AbortSignal): Promise<void> {
    const uncompared: string[] = []
    for (const type of types) {
      try {
        if (!(await this.#compare(type, signal))) uncompared.push(type)
      } catch (error) {
        signal?.throwIfAborted()
        uncompared.push(type)
        this.#options.report({ event: 'ids not compared', type, error })
      }
    }
    this.#status = { ...this.#status, uncompared: [...this.#status.uncompared, ...uncompared] }
  }

  /** False if the type has too many rows. */
  async #compare(type: string, signal?: AbortSignal): Promise<boolean> {
    const { rows, log, maxRows, eventsSettled } = this.#options
    // Both before the ids are read: a row made meanwhile is not missed in them.
    const seq = log.window.head
    const shown = [...this.#options.shown(type)]
    const read = await readPaged(rows, { type, conditions: [], fields: ['id'], maxRows, ...(signal && { signal }) })
    if (read.isCut) return false
    await eventsSettled(signal)
    const ids = Float64Array.from(read.rows, (row) => row.id)
    const active = new Set(ids)
    const ghosts = new Set(shown.filter((id) => !active.has(id)))
    await this.#tell(type, ids, ghosts)
    this.#known.set(type, { ids, ghosts, seq })
    return true
  }

  async #tell(type: string, ids: Ids, ghosts: ReadonlySet<number>): Promise<void> {
    const { log, report } = this.#options
    const known = this.#known.get(type)
    const moved = known ? differences(known.ids, ids) : { vanished: [], appeared: [] }
    const last = lastPresence(log.window.since(known?.seq ?? log.window.coverage), type)
    const newGhosts = [...ghosts].filter((id) => !known?.ghosts.has(id))
    // A row may also have come or gone with an event, and gone or come back since without one.
    const active = new Set(ids)
    const contradicted = [...last]
      .filter(([id, presence]) => active.has(id) !== (presence === 'there'))
      .map(([id]) => id)
    const vanished = [...new Set([...moved.vanished, ...newGhosts, ...contradicted])].filter(
      (id) => !active.has(id) && last.get(id) !== 'gone',
    )
    const appeared = [...new Set([...moved.appeared, ...contradicted])].filter(
      (id) => active.has(id) && last.get(id) !== 'there',
    )
    const records = known ? idSetRecords(type, vanished, appeared, known.ids.at(-1) ?? 0) : firstKnown(type)
    if (records.length > 0) await log.append(records)
    this.#status = { ...this.#status, found: this.#status.found + vanished.length + appeared.length }
    report({ event: 'ids compared', type, rows: ids.length, appeared: appeared.length, vanished: vanished.length })
  }
}

/**
 * When ids are read for the first time nothing can be compared, so what came or went since the replies that are cached
 * were read would never be found: such replies are read once more.
 */
function firstKnown(type: string): ChangeRecord[] {
  const either = ['retire', 'revive'] as const
  return either.map((kind) => ({
    source: 'sweep',
    kind,
    type,
    ids: 'any',
    field: 'any',
    reason: 'ids known from now on',
  }))
}

/** What is in one ascending list and not in the other. */
export function differences(before: Ids, after: Ids): { readonly vanished: number[]; readonly appeared: number[] } {
  const vanished: number[] = []
  const appeared: number[] = []
  for (let b = 0, a = 0; b < before.length || a < after.length; ) {
    const old = before[b] ?? Number.POSITIVE_INFINITY
    const young = after[a] ?? Number.POSITIVE_INFINITY
    if (old < young) vanished.push(old)
    if (young < old) appeared.push(young)
    if (old <= young) b += 1
    if (young <= old) a += 1
  }
  return { vanished, appeared }
}

/** What the log says last of each row: only that accounts for where it is now. */
export function lastPresence(changes: readonly Change[], type: string): ReadonlyMap<number, 'there' | 'gone'> {
  const presence = new Map<number, 'there' | 'gone'>()
  for (const { kind, type: changed, ids } of changes) {
    if (changed !== type || ids === 'any' || (kind !== 'create' && kind !== 'retire' && kind !== 'revive')) continue
    for (const id of ids) presence.set(id, kind === 'retire' ? 'gone' : 'there')
  }
  return presence
}

/** Ids are never given twice, so one below the highest known is more likely back than new: links to it may be, too. */
function idSetRecords(
  type: string,
  vanished: readonly number[],
  appeared: readonly number[],
  highest: number,
): ChangeRecord[] {
  const record = (kind: 'create' | 'retire' | 'revive', ids: readonly number[], reason: string) =>
    ids.length > 0 ? [rowsRecord('sweep', kind, type, ids, reason)] : []
  return [
    ...record('retire', vanished, 'vanished without an event'),
    ...record(
      'revive',
      appeared.filter((id) => id <= highest),
      'came back without an event',
    ),
    ...record(
      'create',
      appeared.filter((id) => id > highest),
      'appeared without an event',
    ),
  ]
}
