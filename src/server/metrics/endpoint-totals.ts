/** Requests by endpoint since the start, as the tables for people take them. */
import type { EndpointTotals } from '../../records/endpoint-counts.ts'
import type { Figures } from './figures.ts'
import { endpoints, type FixedHistogram } from './request-counts.ts'

/** The drop-in API is the endpoint `api3`: its calls are counted, and not timed. */
export function endpointTotals(figures: Figures): readonly EndpointTotals[] {
  const errors = new Map<string, number>()
  for (const { endpoint, status, count } of figures.requests.entries()) {
    if (status >= 500) errors.set(endpoint, (errors.get(endpoint) ?? 0) + count)
  }
  const native = endpoints.map((endpoint, at): EndpointTotals => {
    const durations = figures.requests.durations[at]! // one for each endpoint
    const { count: requests, sum: seconds } = durations
    const times = { requests, seconds, buckets: bucketsOf(durations) }
    return { endpoint, errors: errors.get(endpoint) ?? 0, ...readsOf(figures, endpoint), ...times }
  })
  return [...native, dropInTotals(figures)]
}

function readsOf({ hits, misses, graceServed, bytes }: Figures, endpoint: string) {
  if (endpoint !== 'entity' && endpoint !== 'query') return { hits: 0, misses: 0, stale: 0, bytes: 0 }
  return {
    hits: hits[endpoint],
    misses: misses[endpoint],
    stale: graceServed[endpoint],
    bytes: bytes[endpoint],
  }
}

function dropInTotals({ dropIn, dropInBytes }: Figures): EndpointTotals {
  const [hits, stale, errors] = [dropIn.of('hit'), dropIn.of('stale'), dropIn.of('failed')]
  const misses = dropIn.of('miss') + dropIn.of('bypass')
  // `degraded` and `unknown-outcome` are told beside how the call ended.
  const others = dropIn.of('pass') + dropIn.of('written') + dropIn.of('refused') + dropIn.of('unknown-outcome')
  const requests = hits + misses + stale + errors + others
  return { endpoint: 'api3', requests, hits, misses, stale, errors, bytes: dropInBytes, seconds: 0, buckets: [] }
}

function bucketsOf({ bounds, counts }: FixedHistogram): EndpointTotals['buckets'] {
  return [...counts].map((count, at) => ({ upperSeconds: bounds[at] ?? Number.POSITIVE_INFINITY, count }))
}
