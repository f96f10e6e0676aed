/**
 * The figures of a running server: what happened, counted where it happened, in plain numbers. Everybody who reports
 * something (replies, cache, upstream client, follower) reports it here; Prometheus and the health checks read it.
 */
import type { LogEvent } from '../../backends/shared/log-event.ts'
import type { CacheEvent } from '../../cache/cache.ts'
import type { ChangeLog } from '../../cache/ports.ts'
import type { FollowEvent } from '../../follow/follow-event.ts'
import type { RecorderEvent } from '../../records/recorder-event.ts'
import type { ObservedCall } from '../../shotgrid/client.ts'
import type { Replied } from '../answer/replies.ts'
import type { View } from '../answer/shown.ts'
import type { DropInEvent } from '../drop-in/drop-in-event.ts'
import { ageBounds, durationBounds, FixedHistogram, RequestCounts } from './request-counts.ts'
import { Tally } from './tallies.ts'

export class Figures {
  readonly requests = new RequestCounts()
  readonly hits: { [view in View]: number } = { entity: 0, query: 0 }
  readonly misses: { [view in View]: number } = { entity: 0, query: 0 }
  readonly graceServed: { [view in View]: number } = { entity: 0, query: 0 }
  /** Of the replies that reads were answered with, as ShotGrid sent them. */
  readonly bytes: { [view in View]: number } = { entity: 0, query: 0 }
  readonly ages = new FixedHistogram(ageBounds)
  /** By reason. */
  readonly missReasons = new Tally()
  readonly refused = new Tally()
  /** By source and kind of the change. */
  readonly dropped = new Tally()
  /** By source. */
  readonly changes = new Tally()
  /** By operation. */
  readonly storeFailures = new Tally()
  stored = 0
  joined = 0
  revalidations = 0
  evictions = 0
  /** By method and outcome. */
  readonly upstreamCalls = new Tally()
  readonly upstreamDurations = new Map<string, FixedHistogram>()
  upstreamIsDown = false
  /** By part. */
  readonly followFailures = new Tally()
  /** By verdict. */
  readonly audited = new Tally()
  /** Calls of the drop-in API, by how they were answered. */
  readonly dropIn = new Tally()
  dropInBytes = 0
  /** Rows that a sweep or a comparison of ids found changed, without an event. By part. */
  readonly sweptChanges = new Tally()

  recordedChanges = 0
  /** What the tables for people go without, and failures to write them. By part. */
  readonly recordsLetGo = new Tally()
  readonly recordFailures = new Tally()

  /** Failures of the shared change log, by what was being done. */
  readonly logTroubles = new Tally()
  logHoles = 0
  epochs = 0
  /** The epoch of a shared change log, and the monotonic time from which it is open. */
  epoch: { readonly id: string; readonly opensAt: number } | undefined

  replied(reply: Replied): void {
    if (reply.outcome === 'hit') this.hits[reply.view] += 1
    else if (reply.outcome === 'stale') this.graceServed[reply.view] += 1
    else this.misses[reply.view] += 1
    this.bytes[reply.view] += reply.entry.body.length
    this.#age(reply.ageMs)
  }

  cacheEvent(event: CacheEvent): void {
    if (event.kind === 'miss') this.missReasons.add([event.reason])
    else if (event.kind === 'joined') this.joined += 1
    else if (event.kind === 'revalidating') this.revalidations += 1
    else if (event.kind === 'stored') this.stored += 1
    else if (event.kind === 'refused') this.refused.add([event.reason])
    else if (event.kind === 'dropped') this.dropped.add([event.change.source, event.change.kind])
    else if (event.kind === 'store-failed') this.storeFailures.add([event.operation])
  }

  /** Its reads count as hits and misses in a series of their own. */
  dropInEvent(event: DropInEvent): void {
    this.dropIn.add([event.kind === 'read' ? event.outcome : event.kind])
    if (event.kind !== 'read') return
    this.dropInBytes += event.bytes
    this.#age(event.ageMs)
  }

  upstreamCall({ method, outcome, durationMs }: ObservedCall): void {
    this.upstreamCalls.add([method, outcome])
    this.upstreamIsDown = outcome === 'outage'
    let durations = this.upstreamDurations.get(method)
    if (!durations) {
      durations = new FixedHistogram(durationBounds)
      this.upstreamDurations.set(method, durations)
    }
    durations.add(durationMs / 1000)
  }

  followEvent(event: FollowEvent): void {
    if (event.event === 'failed') this.followFailures.add([event.part])
    else if (event.event === 'audited') this.audited.add([event.verdict])
    else if (event.event === 'swept' && event.changed > 0) this.sweptChanges.add(['sweep'], event.changed)
    else if (event.event === 'ids compared') this.#idsCompared(event.appeared + event.vanished)
  }

  tierEvent(event: LogEvent, now: number): void {
    if (event.kind === 'trouble') this.logTroubles.add([event.during])
    else if (event.kind === 'hole') this.logHoles += 1
    else if (event.kind === 'entered') {
      this.epochs += 1
      this.epoch = { id: event.epoch, opensAt: now + event.opensInMs }
    }
  }

  recorderEvent(event: RecorderEvent): void {
    if (event.kind === 'recorded') this.recordedChanges += event.changes
    else if (event.kind === 'let go') this.recordsLetGo.add([event.part], event.count)
    else if (event.kind === 'trouble') this.recordFailures.add([event.part])
  }

  /** The same log, with every record that is appended counted by its source. */
  counting(log: ChangeLog): ChangeLog {
    const { changes } = this
    return {
      window: log.window,
      settlesWithinMs: log.settlesWithinMs,
      append: (records, cursor) => {
        for (const record of records) changes.add([record.source])
        return log.append(records, cursor)
      },
      settled: (position) => log.settled(position),
      mayAnswer: () => log.mayAnswer(),
      close: () => log.close(),
    }
  }

  /** The wall clock may have been set back since the answer was read. */
  #age(ms: number): void {
    this.ages.add(Math.max(0, ms) / 1000)
  }

  #idsCompared(found: number): void {
    if (found > 0) this.sweptChanges.add(['id sets'], found)
  }
}
