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

/** Changes read at a time. */
const batch = 1000
const retryMs = 200
const longestPauseMs = 20

export class SharedLog implements ChangeLog, CursorStore, Lease {
  readonly window: ChangeWindow
  readonly settlesWithinMs: number
  readonly #options: SharedLogOptions
  readonly #renewals: Renewals
  readonly #closing = new AbortController()
  #running: Promise<unknown> = Promise.resolve()
  #entering: Promise<void> | undefined
  #hasEntered = false
  #reading: Promise<number> | undefined
  readonly #troubled = new Set<LogStep>()

  constructor(options: SharedLogOptions) {
    const { server, window, clock, member, settings, quarantineMs } = options
    this.#options = options
    this.window = window
    this.settlesWithinMs = quarantineMs + settings.leaseMs + settings.slackMs
    this.#renewals = new Renewals({
      server,
      window,
      clock,
      member,
      settings,
      catchUp: (head) => this.#catchUp(head),
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
    const { epoch } = this.window
    const at = this.#options.clock.now()
    let seq: number
    try {
      seq = await this.#options.server.append(epoch, records, at, move)
    } catch (error) {
      if (!(error instanceof EpochEnded)) throw error
      await this.#enter()
      // A cursor belongs to the epoch it was loaded in.
      if (move) throw error
      return this.append(records)
    }
    if (this.window.epoch !== epoch) throw new EpochEnded(epoch)
    this.#applyOwn(records, { epoch, seq }, at)
    await this.#catchUp(seq)
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
        await this.#catchUp()
        if (this.window.head > head) this.#renewals.soon()
        await server.news(this.window.epoch, this.window.head, signal)
        this.#worked('tail')
      } catch (error) {
        if (!signal.aborted) await this.#failed('tail', error)
        await clock.sleep(retryMs, signal)
      }
    }
  }

  /**
   * Applies all there is to read. `head`: a seq that the log is known to have reached; if it cannot be read up to
   * there, what is missing is lost, and so is the window.
   */
  async #catchUp(head = 0): Promise<void> {
    const { window } = this
    const { epoch } = window
    for (;;) {
      while (this.#reading) await this.#reading.catch(() => {})
      if (window.epoch !== epoch || (head > 0 && window.head >= head)) return
      const before = window.head
      this.#reading = this.#readBatch().finally(() => {
        this.#reading = undefined
      })
      const count = await this.#reading
      if (window.epoch !== epoch) return
      if (count === 0 && window.head < head) return this.#lost(head)
      if (window.head >= head && (count < batch || window.head === before)) return
    }
  }

  /** Gives how many changes were read. One at a time. */
  async #readBatch(): Promise<number> {
    const { window } = this
    const { epoch } = window
    const changes = await this.#inEpoch(epoch, this.#options.server.read(epoch, window.head, batch))
    if (window.epoch !== epoch) return 0
    if (changes.length > 0 && changes[0]!.seq > window.head + 1) this.#tellHole(changes[0]!.seq - 1)
    for (const change of changes) window.apply(change)
    return changes.length
  }

  #lost(head: number): void {
    this.#tellHole(head)
    this.window.begin({ epoch: this.window.epoch, seq: head })
  }

  #tellHole(head: number): void {
    this.#options.report({ kind: 'hole', after: this.window.head, head })
  }

  /** What was just appended need not be read again, if nobody else came in between. */
  #applyOwn(records: readonly ChangeRecord[], last: Position, at: number): void {
    const first = last.seq - records.length + 1
    if (this.window.head !== first - 1) return
    records.forEach((record, index) => {
      this.window.apply({ ...record, epoch: last.epoch, seq: first + index, at })
    })
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
