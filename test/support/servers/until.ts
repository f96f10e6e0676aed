/** Waits for something outside of the process: asks again and again, for a bounded time. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface UntilOptions {
  /** What is waited for, as it is named in the error. */
  readonly what: string
  /** Default 30 s: long, as it only bounds how late a failure is told. */
  readonly withinMs?: number
  readonly everyMs?: number
}

/** Resolves with the first answer that is not false, undefined or null. An error of `ask` is a no, shown at the end. */
export async function until<T>(
  ask: () => Promise<T> | T,
  { what, withinMs = 30_000, everyMs = 25 }: UntilOptions,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + withinMs
  for (;;) {
    let cause: unknown
    try {
      const answer = await ask()
      // The check has taken away what the type takes away, which the compiler cannot follow for a free T.
      if (answer !== false && answer !== undefined && answer !== null) return answer as NonNullable<Exclude<T, false>>
    } catch (error) {
      cause = error
    }
    if (performance.now() >= end) throw new Error(`Waited ${withinMs} ms in vain until ${what}.`, { cause })
    await sleep(everyMs)
  }
}
