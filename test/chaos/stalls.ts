/**
 * How long this process stood still, and with it the site and the network that the tests play: on a machine that is
 * busy with other things a process gets no turn for a while, and a bound that is counted by its clock is longer by that.
 */

interface Stall {
  readonly from: number
  readonly ms: number
}

const everyMs = 20
/** A turn that comes this late is nothing unusual. */
const usualMs = 30

export class Stalls {
  readonly #timer: NodeJS.Timeout
  readonly #stalls: Stall[] = []
  #last = performance.now()

  constructor() {
    this.#timer = setInterval(() => this.#look(), everyMs)
    this.#timer.unref()
  }

  /** Together, of those that fall between two moments. */
  between(from: number, to: number): number {
    return this.#stalls.filter((stall) => stall.from <= to && stall.from + stall.ms >= from).reduce(sum, 0)
  }

  get totalMs(): number {
    return this.#stalls.reduce(sum, 0)
  }

  get longestMs(): number {
    return this.#stalls.reduce((most, { ms }) => Math.max(most, ms), 0)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    const ms = now - this.#last - everyMs
    if (ms > usualMs) this.#stalls.push({ from: this.#last, ms })
    this.#last = now
  }
}

function sum(total: number, { ms }: Stall): number {
  return total + ms
}
