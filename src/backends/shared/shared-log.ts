/**
 * The change log that several processes share: the algorithm, over whatever server holds it.
 *
 * A process *enters* the log's epoch, *tails* it into its window, and *renews* its right to answer, saying how far it
 * has applied the log. A change is *settled* when every member has applied it or has lost its right (rule 13).
 *
 * Always true: while `mayAnswer` is true, the window holds every change that any process has had settled. A process cut
 * off from the log loses its right within the lease, keeps its window, and catches up when it is back; only another
 * epoch, or a hole, makes it forget.
 *
 * Cost at the server: a renewal each quarter of the lease and after each batch of changes.
 */
import type { ChangeRecord, Position } from '../../cache/change.ts'
import type { ChangeWindow } from '../../cache/change-window.ts'
import type { ChangeLog, Cursor, CursorMove, CursorStore, Lease } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { CatchingUp } from './catching-up.ts'
import type { LogEvent, LogStep } from './log-event.ts'
import { EpochEnded, type LogServer } from './log-server.ts'
import { Renewals } from './renewals.ts'
import type { SharedSettings } from './settings.ts'

export interface SharedLogOptions {
  readonly server: LogServer
  /** Empty, of an epoch that no log has. */
  readonly window: ChangeWindow
  readonly clock: Clock
  /** A new random id, at least 64 bits. */
  readonly newId: () => string
  /** The name of this process among the members: never used before. */
  readonly member: string
  readonly settings: SharedSettings
  /** How long the server keeps a new epoch closed. */
  readonly quarantineMs: number
  readonly report: (event: LogEvent) => void
}

const retryMs = 200
const longestPauseMs = 20

export class SharedLog implements ChangeLog, CursorStore, Lease {
  readonly window: ChangeWindow
  readonly settlesWithinMs: number
  readonly #options: SharedLogOptions
  readonly #renewals: Renewals
  readonly #catchingUp: CatchingUp
  readonly #closing = new AbortController()
  #running: Promise<unknown> = Promise.resolve()
  #entering: Promise<void> | undefined
  #hasEntered = false
  readonly #troubled = new Set<LogStep>()

  constructor(options: SharedLogOptions) {
    const { server, window, clock, member, settings, quarantineMs, report } = options
    this.#options = options
    this.window = window
    this.settlesWithinMs = quarantineMs + settings.leaseMs + settings.slackMs
    const read = (after: number, limit: number) => {
      const { epoch } = window
      return this.#inEpoch(epoch, server.read(epoch, after, limit))
    }
    this.#catchingUp = new CatchingUp({ window, read, report })
    this.#renewals = new Renewals({
      server,
      window,
      clock,
      member,
      settings,
      catchUp: (head) => this.#catchingUp.upTo(head),
      onTrouble: (error) => this.#failed('renew', error),
      onSuccess: () => this.#worked('renew'),
    })
  }

  /** Begins to enter, tail and renew. Returns at once, whether or not the server is there. Once. */
  start(): void {
    const { signal } = this.#closing
    this.#running = this.#entered(signal).then(() => Promise.all([this.#tail(signal), this.#renewals.run(signal)]))
  }

  mayAnswer(): boolean {
    return this.#renewals.right.holds()
  }

  /** Processes that held a right when this one last asked. */
  get members(): number {
    return this.#renewals.members
  }

  async append(records: readonly ChangeRecord[], move?: CursorMove): Promise<Position> {
    await this.#needEpoch()
    try {
      return await this.#appendIn(this.window.epoch, records, move)
    } catch (error) {
      // A cursor belongs to the epoch it was loaded in.
      if (!(error instanceof EpochEnded) || move) throw error
      return this.#appendIn(this.window.epoch, records)
    }
  }

  /** When it rejects with EpochEnded, the next epoch has been entered. */
  async #appendIn(epoch: string, records: readonly ChangeRecord[], move?: CursorMove): Promise<Position> {
    const at = this.#options.clock.now()
    const seq = await this.#inEpoch(epoch, this.#options.server.append(epoch, records, at, move))
    if (this.window.epoch !== epoch) throw new EpochEnded(epoch)
    this.#catchingUp.applyOwn(records, { epoch, seq }, at)
    await this.#catchingUp.upTo(seq)
    this.#renewals.soon()
    return { epoch, seq }
  }

  async settled({ epoch, seq }: Position): Promise<void> {
    const { server, clock } = this.#options
    const end = clock.monotonic() + this.settlesWithinMs
    for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      if ((await this.#inEpoch(epoch, server.behind(epoch, seq))) === 0) return
      if (clock.monotonic() >= end) throw new Error(`the change ${seq} was not settled in ${this.settlesWithinMs} ms`)
      await clock.sleep(pauseMs)
    }
  }

  async load(): Promise<Cursor | undefined> {
    await this.#needEpoch()
    const { epoch } = this.window
    return this.#inEpoch(epoch, this.#options.server.cursor(epoch))
  }

  async acquire(): Promise<number | undefined> {
    const { server, member, settings } = this.#options
    await this.#needEpoch()
    const { epoch } = this.window
    return this.#inEpoch(epoch, server.acquireLease(epoch, member, settings.followerLeaseMs))
  }

  async release(): Promise<void> {
    const { server, member } = this.#options
    // Whoever cannot be told finds out when the lease ends.
    if (this.#hasEntered) await server.releaseLease(this.window.epoch, member).catch(() => {})
  }

  /** Gives up the right and the membership. */
  async close(): Promise<void> {
    const { server, member } = this.#options
    this.#closing.abort()
    this.#renewals.right.revoke()
    await this.#running
    if (this.#hasEntered) await server.leave(this.window.epoch, member).catch(() => {})
    await server.close()
  }

  /** The outcome of a step in `epoch`. If that has ended, the next one is entered, and the caller told. */
  async #inEpoch<T>(epoch: string, step: Promise<T>): Promise<T> {
    try {
      return await step
    } catch (error) {
      if (error instanceof EpochEnded && this.window.epoch === epoch) await this.#enter()
      throw error
    }
  }

  async #needEpoch(): Promise<void> {
    if (!this.#hasEntered) await this.#enter()
  }

  #enter(): Promise<void> {
    this.#entering ??= this.#findEpoch().finally(() => {
      this.#entering = undefined
    })
    return this.#entering
  }

  async #findEpoch(): Promise<void> {
    const { server, newId, report } = this.#options
    const { window } = this
    const known = this.#hasEntered ? { epoch: window.epoch, seq: window.head } : undefined
    const { epoch, head, coverage, opensInMs } = await server.enter(newId(), known)
    this.#worked('enter')
    if (epoch === window.epoch) return
    this.#renewals.right.revoke()
    window.begin({ epoch, seq: coverage })
    this.#hasEntered = true
    report({ kind: 'entered', epoch, head, opensInMs })
  }

  /** Resolves when this process is in an epoch, however long the server takes to come. */
  async #entered(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#hasEntered) {
      await this.#enter().catch((error: unknown) => this.#failed('enter', error))
      if (!this.#hasEntered) await this.#options.clock.sleep(retryMs, signal)
    }
  }

  async #tail(signal: AbortSignal): Promise<void> {
    const { server, clock } = this.#options
    while (!signal.aborted) {
      try {
        const { head } = this.window
        await this.#catchingUp.upTo()
        if (this.window.head > head) this.#renewals.soon()
        await server.news(this.window.epoch, this.window.head, signal)
        this.#worked('tail')
      } catch (error) {
        if (!signal.aborted) await this.#failed('tail', error)
        await clock.sleep(retryMs, signal)
      }
    }
  }

  async #failed(during: LogStep, error: unknown): Promise<void> {
    if (error instanceof EpochEnded) {
      await this.#enter().catch((trouble: unknown) => this.#failed('enter', trouble))
      return
    }
    if (this.#troubled.has(during)) return
    this.#troubled.add(during)
    this.#options.report({ kind: 'trouble', during, error })
  }

  #worked(step: LogStep): void {
    if (this.#troubled.delete(step) && this.#troubled.size === 0) this.#options.report({ kind: 'restored' })
  }
}
