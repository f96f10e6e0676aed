/**
 * Keeps a cache true and warm: puts the follower, the sweep, the comparison of ids, the audit and warming together,
 * each repeated in the background at its own pace. All they do to the cache is append changes to the log and store
 * replies; none of them needs a server.
 *
 * Sweeping, comparing ids and warming is for whoever holds the lease: once for all processes that share a store. They
 * read with the credentials of one configured scope, which should see everything.
 */
import { assemble } from './assemble.ts'
import type { Part } from './follow-event.ts'
import type { Following, FollowOptions } from './following.ts'
import { repeat } from './repeat.ts'

/** How soon after a type is first cached its ids are read. */
const newTypesMs = 15_000

/** How soon other processes know of a type that is new here. Far less than a sweep reaches back. */
const noteTypesMs = 2_000

/** Everything put together, and nothing begun: see `start`. */
export function follow(options: FollowOptions): Following {
  const { backend, clock, settings, report, random } = options
  const closing = new AbortController()
  const { follower, sweep, idSets, audit, refresh, warmer, typeNotes } = assemble(options)
  const isFollowing = () => follower.status().role === 'following'
  const running: Promise<void>[] = []
  const every = (part: Part, everyMs: number, work: (signal: AbortSignal) => Promise<unknown>) => {
    if (everyMs <= 0) return
    const { signal } = closing
    running.push(repeat(() => work(signal), { part, everyMs, clock, random, report, signal }))
  }
  /** The first time after a pause, so that a start is not all reading; and only while this process follows. */
  const later = (part: Part, everyMs: number, work: (signal: AbortSignal) => Promise<unknown>) => {
    let isFirst = true
    every(part, everyMs, async (signal) => {
      if (!isFirst && isFollowing()) await work(signal)
      isFirst = false
    })
  }
  return {
    start() {
      every('events', settings.pollMs, (signal) => follower.tick(signal))
      later('sweep', settings.sweepMs, (signal) => sweep.run(signal))
      later('id sets', settings.idSetMs, (signal) => idSets.run(signal))
      later('id sets', Math.min(settings.idSetMs, newTypesMs), (signal) => idSets.runNew(signal))
      if (settings.auditShare > 0 && settings.auditPerMinute > 0) {
        every('audit', 60_000 / settings.auditPerMinute, (signal) => audit.run(signal))
      }
      if (typeNotes) every('types', noteTypesMs, () => typeNotes.run())
      running.push(warmer.warmAtStart(settings.warmTypes, isFollowing, closing.signal))
      every('refresh', Math.max(settings.refreshDelayMs / 2, 100), async (signal) => {
        if (isFollowing()) await refresh.run(signal)
      })
    },
    isBlind: () => follower.isBlind(),
    saw: (entry) => typeNotes?.saw(entry),
    offer: (entry) => audit.offer(entry),
    status: () => ({
      events: follower.status(),
      sweep: sweep.status(),
      idSets: idSets.status(),
      audit: audit.status(),
      warm: { types: warmer.progress, waiting: refresh.waiting },
    }),
    tick: (signal) => follower.tick(signal),
    sweep: (signal) => sweep.run(signal),
    noteTypes: async () => typeNotes?.run(),
    compareIds: (signal) => idSets.run(signal),
    audit: (signal) => audit.run(signal),
    refresh: (signal = closing.signal) => refresh.run(signal),
    warm: (types = settings.warmTypes, onProgress, signal = closing.signal) => warmer.warm(types, signal, onProgress),
    async close() {
      closing.abort()
      await Promise.all(running)
      await backend.lease.release()
    },
  }
}
