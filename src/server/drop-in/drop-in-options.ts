/** What the drop-in API is made of, and what of its behaviour is chosen. */
import type { Cache } from '../../cache/cache.ts'
import type { Entry } from '../../cache/entry.ts'
import type { ChangeLog } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import type { Reader, Scope } from '../../reads/reader.ts'
import type { Upstream } from './caller.ts'
import type { DropInEvent } from './drop-in-event.ts'
import type { Pass } from './pass-upstream.ts'
import type { Suspects } from './suspects.ts'

export interface DropInOptions {
  readonly url: string
  readonly cache: Cache
  readonly reader: Reader
  readonly log: ChangeLog
  readonly clock: Clock
  readonly upstream: Upstream
  readonly pass: Pass
  /** Shared with the reader, which asks it before anything is stored. */
  readonly suspects: Suspects
  /** The scope that the operator has put a script in, if any; other callers have a scope of their own. */
  readonly scopeOf: (script: string) => Omit<Scope, 'client'> | undefined
  /** Random, new in every process. */
  readonly salt: Buffer
  readonly bodyLimitBytes: number
  readonly memoBytes: number
  readonly proofIntervalMs: number
  readonly graceMs: number
  /** How far upstream's reads may lag behind its events. */
  readonly settleMs: number
  /** How long the answer of a write is held back when the log takes no changes (rule 15). */
  readonly holdMs: number
  /** How long the answer of a write is waited for. */
  readonly patienceMs: number
  /** While the server stops, each connection is closed after its reply. */
  readonly isStopping: () => boolean
  /** Whether the entry is in the near cache. */
  readonly isStored: (entry: Entry) => boolean
  /** Told of an entry that takes more memory than before. */
  readonly onGrown: (entry: Entry) => void
  /** Told of every hit, right after it was found fresh. */
  readonly offer?: (entry: Entry) => void
  readonly report: (event: DropInEvent) => void
}
