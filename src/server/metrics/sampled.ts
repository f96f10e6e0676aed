/**
 * A metric whose values are kept elsewhere, in plain numbers, and only looked at when somebody scrapes. prom-client
 * writes the text; counting costs nothing of it.
 */
import type { Metric, Registry } from 'prom-client'
import type { FixedHistogram } from './request-counts.ts'

export interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string | number>>
}

export interface Described {
  readonly name: string
  readonly help: string
}

export function counter(registry: Registry, described: Described, samples: () => Iterable<Sample>): void {
  register(registry, 'counter', described, () => valuesOf(described.name, samples()))
}

export function gauge(registry: Registry, described: Described, samples: () => Iterable<Sample>): void {
  register(registry, 'gauge', described, () => valuesOf(described.name, samples()))
}

export interface LabelledHistogram {
  readonly histogram: FixedHistogram
  readonly labels: Readonly<Record<string, string>>
}

export function histogram(registry: Registry, described: Described, all: () => Iterable<LabelledHistogram>): void {
  register(registry, 'histogram', described, () => [...all()].flatMap((one) => bucketsOf(described.name, one)))
}

interface Value {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly metricName: string
}

function register(registry: Registry, type: string, { name, help }: Described, values: () => readonly Value[]): void {
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    collect: undefined,
    reset: () => {},
    get: async () => ({ name, help, type, aggregator: 'sum', values: values() }),
  }
  // prom-client's type names its own classes, but the registry asks a metric for its name and `get` only.
  registry.registerMetric(metric as unknown as Metric)
}

function valuesOf(metricName: string, samples: Iterable<Sample>): readonly Value[] {
  return [...samples].map(({ value, labels = {} }) => ({ value, labels, metricName }))
}

function bucketsOf(name: string, { histogram, labels }: LabelledHistogram): readonly Value[] {
  const values: Value[] = []
  let total = 0
  for (const [index, count] of histogram.counts.entries()) {
    total += count
    const le = histogram.bounds[index] ?? '+Inf'
    values.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: total })
  }
  values.push({ metricName: `${name}_sum`, labels, value: histogram.sum })
  values.push({ metricName: `${name}_count`, labels, value: total })
  return values
}
