/**
 * Writes: sent to the site once, and in the change log before the caller is answered.
 *
 * Always true: a write is never sent twice by us, nor answered so that the client sends it again. If no reply came
 * after it was sent, it may have been applied: what it may have changed is taken as changed, and its types are suspect
 * for a while. A refusal in the site's own words changes nothing.
 */
import type { ChangeRecord } from '../../cache/change.ts'
import type { ChangeLog } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'
import { changesOfWrite, doubtsOfWrite, type Write } from '../../freshness/changes-of-writes.ts'
import { flushOf } from '../../freshness/side-effects-of-writes.ts'
import type { SchemaSource } from '../../reads/schema-source.ts'
import { faultOf } from '../../shotgrid/reply.ts'
import { type Transport, TransportError, type TransportReply } from '../../shotgrid/transport.ts'
import { faultCode } from '../../shotgrid/wire.ts'
import type { WriteEvent } from './drop-in-event.ts'
import { type Reply, unknownOutcomeReply, unreachableReply } from './own-replies.ts'
import type { Suspects } from './suspects.ts'

export interface WriteThroughOptions {
  readonly url: string
  readonly transport: Transport
  readonly log: ChangeLog
  readonly schemas: SchemaSource
  readonly suspects: Suspects
  readonly clock: Clock
  /** How long an answer of the site is waited for: a transaction may take its time, and a client does not mind. */
  readonly patienceMs: number
  /** Aborts when no answer can be waited for any longer. */
  readonly ended: AbortSignal
  /** How long an answer is held back when the log takes no changes (rule 15). */
  readonly holdMs: number
  readonly report: (event: WriteEvent) => void
}

/** What came of a write, and whether every answer from now on sees it: false after rule 15. */
export interface Written {
  readonly reply: Reply
  readonly isSettled: boolean
}

export class WriteThrough {
  readonly #options: WriteThroughOptions

  constructor(options: WriteThroughOptions) {
    this.#options = options
  }

  /** `body`: the whole request as it is sent. The reply is the site's, or ours if there was none. */
  async send(write: Write, body: Buffer, headers: Readonly<Record<string, string>>): Promise<Written> {
    const { url, transport, patienceMs: answerTimeoutMs, ended: signal } = this.#options
    let reply: TransportReply
    try {
      reply = await transport({ path: '/api3/json', body, headers, signal, answerTimeoutMs })
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown error'
      if (error instanceof TransportError && !error.sent) {
        const unreachable = new SgcacheError('UPSTREAM_UNREACHABLE', { url, reason }, { cause: error })
        return { reply: unreachableReply(unreachable), isSettled: true }
      }
      return { reply: unknownOutcomeReply(reason), isSettled: await this.doubt(write, reason) }
    }
    return this.#settle(write, reply)
  }

  async #settle(write: Write, reply: TransportReply): Promise<Written> {
    const outcome = outcomeOf(reply)
    if (outcome.kind === 'refused') {
      this.#options.report({ kind: 'refused', method: write.method })
      return { reply, isSettled: true }
    }
    if (outcome.kind === 'unknown') {
      const isSettled = await this.doubt(write, outcome.reason)
      return { reply: outcome.isFinal ? reply : unknownOutcomeReply(outcome.reason), isSettled }
    }
    return { reply, isSettled: await this.done(write, outcome.results) }
  }

  /** The write was applied. Resolves when every answer from now on sees it; with false when that cannot be had. */
  async done(write: Write, results: unknown): Promise<boolean> {
    const schema = await this.#schema()
    const changes = understood(write, () => changesOfWrite(write, results, schema))
    this.#options.report({ kind: 'written', method: write.method, changes: changes.length })
    return this.record(changes)
  }

  /** The write may have been applied, or may yet be. */
  async doubt(write: Write, reason: string): Promise<boolean> {
    const schema = await this.#schema()
    const doubts = understood(write, () => doubtsOfWrite(write, schema))
    this.#options.report({ kind: 'unknown-outcome', method: write.method, reason })
    this.#options.suspects.watch(doubts)
    return this.record(doubts)
  }

  /** Appends, and waits until it counts everywhere. Gives up after the hold time, and says so. */
  async record(changes: readonly ChangeRecord[]): Promise<boolean> {
    if (changes.length === 0) return true
    const { log, clock, holdMs, report } = this.#options
    const end = clock.monotonic() + holdMs
    for (;;) {
      try {
        await log.settled(await log.append(changes))
        return true
      } catch (error) {
        if (clock.monotonic() >= end) {
          report({ kind: 'degraded', error })
          return false
        }
        await clock.sleep(retryMs)
      }
    }
  }

  /** The last schema known: for a write it need not be the newest, since unknown fields make changes broader. */
  async #schema() {
    return this.#options.schemas.last ?? (await this.#options.schemas.current().catch(() => undefined))
  }
}

const retryMs = 250

/** Nothing may be lost of a write because its request or reply is stranger than anybody has thought of. */
function understood({ method }: Write, changes: () => readonly ChangeRecord[]): readonly ChangeRecord[] {
  try {
    return changes()
  } catch {
    return [flushOf('*', `${method} that cannot be read`)]
  }
}

type WriteOutcome =
  | { readonly kind: 'done'; readonly results: unknown }
  | { readonly kind: 'refused' }
  /** `isFinal`: the client takes the reply for an error and does not send the write again. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly isFinal: boolean }

/** Faults that say that nothing was written. Others are errors of the server, which may strike at any moment. */
const refusals = new Set<number | undefined>([
  faultCode.authentication,
  faultCode.malformed,
  faultCode.refused,
  faultCode.twoFactorMissing,
  faultCode.ssoLogin,
  faultCode.autodeskIdentity,
])

function outcomeOf({ status, body }: TransportReply): WriteOutcome {
  // Whoever stands before the site turned the request away.
  if (status >= 400 && status < 500) return { kind: 'refused' }
  // The client may follow a redirect, and sends again on 502 and 504.
  if (status !== 200) {
    return { kind: 'unknown', reason: `HTTP ${status}`, isFinal: status >= 500 && status !== 502 && status !== 504 }
  }
  const fault = faultOf(body)
  if (fault && refusals.has(fault.error_code)) return { kind: 'refused' }
  if (fault) return { kind: 'unknown', reason: 'an unexpected error of the site', isFinal: true }
  try {
    const reply: unknown = JSON.parse(body.toString('utf8'))
    const isWrapped = typeof reply === 'object' && reply !== null && 'results' in reply
    return { kind: 'done', results: isWrapped ? reply.results : reply }
  } catch {
    return { kind: 'unknown', reason: 'the reply is cut short or garbled', isFinal: false }
  }
}
