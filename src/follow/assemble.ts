/** The parts of following, wired to each other. */
import type { Entry } from '../cache/entry.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { askAgain } from './ask-again.ts'
import { Audit } from './audit.ts'
import { cachedTypes, shownRows } from './cached-types.ts'
import { eventSource } from './event-source.ts'
import { Explanations } from './explanations.ts'
import { Follower } from './follower.ts'
import type { FollowOptions } from './following.ts'
import { IdSets } from './id-sets.ts'
import { Refresh } from './refresh.ts'
import { Sweep } from './sweep.ts'
import { TypeNotes } from './type-notes.ts'
import { Warmer } from './warm.ts'
import { WholeRows } from './whole-rows.ts'

export interface Parts {
  readonly follower: Follower
  readonly sweep: Sweep
  readonly idSets: IdSets
  readonly audit: Audit
  readonly refresh: Refresh
  readonly warmer: Warmer
  /** Absent where nobody else is. */
  readonly typeNotes: TypeNotes | undefined
}

export function assemble(options: FollowOptions): Parts {
  const { backend, reader, scope, clock, random, settings, report } = options
  const { log, near } = backend
  const schema = () => reader.schemas.current()
  const { longestTransactionMs } = settings
  const explanations = new Explanations(2 * (longestTransactionMs + settings.sweepOverlapMs + settings.sweepMs))
  const follower: Follower = new Follower({
    source: eventSource(scope.client),
    log,
    cursors: backend.cursors,
    lease: backend.lease,
    clock,
    schema,
    batch: settings.batch,
    gapWindow: settings.gapWindow,
    gapLimit: settings.gapLimit ?? 100_000,
    longestTransactionMs,
    blindAfterMs: settings.blindAfterMs,
    trustedOutageMs: settings.trustedOutageMs ?? 43_200_000,
    report,
    onApplied: (events) => explanations.note(events),
    onOldGaps: (ageMs) => sweep.reachBack(ageMs),
  })
  /** An event is in the log when somebody has looked after it could be seen; standing by, that is somebody else. */
  const eventsSettled = async (signal?: AbortSignal) => {
    const othersMs = follower.status().role === 'standing by' ? settings.pollMs : 0
    await clock.sleep((settings.eventLagMs ?? 2000) + othersMs, signal)
    await follower.tick(signal)
  }
  const others = backend.types
  const typeNotes = others && new TypeNotes({ types: others, clock, freshMs: settings.longestFreshMs ?? 2_592_000_000 })
  const types = async () => new Set([...cachedTypes(near.values()), ...((await others?.all()) ?? [])])
  const common = { rows: scope.client, log, types, schema, eventsSettled, report }
  const sweep = new Sweep({
    ...common,
    follower,
    explanations,
    clock,
    longestTransactionMs,
    overlapMs: settings.sweepOverlapMs,
    maxRows: settings.sweepMaxRows ?? 20_000,
  })
  const idSets = new IdSets({
    ...common,
    shown: (type) => shownRows(near.values(), type),
    maxRows: settings.idSetMaxRows ?? 250_000,
  })
  const audit = new Audit({
    log,
    share: settings.auditShare,
    random,
    ask: async (entry, signal) => askAgain(entry, await schema(), options.scopeOf, signal),
    isAffected: (entry) => isAffected(entry, options),
    isMedia: (type, field) => isMedia(reader.schemas.last, type, field),
    eventsSettled,
    report,
  })
  const rows = new WholeRows({ reader, scope, clock })
  const warmer: Warmer = new Warmer({
    rows,
    clock,
    random,
    page: settings.warmPage,
    maxRows: settings.warmMaxRows,
    report,
    watch: (type) => refresh.watch(type),
  })
  const refresh = new Refresh({
    rows,
    window: log.window,
    clock,
    delayMs: Math.max(settings.refreshDelayMs, settings.settleMs),
    warm: (type, signal) => warmer.warm([type], signal),
    report,
  })
  return { follower, sweep, idSets, audit, refresh, warmer, typeNotes }
}

/** Whether the log says that the entry may be untrue, since it was last found true; or no longer knows. */
function isAffected(entry: Entry, { backend, affects }: FollowOptions): boolean {
  const { window } = backend.log
  if (entry.stamp.epoch !== window.epoch || entry.validatedSeq < window.coverage) return true
  const candidates = window.candidates(entry.dependencies, entry.validatedSeq) ?? []
  return candidates.some((change) => change.seq > entry.validatedSeq && affects(change, entry))
}

function isMedia(schema: Schema | undefined, type: string, field: string): boolean {
  return schema?.resolve(type, field)?.field.dataType === 'image'
}
