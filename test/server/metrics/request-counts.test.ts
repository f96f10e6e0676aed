import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ageBounds, durationBounds, FixedHistogram, RequestCounts } from '../../../src/server/metrics/request-counts.ts'

describe('counts of requests', () => {
  it('are kept apart by endpoint, method and status', () => {
    const counts = new RequestCounts()
    counts.add('entity', 'GET', 200, 0.001)
    counts.add('entity', 'GET', 200, 0.002)
    counts.add('entity', 'HEAD', 200, 0.001)
    counts.add('query', 'POST', 503, 0.1)
    counts.add('docs', 'GET', 304, 0.1)
    expect([...counts.entries()]).toEqual([
      { endpoint: 'entity', method: 'GET', status: 200, count: 2 },
      { endpoint: 'entity', method: 'HEAD', status: 200, count: 1 },
      { endpoint: 'query', method: 'POST', status: 503, count: 1 },
      { endpoint: 'docs', method: 'GET', status: 304, count: 1 },
    ])
  })

  it('know a method that is none of theirs as another', () => {
    const counts = new RequestCounts()
    for (const method of ['PROPFIND', 'get', '']) counts.add('other', method, 404, 0)
    expect([...counts.entries()]).toEqual([{ endpoint: 'other', method: 'other', status: 404, count: 3 }])
  })

  test.each([
    [100, 100],
    [599, 599],
    [600, 599],
    [0, 599],
    [1e9, 599],
  ])('count status %s as %s', (status, counted) => {
    const counts = new RequestCounts()
    counts.add('entity', 'GET', status, 0)
    expect([...counts.entries()]).toEqual([{ endpoint: 'entity', method: 'GET', status: counted, count: 1 }])
  })

  it('measure how long the requests of each endpoint took', () => {
    const counts = new RequestCounts()
    counts.add('entity', 'GET', 200, 0.5)
    counts.add('metrics', 'GET', 200, 2)
    expect(counts.durations.map(({ sum, count }) => [sum, count])).toEqual([
      [0.5, 1],
      [0, 0],
      [0, 0],
      [2, 1],
      [0, 0],
      [0, 0],
    ])
  })
})

describe('a histogram', () => {
  it('counts a value in the first bucket whose bound it does not exceed', () => {
    const histogram = new FixedHistogram([1, 2, 4])
    for (const value of [0, 1, 1.5, 2, 4, 4.1, 1e9]) histogram.add(value)
    expect([...histogram.counts]).toEqual([2, 2, 1, 2])
    expect(histogram.count).toBe(7)
  })

  it('loses nothing: its buckets and its sum are those of the values', () => {
    const value = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.array(value), fc.constantFrom(durationBounds, ageBounds), (values, bounds) => {
        const histogram = new FixedHistogram(bounds)
        for (const one of values) histogram.add(one)
        let below = 0
        for (const [at, bound] of bounds.entries()) {
          below += histogram.counts[at]!
          expect(below).toBe(values.filter((one) => one <= bound).length)
        }
        expect(histogram.count).toBe(values.length)
        expect(histogram.sum).toBeCloseTo(
          values.reduce((sum, one) => sum + one, 0),
          3,
        )
      }),
    )
  })

  test.each([[durationBounds], [ageBounds]])('has bounds that rise: %j', (bounds) => {
    expect([...bounds].sort((a, b) => a - b)).toEqual(bounds)
  })
})
