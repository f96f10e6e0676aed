import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { FixedHistogram } from '../../../src/server/metrics/request-counts.ts'
import { counter, gauge, histogram } from '../../../src/server/metrics/sampled.ts'

describe('a metric kept elsewhere', () => {
  it('is looked at when somebody scrapes, each time', async () => {
    const registry = new Registry()
    let value = 1
    gauge(registry, { name: 'height', help: 'How high.' }, () => [{ value }])
    expect(await registry.metrics()).toContain('# HELP height How high.\n# TYPE height gauge\nheight 1\n')
    value = 2
    expect(await registry.metrics()).toContain('\nheight 2\n')
  })

  it('has a line for each of its labels, escaped', async () => {
    const registry = new Registry()
    counter(registry, { name: 'told_total', help: 'Told.' }, () => [
      { value: 1, labels: { word: 'plain', status: 200 } },
      { value: 2, labels: { word: 'a "quote", a \\ and\na line', status: 404 } },
    ])
    const text = await registry.metrics()
    expect(text).toContain('told_total{word="plain",status="200"} 1\n')
    expect(text).toContain('told_total{word="a \\"quote\\", a \\\\ and\\na line",status="404"} 2\n')
    expect(text).toContain('# TYPE told_total counter')
  })

  it('may have nothing to say, and is there all the same', async () => {
    const registry = new Registry()
    gauge(registry, { name: 'unseen', help: 'Not there.' }, () => [])
    expect((await registry.metrics()).trim()).toBe('# HELP unseen Not there.\n# TYPE unseen gauge')
  })

  it('cannot be there twice', () => {
    const registry = new Registry()
    gauge(registry, { name: 'twice', help: 'One.' }, () => [])
    expect(() => gauge(registry, { name: 'twice', help: 'Two.' }, () => [])).toThrow(/twice/)
  })
})

describe('a histogram', () => {
  it('is written with buckets that add up, an infinite one, sum and count', async () => {
    const registry = new Registry()
    const kept = new FixedHistogram([0.1, 1])
    for (const value of [0.05, 0.1, 0.5, 2]) kept.add(value)
    histogram(registry, { name: 'took_seconds', help: 'Took.' }, () => [{ histogram: kept, labels: { way: 'up' } }])
    const lines = (await registry.metrics()).split('\n')
    expect(lines.filter((line) => line.startsWith('took'))).toEqual([
      'took_seconds_bucket{way="up",le="0.1"} 2',
      'took_seconds_bucket{way="up",le="1"} 3',
      'took_seconds_bucket{way="up",le="+Inf"} 4',
      'took_seconds_sum{way="up"} 2.65',
      'took_seconds_count{way="up"} 4',
    ])
    expect(lines).toContain('# TYPE took_seconds histogram')
  })
})
