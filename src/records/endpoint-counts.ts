/** Requests by endpoint: whoever counts them gives sums since the start, and what is written is what was added since. */

/** Since the start of the process. */
export interface EndpointTotals {
  readonly endpoint: string
  readonly requests: number
  readonly hits: number
  readonly misses: number
  readonly stale: number
  readonly errors: number
  readonly bytes: number
  readonly seconds: number
  /** How many took up to `upperSeconds` and longer than the bound before; the last bound is infinite. */
  readonly buckets: readonly { readonly upperSeconds: number; readonly count: number }[]
}

const sums = ['requests', 'hits', 'misses', 'stale', 'errors', 'bytes', 'seconds'] as const

export class EndpointCounts {
  readonly #totals: () => readonly EndpointTotals[]
  #last = new Map<string, EndpointTotals>()

  constructor(totals: () => readonly EndpointTotals[]) {
    this.#totals = totals
  }

  /** What was added since it was last taken, of endpoints where there is any. */
  take(): readonly EndpointTotals[] {
    const now = this.#totals()
    const deltas = now.map((totals) => difference(totals, this.#last.get(totals.endpoint)))
    this.#last = new Map(now.map((totals) => [totals.endpoint, totals]))
    return deltas.filter((delta) => sums.some((name) => delta[name] > 0))
  }
}

function difference(now: EndpointTotals, before: EndpointTotals | undefined): EndpointTotals {
  if (!before) return now
  const counted = new Map(before.buckets.map(({ upperSeconds, count }) => [upperSeconds, count]))
  return {
    endpoint: now.endpoint,
    requests: now.requests - before.requests,
    hits: now.hits - before.hits,
    misses: now.misses - before.misses,
    stale: now.stale - before.stale,
    errors: now.errors - before.errors,
    bytes: now.bytes - before.bytes,
    seconds: now.seconds - before.seconds,
    buckets: now.buckets.map(({ upperSeconds, count }) => ({
      upperSeconds,
      count: count - (counted.get(upperSeconds) ?? 0),
    })),
  }
}
