/**
 * Counts of requests in fixed slots: a request costs a few additions to arrays, no look-up by labels and no garbage.
 * Prometheus' text is made from them only when it is asked for.
 */
export const endpoints = ['entity', 'query', 'health', 'metrics', 'docs', 'other'] as const
export type RequestEndpoint = (typeof endpoints)[number]

export const methods = ['GET', 'POST', 'HEAD', 'other'] as const

/** Seconds. A hit takes tens of microseconds, a read of ShotGrid up to minutes. */
export const durationBounds = [0.0001, 0.00025, 0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Seconds. */
export const ageBounds = [1, 5, 15, 60, 300, 900, 1800, 3600, 21_600, 86_400]

const firstStatus = 100
const statuses = 500

export class RequestCounts {
  readonly #counts = new Float64Array(endpoints.length * methods.length * statuses)
  readonly durations = endpoints.map(() => new FixedHistogram(durationBounds))

  add(endpoint: RequestEndpoint, method: string, status: number, seconds: number): void {
    const slot = endpointSlot(endpoint)
    this.#counts[(slot * methods.length + methodSlot(method)) * statuses + statusSlot(status)]! += 1
    this.durations[slot]!.add(seconds)
  }

  *entries(): Generator<{ endpoint: RequestEndpoint; method: string; status: number; count: number }> {
    for (const [slot, endpoint] of endpoints.entries()) {
      for (const [methodAt, method] of methods.entries()) {
        for (let status = 0; status < statuses; status += 1) {
          const count = this.#counts[(slot * methods.length + methodAt) * statuses + status]!
          if (count > 0) yield { endpoint, method, status: status + firstStatus, count }
        }
      }
    }
  }
}

/** A histogram whose buckets are fixed when it is made. Values up to and including a bound are in its bucket. */
export class FixedHistogram {
  readonly bounds: readonly number[]
  /** One for each bound, and one for what is above the last. */
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  add(value: number): void {
    const { bounds } = this
    let at = 0
    while (at < bounds.length && value > bounds[at]!) at += 1
    this.counts[at]! += 1
    this.sum += value
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }
}

function endpointSlot(endpoint: RequestEndpoint): number {
  return endpoint === 'entity' ? 0 : endpoint === 'query' ? 1 : endpoints.indexOf(endpoint)
}

function methodSlot(method: string): number {
  return method === 'GET' ? 0 : method === 'POST' ? 1 : method === 'HEAD' ? 2 : 3
}

function statusSlot(status: number): number {
  const slot = status - firstStatus
  return slot >= 0 && slot < statuses ? slot : statuses - 1
}
