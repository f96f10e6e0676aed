/**
 * A studio at work: random writes in the proportions of a production day, made by its people, its farm and its import
 * script. The same seed on the same clock gives the same day.
 */

import { activityWeights, type Deed, Deeds, leading } from './deeds.ts'
import { SiteFault } from './fault.ts'
import { SeededRandom } from './random.ts'
import type { StoredRow } from './row.ts'
import type { Site } from './site.ts'

export interface ActivityOptions {
  /** Writes per second, on average. */
  readonly perSecond: number
  /** The share of them made by a script that writes no events, 0..1. Default 0.1. */
  readonly silentShare?: number
}

export interface Activity {
  stop(): Promise<void>
}

const defaultSilentShare = 0.1

export class Studio {
  readonly #site: Site
  readonly #random: SeededRandom
  readonly #deeds: Deeds

  constructor(site: Site, seed: number) {
    this.#site = site
    this.#random = new SeededRandom(seed + 7_919)
    this.#deeds = new Deeds(this.#random)
  }

  start({ perSecond, silentShare = defaultSilentShare }: ActivityOptions): Activity {
    const stopping = new AbortController()
    const running = this.#work(1000 / perSecond, silentShare, stopping.signal)
    return {
      stop: () => {
        stopping.abort()
        return running
      },
    }
  }

  /** Writes come at an even pace, whatever the clock's grain: what a late waking missed is made up for. */
  async #work(intervalMs: number, silentShare: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#site.world
    const began = clock.monotonic()
    for (let done = 1; !signal.aborted; done += 1) {
      const waitMs = began + done * intervalMs - clock.monotonic()
      if (waitMs > 0) await clock.sleep(waitMs, signal)
      if (!signal.aborted) this.act(silentShare)
    }
  }

  /** One write. What is refused, for want of rights or because somebody else is writing the row, is not insisted on. */
  act(silentShare = defaultSilentShare): string {
    for (let tries = 0; tries < 10; tries += 1) {
      const done = this.#try(this.#random.weighted(activityWeights), this.#random.chance(silentShare))
      if (done !== 'nothing') return done
    }
    return 'nothing'
  }

  #try(kind: Deed, silently: boolean): string {
    const { credentials } = this.#site.world
    try {
      const caller = credentials.caller(this.#actor(kind, silently ? 'noisy-import' : undefined))
      return this.#site.transact(caller, (writing) => {
        const deed = this.#deeds.do(kind, writing)
        // A status set to what it was is no work done.
        return writing.tx.isEmpty ? 'nothing' : deed
      })
    } catch (error) {
      if (error instanceof SiteFault) return 'nothing'
      throw error
    }
  }

  #actor(kind: Deed, script: string | undefined): StoredRow {
    const { credentials } = this.#site.world
    const name = script ?? (kind === 'publish' && this.#random.chance(0.5) ? 'renderfarm' : undefined)
    const sent = name ? credentials.script(name) : leading.has(kind) ? credentials.person('max') : this.#anybody()
    return sent ?? credentials.script('sgcache')!
  }

  #anybody(): StoredRow | undefined {
    const { store } = this.#site.world
    const row = store.get('HumanUser', this.#random.pick(store.ids('HumanUser')))
    return row?.retired ? undefined : row
  }
}
