/**
 * Follows the site's event log and appends what it says to the change log.
 *
 * One *tick* reads what is new, in batches until there is no more, and asks again for missing ids that are due.
 * Records, cursor and gaps go to the log in one append, and the cursor is loaded from the store at every tick: a
 * tick that is cut off anywhere leaves nothing behind but work to be done again, and an event applied twice is
 * harmless. Nothing waits for a gap.
 *
 * It begins at the newest event, with a *flush* of whatever was cached before, and with the ids missing in a window
 * below as gaps. It begins so again when the entry seen last has vanished (the event log was culled) or when it has
 * not looked for longer than the event log can be trusted to reach back.
 *
 * It is *blind* while its last complete look is longer ago than a bound, by either clock; nothing may be answered from
 * cache unchecked then.
 */
import type { ChangeRecord } from '../cache/change.ts'
import type { ChangeLog, Cursor, CursorStore, Lease } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'
import { changesOfEvents } from '../freshness/changes-of-events.ts'
import type { Schema } from '../shotgrid/schema.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'
import type { EventSource } from './event-source.ts'
import type { Report } from './follow-event.ts'
import { GapWatch } from './gaps.ts'
import { readHead } from './head.ts'
import { afterBatch, afterHead, afterLate } from './place.ts'
import { type FollowerStatus, type Moment, Progress } from './progress.ts'
import { flushOf } from './records.ts'
import type { UpstreamTime } from './upstream-time.ts'

export interface FollowerOptions {
  readonly source: EventSource
  readonly log: ChangeLog
  readonly cursors: CursorStore
  readonly lease: Lease
  readonly clock: Clock
  /** The schema as of now, or as last known; it tells how values are spelled. */
  readonly schema: () => Promise<Schema>
  /** Entries read at a time; a full batch is followed by the next at once. */
  readonly batch: number
  /** How many ids below the newest are looked through for gaps at the start. */
  readonly gapWindow: number
  /** The most gaps that are remembered; beyond that everything is flushed and the oldest are let go. */
  readonly gapLimit: number
  readonly longestTransactionMs: number
  readonly blindAfterMs: number
  /** Not having looked for longer than this, the follower begins anew instead of catching up. */
  readonly trustedOutageMs: number
  readonly report: Report
  /** Told of events once their changes are in the log. */
  readonly onApplied?: (events: readonly EventLogEntry[]) => void
  /** Told when gaps have outlived the longest transaction: how long ago the oldest of them was first missed. */
  readonly onOldGaps?: (ageMs: number) => void
}

const IDS_PER_ASK = 500
const ASKS_PER_TICK = 4
/** Looks in which the last event must be missing, with nothing after it, before the log counts as culled. */
const LOOKS_UNTIL_CULLED = 3

/** Carried from step to step of one look. */
interface Place {
  readonly cursor: Cursor
  readonly fence: number
}

export class Follower {
  readonly #options: FollowerOptions
  readonly #gaps = new GapWatch()
  readonly #swept = new Map<string, number>()
  readonly #progress: Progress
  readonly upstreamTime: UpstreamTime
  #running: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined
  #cursor: Cursor | undefined
  #timesUnseen = 0

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#progress = new Progress(options.clock, options.blindAfterMs)
    this.upstreamTime = this.#progress.upstreamTime
  }

  /**
   * One look. Resolves when every event that could be seen at the call is in the log; rejects when that could not be
   * done. Never runs twice at a time: who calls during a look waits for the next one.
   */
  tick(signal?: AbortSignal): Promise<void> {
    this.#queued ??= this.#running.then(() => {
      this.#queued = undefined
      const look = this.#look(signal)
      this.#running = look.catch(() => {}) // the caller gets the error
      return look
    })
    return this.#queued
  }

  isBlind(): boolean {
    return this.#progress.isBlind()
  }

  /** Takes note of how far a type has been swept, by upstream's time, to be saved with the cursor. */
  noteSwept(type: string, at: number): void {
    this.#swept.set(type, at)
  }

  sweptAt(type: string): number | undefined {
    return this.#swept.get(type) ?? this.#cursor?.sweptAt[type]
  }

  status(): FollowerStatus {
    return this.#progress.status(this.#cursor)
  }

  async #look(signal?: AbortSignal): Promise<void> {
    const { lease, cursors } = this.#options
    const began = this.#progress.moment()
    const fence = await lease.acquire()
    const cursor = await cursors.load()
    if (fence === undefined) return this.#standBy(cursor, began)
    this.#progress.role = 'following'
    const caughtUp = await this.#catchUp(cursor, fence, signal)
    if (!caughtUp) return
    const place = await this.#askForGaps(caughtUp, signal)
    await this.#saveHeartbeat(place)
    this.#progress.looked(began)
    this.#noticeOldGaps(place.cursor)
  }

  /** Another process follows: its looks count, as far as it tells of them. */
  #standBy(cursor: Cursor | undefined, began: Moment): void {
    const isNews = cursor?.tickedAt !== undefined && cursor.tickedAt !== this.#cursor?.tickedAt
    // The first that is seen may be from long ago: it counts from when it says, and not at all if clocks disagree.
    const ageMs = this.#cursor ? 0 : began.wall - (cursor?.tickedAt ?? 0)
    if (isNews && ageMs >= 0) {
      this.#progress.looked({ wall: began.wall - ageMs, monotonic: began.monotonic - ageMs })
    }
    this.#progress.role = 'standing by'
    this.#cursor = cursor
  }

  /** Reads on until there is no more. `undefined`: the last event could not be seen, so nothing is certain. */
  async #catchUp(cursor: Cursor | undefined, fence: number, signal?: AbortSignal): Promise<Place | undefined> {
    const { clock, trustedOutageMs, source, batch } = this.#options
    if (!cursor) return this.#startAtHead({ cursor, fence }, 'first start', signal)
    if (cursor.tickedAt !== undefined && clock.now() - cursor.tickedAt > trustedOutageMs) {
      return this.#startAtHead({ cursor, fence }, 'not looked for longer than the event log is trusted', signal)
    }
    for (let place: Place = { cursor, fence }; ; ) {
      const { lastId } = place.cursor
      // The entry seen last is asked for again: if it is gone, others may be gone that were never seen.
      const found = await source.eventsAfter(Math.max(lastId - 1, 0), batch, signal)
      if (lastId > 0 && found[0]?.id !== lastId) return this.#lastUnseen(place, found.length > 0, signal)
      this.#timesUnseen = 0
      this.upstreamTime.observe(found.map((event) => Date.parse(event.created_at)))
      const events = lastId > 0 ? found.slice(1) : found
      if (events.length > 0) place = await this.#applyBatch(place, events)
      if (found.length < batch) return place
      signal?.throwIfAborted()
    }
  }

  async #applyBatch(place: Place, events: readonly EventLogEntry[]): Promise<Place> {
    const { clock, gapLimit, report } = this.#options
    const next = afterBatch(place.cursor, events, clock.now(), gapLimit)
    const changes = changesOfEvents(events, await this.#options.schema())
    const records = next.letGo ? [...changes, flushOf('event', '*', 'too many missing events')] : changes
    const moved = await this.#append(place, records, next.cursor, events)
    this.#applied(events)
    report({ event: 'events', events: events.length, changes: changes.length, lagMs: this.#progress.lagMs })
    return moved
  }

  /** With later entries in sight the log was culled. With none, it may be a reader behind the others: look again. */
  async #lastUnseen(place: Place, hasLater: boolean, signal?: AbortSignal): Promise<Place | undefined> {
    this.#timesUnseen += 1
    const { lastId } = place.cursor
    this.#options.report({ event: 'last event unseen', lastId, times: this.#timesUnseen })
    if (!hasLater && this.#timesUnseen < LOOKS_UNTIL_CULLED) return undefined
    this.#timesUnseen = 0
    return this.#startAtHead(place, 'the last event seen has vanished from the event log', signal)
  }

  /**
   * The flush comes after the newest id was read, so whatever is read after the flush is at least as new as that
   * event. Those that are missing below it may still come.
   */
  async #startAtHead(
    from: { readonly cursor: Cursor | undefined; readonly fence: number },
    reason: string,
    signal?: AbortSignal,
  ): Promise<Place> {
    const { clock, report, gapLimit } = this.#options
    const head = await readHead(this.#options, signal)
    const cursor = afterHead(from.cursor, head, clock.now(), gapLimit)
    const place = await this.#append(from, [flushOf('event', '*', reason)], cursor, head.events)
    this.#applied(head.events)
    report({ event: 'started at head', reason, lastId: head.lastId, gaps: cursor.gaps.length })
    return place
  }

  async #askForGaps(from: Place, signal?: AbortSignal): Promise<Place> {
    const { source, clock, report } = this.#options
    const { gaps } = from.cursor
    this.#gaps.keep(gaps)
    const due = this.#gaps.due(gaps, clock.now(), clock.monotonic(), IDS_PER_ASK * ASKS_PER_TICK)
    let place = from
    for (let i = 0; i < due.length; i += IDS_PER_ASK) {
      const ids = due.slice(i, i + IDS_PER_ASK)
      const events = await source.eventsById(ids, signal)
      this.#gaps.asked(ids, clock.monotonic())
      if (events.length === 0) continue
      const changes = changesOfEvents(events, await this.#options.schema())
      place = await this.#append(place, changes, afterLate(place.cursor, events), events)
      this.#applied(events)
      report({ event: 'late events', ids: events.map((event) => event.id) })
    }
    return place
  }

  /** Saves that somebody looked, and how far sweeps have come, when no event has taken them along. */
  async #saveHeartbeat(place: Place): Promise<void> {
    const { clock, blindAfterMs } = this.#options
    const isDue = clock.now() - (place.cursor.tickedAt ?? 0) >= blindAfterMs / 3
    const isUnsaved = [...this.#swept].some(([type, at]) => place.cursor.sweptAt[type] !== at)
    if (isDue || isUnsaved) await this.#append(place, [], place.cursor)
    else this.#cursor = place.cursor
  }

  /** Log first, cursor with it, and what was seen: in one step of the log's own. */
  async #append(
    place: Pick<Place, 'fence'>,
    records: readonly ChangeRecord[],
    moved: Cursor,
    seen: readonly EventLogEntry[] = [],
  ): Promise<Place> {
    const sweptAt = { ...moved.sweptAt, ...Object.fromEntries(this.#swept) }
    const cursor: Cursor = { ...moved, sweptAt, tickedAt: this.#options.clock.now() }
    await this.#options.log.append(records, { cursor, fence: place.fence, seen })
    this.#cursor = cursor
    return { cursor, fence: place.fence }
  }

  #applied(events: readonly EventLogEntry[]): void {
    this.#progress.applied(events)
    this.#options.onApplied?.(events)
  }

  #noticeOldGaps(cursor: Cursor): void {
    const { clock, longestTransactionMs, onOldGaps, report } = this.#options
    const old = this.#gaps.newlyOld(cursor.gaps, clock.now(), longestTransactionMs)
    if (!old) return
    report({ event: 'old gaps', ...old })
    onOldGaps?.(old.oldestMs)
  }
}
