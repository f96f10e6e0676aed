/**
 * Durations and sizes as people write them: `"30s"`, `"512MB"`.
 *
 * A number without a unit is refused rather than guessed. Sizes are powers of 1024, as memory limits are: 1MB is
 * 1,048,576 bytes; MiB means the same. Fractions are allowed (`"1.5h"`), and what is printed can be read back.
 */

/** In code a duration is always a number of milliseconds. */
export type Milliseconds = number
/** In code a size is always a number of bytes. */
export type Bytes = number

const durations: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

const sizes: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1024],
  ['MB', 1024 ** 2],
  ['GB', 1024 ** 3],
])

/** As a regular expression in text, for the JSON Schema. */
export const durationPattern = '^\\s*\\d+(\\.\\d+)?\\s*(ms|s|m|h|d)\\s*$'
export const sizePattern = '^\\s*\\d+(\\.\\d+)?\\s*([KMG]i?)?B\\s*$'

/** Whole milliseconds, or `undefined` when the text is not a duration. */
export function parseDuration(text: string): Milliseconds | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(text)
  return match ? Math.round(Number(match[1]) * durations.get(match[2]!)!) : undefined
}

/** Whole bytes, or `undefined` when the text is not a size. Upper and lower case are the same. */
export function parseSize(text: string): Bytes | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMG]?)I?B\s*$/.exec(text.toUpperCase())
  return match ? Math.round(Number(match[1]) * sizes.get(`${match[2]}B`)!) : undefined
}

export function formatDuration(ms: Milliseconds): string {
  return inLargestUnit(ms, durations)
}

export function formatSize(bytes: Bytes): string {
  return inLargestUnit(bytes, sizes)
}

/** In the largest unit that gives a whole number: 90,000 ms is `90s`, not `1.5m`. */
function inLargestUnit(value: number, units: ReadonlyMap<string, number>): string {
  const fitting = [...units].filter(([, one]) => value >= one && value % one === 0)
  const [unit, one] = fitting.at(-1) ?? [...units][0]!
  return `${value / one}${unit}`
}
