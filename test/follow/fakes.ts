/**
 * Small stand-ins for the parts that following talks to, each with a place to fail at: an event log whose entries
 * commit out of order, and a change log with its cursor.
 */
import type { Change, ChangeRecord, Position } from '../../src/cache/change.ts'
import type { ChangeWindow } from '../../src/cache/change-window.ts'
import type { ChangeLog, Cursor, CursorMove, CursorStore, Lease } from '../../src/cache/ports.ts'
import type { EventSource } from '../../src/follow/event-source.ts'
import type { FollowEvent } from '../../src/follow/follow-event.ts'
import { Follower, type FollowerOptions } from '../../src/follow/follower.ts'
import { Schema, type WireField } from '../../src/shotgrid/schema.ts'
import type { EventLogEntry } from '../../src/shotgrid/wire.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

export const field = (dataType: string, validTypes: readonly string[] = []): WireField => ({
  data_type: { value: dataType, editable: true },
  properties: { valid_types: { value: validTypes } },
})

export const schema = new Schema({
  Shot: {
    id: field('number'),
    code: field('text'),
    created_at: field('date_time'),
    updated_at: field('date_time'),
    updated_by: field('entity', ['HumanUser', 'ApiUser']),
  },
  Reply: { id: field('number'), content: field('text') },
})

/** Thrown where a test lets the process die. */
export class Crash extends Error {}

/** Counts the steps that a process takes at its edges, and ends it at a chosen one. */
export class Steps {
  taken = 0
  crashAt = Number.POSITIVE_INFINITY

  step(): void {
    this.taken += 1
    if (this.taken === this.crashAt) throw new Crash(`at step ${this.taken}`)
  }
}

/** An event log: ids are given in order and committed in any. */
export class FakeEventLog implements EventSource {
  readonly events = new Map<number, EventLogEntry>()
  readonly asked: (readonly number[])[] = []
  outage = false
  lastId = 0
  readonly #clock: VirtualClock
  readonly #steps: Steps

  constructor(clock: VirtualClock, steps: Steps) {
    this.#clock = clock
    this.#steps = steps
  }

  /** Reserves an id; the entry can be seen when the returned function is called. */
  begin(more: Partial<EventLogEntry> = {}): () => EventLogEntry {
    this.lastId += 1
    const event: EventLogEntry = {
      type: 'EventLogEntry',
      id: this.lastId,
      event_type: 'Shotgun_Shot_Change',
      attribute_name: 'code',
      meta: null,
      entity: { type: 'Shot', id: 1000 + this.lastId },
      project: null,
      user: { type: 'HumanUser', id: 88 },
      session_uuid: null,
      created_at: iso(this.#clock.now()),
      ...more,
    }
    return () => {
      this.events.set(event.id, event)
      return event
    }
  }

  commit(count = 1, more: Partial<EventLogEntry> = {}): EventLogEntry {
    for (let i = 1; i < count; i += 1) this.begin(more)()
    return this.begin(more)()
  }

  async newest(): Promise<number> {
    await this.#call()
    return Math.max(0, ...this.events.keys())
  }

  async eventsAfter(id: number, limit: number): Promise<readonly EventLogEntry[]> {
    await this.#call()
    return [...this.events.values()]
      .filter((event) => event.id > id)
      .sort((a, b) => a.id - b.id)
      .slice(0, limit)
  }

  async eventsById(ids: readonly number[]): Promise<readonly EventLogEntry[]> {
    await this.#call()
    this.asked.push(ids)
    return ids.flatMap((id) => this.events.get(id) ?? [])
  }

  async #call(): Promise<void> {
    this.#steps.step()
    await Promise.resolve()
    if (this.outage) throw new Error('ShotGrid is down')
    this.#steps.step()
  }
}

/** A change log that outlives the processes that append to it. */
export class FakeLog implements ChangeLog, CursorStore {
  readonly changes: Change[] = []
  cursor: Cursor | undefined
  fence = 1
  readonly settlesWithinMs = 0
  readonly #steps: Steps
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock, steps: Steps) {
    this.#clock = clock
    this.#steps = steps
  }

  readonly window: ChangeWindow = {
    epoch: 'e',
    coverage: 0,
    schemaSeq: 0,
    head: 0,
    apply: () => {},
    begin: () => {},
    candidates: () => undefined,
    headBefore: () => this.changes.length,
    since: (seq) => this.changes.slice(seq),
  }

  async append(records: readonly ChangeRecord[], move?: CursorMove): Promise<Position> {
    this.#steps.step()
    await Promise.resolve()
    if (move && move.fence !== this.fence) throw new Error('fenced off')
    for (const record of records) {
      this.changes.push({ ...record, epoch: 'e', seq: this.changes.length + 1, at: this.#clock.now() })
    }
    if (move) this.cursor = structuredClone(move.cursor)
    this.#steps.step()
    return { epoch: 'e', seq: this.changes.length }
  }

  async load(): Promise<Cursor | undefined> {
    this.#steps.step()
    return structuredClone(this.cursor)
  }

  settled = () => Promise.resolve()
  mayAnswer = () => true
  close = () => Promise.resolve()

  /** How often each event is in the log. */
  timesLogged(id: number): number {
    return this.changes.filter((change) => change.eventId === id).length
  }

  flushes(): readonly (string | undefined)[] {
    return this.changes.filter((change) => change.kind === 'flush').map((change) => change.reason)
  }
}

export function fakeLease(log: FakeLog): Lease & { held: boolean } {
  return {
    held: true,
    async acquire() {
      return this.held ? log.fence : undefined
    },
    release: () => Promise.resolve(),
  }
}

/** A follower over fakes, with all they keep. */
export function fakeSite(options: Partial<FollowerOptions> = {}) {
  const clock = new VirtualClock()
  const steps = new Steps()
  const source = new FakeEventLog(clock, steps)
  const log = new FakeLog(clock, steps)
  const lease = fakeLease(log)
  const reports: FollowEvent[] = []
  const startFollower = () =>
    new Follower({
      source,
      log,
      cursors: log,
      lease,
      clock,
      schema: () => Promise.resolve(schema),
      batch: 10,
      gapWindow: 10,
      gapLimit: 1000,
      longestTransactionMs: 300_000,
      blindAfterMs: 30_000,
      trustedOutageMs: 86_400_000,
      report: (event) => reports.push(event),
      ...options,
    })
  return { clock, steps, source, log, lease, reports, startFollower, follower: startFollower() }
}

export const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
