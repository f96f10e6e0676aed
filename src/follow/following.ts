/** What of following can be set, told and asked. */
import type { Entry } from '../cache/entry.ts'
import type { Backend } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'
import type { Affects } from '../freshness/affects.ts'
import type { Reader, Scope } from '../reads/reader.ts'
import type { AuditStatus } from './audit.ts'
import type { AuditVerdict, Report } from './follow-event.ts'
import type { IdSetsStatus } from './id-sets.ts'
import type { FollowerStatus } from './progress.ts'
import type { SweepStatus } from './sweep.ts'
import type { WarmProgress } from './warm.ts'

/** Times in ms; an interval of 0 means never. */
export interface FollowSettings {
  readonly pollMs: number
  readonly batch: number
  readonly gapWindow: number
  readonly blindAfterMs: number
  readonly longestTransactionMs: number
  readonly sweepMs: number
  readonly sweepOverlapMs: number
  readonly idSetMs: number
  readonly auditShare: number
  readonly auditPerMinute: number
  /** Types read whole at the start and kept warm. */
  readonly warmTypes: readonly string[]
  readonly warmPage: number
  readonly warmMaxRows: number
  readonly refreshDelayMs: number
  readonly settleMs: number
  /** How long after a commit upstream its event may become visible. Default 2 s; 0.3 to 0.4 s were measured. */
  readonly eventLagMs?: number
  /** How long an entry can be fresh at the most. Default 30 days, the longest time to live. */
  readonly longestFreshMs?: number
  /** Not having looked for longer than this, everything is flushed. Default 12 h. */
  readonly trustedOutageMs?: number
  /** Default 100,000 missing ids. */
  readonly gapLimit?: number
  /** The most rows of a type read in one sweep; beyond that the type is flushed. Default 20,000. */
  readonly sweepMaxRows?: number
  /** Types with more rows are left out of the comparison of ids. Default 250,000. */
  readonly idSetMaxRows?: number
}

export interface FollowOptions {
  readonly backend: Pick<Backend, 'log' | 'cursors' | 'lease' | 'near' | 'types'>
  readonly reader: Reader
  /** Whose credentials follow, sweep and warm. */
  readonly scope: Scope
  /** The scopes whose credentials are held here, for audits. */
  readonly scopeOf: (name: string) => Scope | undefined
  readonly affects: Affects
  readonly settings: FollowSettings
  readonly clock: Clock
  readonly random: () => number
  readonly report: Report
}

export interface FollowingStatus {
  readonly events: FollowerStatus
  readonly sweep: SweepStatus
  readonly idSets: IdSetsStatus
  readonly audit: AuditStatus
  readonly warm: { readonly types: readonly WarmProgress[]; readonly waiting: number }
}

/** Following, with its parts within reach for whoever has a clock of their own. */
export interface Following {
  /** Begins the background work. Once. */
  start(): void
  /** Whether events have not been seen for too long to answer unchecked. Cheap: asked on every hit. */
  isBlind(): boolean
  /** Told of every entry that was stored, or came from the store. Cheap. */
  saw(entry: Entry): void
  /** Told of every hit; some are audited. Cheap. */
  offer(entry: Entry): void
  status(): FollowingStatus

  /** One look at the event log. */
  tick(signal?: AbortSignal): Promise<void>
  sweep(signal?: AbortSignal): Promise<void>
  /** Tells the other processes which types this one has seen. */
  noteTypes(): Promise<void>
  compareIds(signal?: AbortSignal): Promise<void>
  /** Audits one of the hits offered, if any wait. */
  audit(signal?: AbortSignal): Promise<AuditVerdict | undefined>
  /** Reads warmed rows that changed again, those that are due. */
  refresh(signal?: AbortSignal): Promise<void>
  /** Reads types whole, by default those of the settings, and keeps them warm from now on. */
  warm(
    types?: readonly string[],
    onProgress?: (progress: WarmProgress) => void,
    signal?: AbortSignal,
  ): Promise<readonly WarmProgress[]>

  /** Ends all background work and gives the lease up. */
  close(): Promise<void>
}
