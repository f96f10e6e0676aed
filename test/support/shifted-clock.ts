/**
 * The machine's own time, which a test can only move ahead: for tests with real servers, whose answers take real time.
 */
import { type Clock, systemClock } from '../../src/clock.ts'

export class ShiftedClock implements Clock {
  #shiftMs = 0

  now(): number {
    return systemClock.now() + this.#shiftMs
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#shiftMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }

  /** From now on it is later. Who sleeps already sleeps on. */
  async advance(ms: number): Promise<void> {
    this.#shiftMs += ms
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return promise
  }
}
