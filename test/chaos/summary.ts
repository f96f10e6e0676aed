/** What was seen in a run, for people and for docs/reliability.md. */
import { quantile, type Tally } from './tally.ts'

export function summary(tally: Tally, stalledMs: number): string {
  const counts = [...tally.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `${what}: ${times}`)
  return [
    ...counts,
    ...[...tally.ages].map(([cause, ages]) => `untrue answers, by ${cause}: ${figures(ages)}`),
    ...[...tally.times].map(([what, times]) => `time of ${what}: ${figures(times)}`),
    `the test stood still for ${Math.round(stalledMs)} ms`,
  ].join('\n')
}

function figures(values: readonly number[]): string {
  const at = (share: number) => `${Math.round(quantile(values, share) ?? 0)}`
  return `${values.length}, median ${at(0.5)} ms, 99% below ${at(0.99)} ms, longest ${at(1)} ms`
}
