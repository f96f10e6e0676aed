/**
 * How many calls may be under way at the site, for all processes that share a tier together.
 *
 * Each process takes an equal share of the whole, one call at least, and more of them as processes come or go: no word
 * with anybody is needed for a call, and it holds when the tier cannot be reached. What one process leaves unused, the
 * others do not get.
 */
import pLimit, { type LimitFunction } from 'p-limit'
import { type Transport, TransportError } from './transport.ts'

export interface CallBudgetOptions {
  /** For all processes together. */
  readonly calls: number
  /** How many processes there are now, this one included. Asked at each call; cheap. */
  readonly processes: () => number
}

export class CallBudget {
  readonly #options: CallBudgetOptions
  readonly #limit: LimitFunction

  constructor(options: CallBudgetOptions) {
    this.#options = options
    this.#limit = pLimit(this.share)
  }

  /** How many calls this process may have under way now. */
  get share(): number {
    const { calls, processes } = this.#options
    return Math.max(1, Math.floor(calls / Math.max(1, processes())))
  }

  /**
   * Resolves when a call may begin, with the function that ends it. Rejects with a `TransportError` that says that
   * nothing was sent, as soon as `signal` aborts.
   */
  begin(signal?: AbortSignal): Promise<() => void> {
    this.#adjust()
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new TransportError('it was given up while it waited its turn', false, signal?.reason))
      signal?.addEventListener('abort', giveUp, { once: true })
      const turn = (end: () => void) => {
        signal?.removeEventListener('abort', giveUp)
        if (!signal?.aborted) return resolve(() => this.#end(end))
        giveUp()
        end()
      }
      void this.#limit(() => new Promise<void>(turn))
    })
  }

  #end(end: () => void): void {
    this.#adjust()
    end()
  }

  #adjust(): void {
    const { share } = this
    if (this.#limit.concurrency !== share) this.#limit.concurrency = share
  }
}

/** The same transport, whose calls wait for their turn. */
export function withinBudget(transport: Transport, budget: CallBudget): Transport {
  return async (request) => {
    const end = await budget.begin(request.signal)
    try {
      return await transport(request)
    } finally {
      end()
    }
  }
}
