/**
 * How far the follower has come, and whether it can still see: figures for metrics and the status screen, and the one
 * question asked on every hit.
 *
 * A *look* is a complete reading of what is new; it counts from its beginning. *Blind*: the last look is longer ago
 * than a bound by either clock, since each of them may stand still or be set.
 */
import type { Cursor } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'
import type { EventLogEntry } from '../shotgrid/wire.ts'
import { oldestSince } from './gaps.ts'
import { UpstreamTime } from './upstream-time.ts'

export type Role = 'starting' | 'following' | 'standing by'

export interface FollowerStatus {
  readonly role: Role
  readonly isBlind: boolean
  readonly lastEventId: number
  /** The last event's time upstream, ms; `undefined` before any. */
  readonly lastEventAt: number | undefined
  /** From the last event's time upstream until it was in the log. */
  readonly lagMs: number
  readonly gaps: number
  readonly oldestGapMs: number
  /** Since the beginning of the last look; `undefined` before the first. */
  readonly lookedMsAgo: number | undefined
}

/** A moment by both clocks. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

export class Progress {
  readonly upstreamTime: UpstreamTime
  role: Role = 'starting'
  readonly #clock: Clock
  readonly #blindAfterMs: number
  #lookedAt: Moment | undefined
  #lastEventAt: number | undefined
  #lagMs = 0

  constructor(clock: Clock, blindAfterMs: number) {
    this.#clock = clock
    this.#blindAfterMs = blindAfterMs
    this.upstreamTime = new UpstreamTime(clock)
  }

  moment(): Moment {
    return { wall: this.#clock.now(), monotonic: this.#clock.monotonic() }
  }

  /** A look that began then is complete. */
  looked(began: Moment): void {
    this.#lookedAt = began
  }

  isBlind(): boolean {
    const at = this.#lookedAt
    if (!at) return true
    return (
      this.#clock.monotonic() - at.monotonic > this.#blindAfterMs || this.#clock.now() - at.wall > this.#blindAfterMs
    )
  }

  /** These events are in the log now. */
  applied(events: readonly EventLogEntry[]): void {
    this.upstreamTime.observe(events.map((event) => Date.parse(event.created_at)))
    const last = Date.parse(events.at(-1)?.created_at ?? '')
    if (!Number.isFinite(last)) return
    this.#lastEventAt = Math.max(last, this.#lastEventAt ?? 0)
    this.#lagMs = Math.max(0, this.#clock.now() - last)
  }

  get lagMs(): number {
    return this.#lagMs
  }

  status(cursor: Cursor | undefined): FollowerStatus {
    const gaps = cursor?.gaps ?? []
    return {
      role: this.role,
      isBlind: this.isBlind(),
      lastEventId: cursor?.lastId ?? 0,
      lastEventAt: this.#lastEventAt,
      lagMs: this.#lagMs,
      gaps: gaps.length,
      oldestGapMs: gaps.length === 0 ? 0 : this.#clock.now() - oldestSince(gaps),
      lookedMsAgo: this.#lookedAt && this.#clock.monotonic() - this.#lookedAt.monotonic,
    }
  }
}
