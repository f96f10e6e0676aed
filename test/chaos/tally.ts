/** What was seen in a run, counted; and what must not have been, word for word. */
import type { Cause } from '../histories/timeline.ts'

export type FaultKind =
  | 'unseen write'
  | 'too old'
  | 'never true'
  | 'error'
  | 'hang'
  | 'stale while upstream is up'
  | 'not right at the end'
  | 'lost event'

export interface Fault {
  readonly kind: FaultKind
  readonly from: number
  readonly to: number
  readonly text: string
}

export class Tally {
  readonly counts = new Map<string, number>()
  readonly faults: Fault[] = []
  /** How old answers were that were untrue, by cause; also those within their bounds. */
  readonly ages = new Map<Cause, number[]>()
  /** How long answers took, ms. */
  readonly times = new Map<string, number[]>()

  count(what: string, times = 1): void {
    this.counts.set(what, this.of(what) + times)
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0
  }

  fault(fault: Fault): void {
    this.count(`fault: ${fault.kind}`)
    if (this.faults.length < mostFaults) this.faults.push(fault)
  }

  age(cause: Cause, ms: number): void {
    add(this.ages, cause, ms)
  }

  took(what: string, ms: number): void {
    add(this.times, what, ms)
  }
}

const mostFaults = 20

function add<Key>(to: Map<Key, number[]>, key: Key, value: number): void {
  const values = to.get(key) ?? []
  values.push(value)
  to.set(key, values)
}

/** The value below which that share of the values lies. */
export function quantile(values: readonly number[], share: number): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]
}
