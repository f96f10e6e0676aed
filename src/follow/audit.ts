/**
 * Asks a sample of hits again at the site, in the background, and compares: how true the cache really is, as a figure.
 *
 * A difference alone proves nothing, since the row may have changed a moment ago. So the audit waits until the events
 * of what it read must be in the log. If the log then says that the entry is affected, all is well. If not, a *stale*
 * answer was served: it is counted, reported with its key, and repaired by a change of the rows that differ.
 *
 * Costs one upstream call per audited hit, at most `perMinute`; a hit that is offered costs a random number.
 */
import type { ChangeRecord } from '../cache/change.ts'
import type { Entry } from '../cache/entry.ts'
import type { ChangeLog } from '../cache/ports.ts'
import type { AuditVerdict, Report } from './follow-event.ts'
import { flushOf, rowsRecord } from './records.ts'
import { type Difference, replyDifference } from './reply-difference.ts'

export interface AuditOptions {
  readonly log: ChangeLog
  /** The part of hits that is audited, 0 to 1. */
  readonly share: number
  readonly random: () => number
  /** Puts the entry's question to the site again; `undefined` if it cannot be asked, or answers by the clock. */
  readonly ask: (entry: Entry, signal?: AbortSignal) => Promise<Buffer | undefined>
  /** Whether a change after the entry was last validated affects it, or the log does not reach back so far. */
  readonly isAffected: (entry: Entry) => boolean
  readonly isMedia: (type: string, field: string) => boolean
  /** Resolves when the events of everything that could be read when it was called are in the log. */
  readonly eventsSettled: (signal?: AbortSignal) => Promise<void>
  readonly report: Report
}

export interface AuditStatus {
  readonly audited: number
  readonly stale: number
  readonly waiting: number
}

/** More hits than this wait for nobody: the sample is taken anew. */
const MOST_WAITING = 100

export class Audit {
  readonly #options: AuditOptions
  readonly #waiting = new Map<string, Entry>()
  #audited = 0
  #stale = 0

  constructor(options: AuditOptions) {
    this.#options = options
  }

  /** Told of every hit, right after it was found fresh. */
  offer(entry: Entry): void {
    const { share, random } = this.#options
    if (share <= 0 || random() >= share || this.#waiting.size >= MOST_WAITING) return
    // A copy: the entry's own memo moves on with later hits, but it is this answer that is judged.
    this.#waiting.set(entry.key, { ...entry })
  }

  /** Audits one of the hits that wait, if any. */
  async run(signal?: AbortSignal): Promise<AuditVerdict | undefined> {
    const [first] = this.#waiting
    if (!first) return undefined
    this.#waiting.delete(first[0])
    return this.audit(first[1], signal)
  }

  async audit(entry: Entry, signal?: AbortSignal): Promise<AuditVerdict> {
    const verdict = await this.#judge(entry, signal)
    if (verdict !== 'gone') this.#audited += 1
    if (verdict === 'stale') this.#stale += 1
    this.#options.report({ event: 'audited', key: entry.key, verdict })
    return verdict
  }

  status(): AuditStatus {
    return { audited: this.#audited, stale: this.#stale, waiting: this.#waiting.size }
  }

  async #judge(entry: Entry, signal?: AbortSignal): Promise<AuditVerdict> {
    const { ask, isAffected, isMedia, eventsSettled } = this.#options
    if (isAffected(entry)) return 'explained'
    const body = await ask(entry, signal)
    if (!body) return 'gone'
    const difference = replyDifference(entry.body, body, (field) => isMedia(entry.type, field))
    if (!difference) return 'true'
    await eventsSettled(signal)
    if (isAffected(entry)) return 'explained'
    await this.#repair(entry, difference)
    return 'stale'
  }

  /** First the rows that differ; if that does not reach the entry, its whole type. */
  async #repair(entry: Entry, difference: Difference): Promise<void> {
    const { log, isAffected } = this.#options
    const records = repairs(entry.type, difference)
    if (records.length > 0) await log.append(records)
    if (!isAffected(entry)) await log.append([flushOf('audit', entry.type, 'an audit found a wrong answer')])
  }
}

function repairs(type: string, { changed, appeared, vanished }: Difference): readonly ChangeRecord[] {
  const record = (kind: 'change' | 'create' | 'retire', ids: readonly number[]) =>
    ids.length > 0 ? [rowsRecord('audit', kind, type, ids, 'an audit found a wrong answer')] : []
  return [
    ...record('change', [...changed, ...appeared, ...vanished]),
    ...record('create', appeared),
    ...record('retire', vanished),
  ]
}
