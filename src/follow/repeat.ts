/**
 * Repeats a piece of background work until told to stop, and never gives up: an error is reported and the work is
 * tried again later, each time after a longer pause with jitter, until it succeeds.
 */
import type { Clock } from '../clock.ts'
import type { Part, Report } from './follow-event.ts'

export interface RepeatOptions {
  readonly part: Part
  /** The pause after a success. After failures it is at least this, and half a minute at most unless this is more. */
  readonly everyMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly report: Report
  readonly signal: AbortSignal
}

const LONGEST_PAUSE_MS = 30_000

/** Resolves when the signal has aborted and the work under way has ended; never rejects. */
export async function repeat(work: () => Promise<unknown>, options: RepeatOptions): Promise<void> {
  const { clock, signal } = options
  for (let failures = 0; !signal.aborted; ) {
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason ?? new Error('unknown failure'),
    )
    if (signal.aborted) return
    if (error === undefined && failures > 0) options.report({ event: 'recovered', part: options.part })
    failures = error === undefined ? 0 : failures + 1
    const pauseMs = failures === 0 ? options.everyMs : backOffMs(failures, options)
    if (error !== undefined) options.report({ event: 'failed', part: options.part, error, retryInMs: pauseMs })
    await clock.sleep(pauseMs, signal)
  }
}

function backOffMs(failures: number, { everyMs, random }: RepeatOptions): number {
  const longest = Math.max(LONGEST_PAUSE_MS, everyMs)
  return Math.min(longest, everyMs * 2 ** Math.min(failures - 1, 20)) * (0.75 + random() / 2)
}
