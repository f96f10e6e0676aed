/** What following reports as it goes: small named events, for logs, metrics, the status screen and tests. */

export type Part = 'events' | 'sweep' | 'id sets' | 'audit' | 'warm' | 'refresh' | 'types'

export type FollowEvent =
  /** The follower began at the newest entry of the event log, trusting nothing from before. */
  | { readonly event: 'started at head'; readonly reason: string; readonly lastId: number; readonly gaps: number }
  | { readonly event: 'events'; readonly events: number; readonly changes: number; readonly lagMs: number }
  | { readonly event: 'late events'; readonly ids: readonly number[] }
  /** Ids still missing after the longest transaction: what they may hide is swept. */
  | { readonly event: 'old gaps'; readonly count: number; readonly oldestMs: number }
  /** The entry seen last is not to be seen now. Repeated, it means that the event log was culled. */
  | { readonly event: 'last event unseen'; readonly lastId: number; readonly times: number }
  | { readonly event: 'failed'; readonly part: Part; readonly error: unknown; readonly retryInMs: number }
  | { readonly event: 'recovered'; readonly part: Part }
  /** `changed`: rows that moved without an event. */
  | { readonly event: 'swept'; readonly type: string; readonly rows: number; readonly changed: number }
  | { readonly event: 'not swept'; readonly type: string; readonly error: unknown }
  | {
      readonly event: 'ids compared'
      readonly type: string
      readonly rows: number
      readonly appeared: number
      readonly vanished: number
    }
  | { readonly event: 'ids not compared'; readonly type: string; readonly error: unknown }
  | { readonly event: 'audited'; readonly key: string; readonly verdict: AuditVerdict }
  | { readonly event: 'warmed'; readonly type: string; readonly rows: number }
  | { readonly event: 'refreshed'; readonly type: string; readonly rows: number }

/**
 * - `true`: upstream says the same.
 * - `explained`: it says otherwise, and a change in the log has meanwhile said so.
 * - `stale`: it says otherwise and nothing in the log does: a wrong answer was served. It has been repaired.
 * - `gone`: the question cannot be asked again (credentials not held here).
 */
export type AuditVerdict = 'true' | 'explained' | 'stale' | 'gone'

export type Report = (event: FollowEvent) => void
