/**
 * Renews the right of one process to answer, and says how far it has applied the log.
 *
 * At its beginning, and whenever it has lapsed, the right begins only when the head that the server named is applied
 * (rule 8): what others had settled meanwhile, without waiting for this one, is known by then. That the server had
 * forgotten this process is told once, and whoever was told may not have heard it; so a right that this process itself
 * finds lapsed counts as forgotten. The server forgets later than the right lapses.
 *
 * One renewal is under way at a time. One that is asked for meanwhile follows at once, since the first may have told
 * less than is applied by now. What fails is tried again after a pause.
 */
import type { ChangeWindow } from '../../cache/change-window.ts'
import type { Clock } from '../../clock.ts'
import { EpochEnded, type LogServer } from './log-server.ts'
import { Right } from './right.ts'
import type { SharedSettings } from './settings.ts'

export interface RenewalsOptions {
  readonly server: Pick<LogServer, 'renew'>
  readonly window: ChangeWindow
  readonly clock: Clock
  readonly member: string
  readonly settings: SharedSettings
  /** Applies the log up to `head`, at least. */
  readonly catchUp: (head: number) => Promise<void>
  readonly onTrouble: (error: unknown) => Promise<void>
  readonly onSuccess: () => void
}

export class Renewals {
  readonly right: Right
  members = 1
  readonly #options: RenewalsOptions
  #underWay: Promise<void> | undefined
  #isWanted = false
  /** The right begins when this is applied. */
  #needed = 0
  #opensInMs = 0
  #hasEnded = false

  constructor(options: RenewalsOptions) {
    this.#options = options
    this.right = new Right(options.clock, options.settings.leaseMs)
  }

  /** Renews now and then until `signal` aborts; then the right has ended, and does not begin again. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options
    while (!signal.aborted) {
      this.soon()
      await this.#underWay
      const pauseMs = settings.leaseMs / 4
      await clock.sleep(this.#opensInMs > 0 ? Math.min(this.#opensInMs, pauseMs) : pauseMs, signal)
    }
    this.#hasEnded = true
    this.right.revoke()
    await this.#underWay
  }

  soon(): void {
    if (this.#hasEnded) return
    this.#isWanted = true
    this.#underWay ??= this.#renewWhileWanted().finally(() => {
      this.#underWay = undefined
    })
  }

  async #renewWhileWanted(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false
      try {
        await this.#renew()
        this.#options.onSuccess()
      } catch (error) {
        await this.#options.onTrouble(error)
        // If the next epoch could not be entered, nobody need hurry.
        if (error instanceof EpochEnded && this.#options.window.epoch !== error.epoch) this.#isWanted = true
      }
    }
  }

  async #renew(): Promise<void> {
    const { server, window, member, settings, catchUp } = this.#options
    const { epoch, head: applied } = window
    const sent = this.right.moment()
    const renewal = await server.renew(epoch, member, applied, settings.leaseMs + settings.slackMs)
    if (window.epoch !== epoch) return
    // What is applied here is gone there: the server has lost the end of its log without knowing it.
    if (renewal.head < applied) throw new EpochEnded(epoch)
    this.members = renewal.members
    this.#opensInMs = renewal.opensInMs
    if (renewal.joined) this.right.revoke()
    if (!this.right.holds()) this.#needed = renewal.head
    if (!this.#hasEnded && renewal.opensInMs <= 0 && window.head >= this.#needed) this.right.grant(sent)
    if (window.head >= renewal.head) return
    await catchUp(renewal.head)
    this.#isWanted = true
  }
}
