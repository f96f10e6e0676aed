/**
 * Time as a parameter: nothing in sgcache reads a clock of its own, so every law can be tested on a virtual one.
 *
 * Two readings, because they fail differently: the wall clock jumps when somebody sets it, the monotonic one does not
 * but says nothing about dates. Ages and expiry that leave the process use wall time; leases, lags and the settle
 * window use monotonic time.
 */
export interface Clock {
  /** Wall time, milliseconds since 1970 UTC. */
  now(): number
  /** Milliseconds since an arbitrary point; never goes back. */
  monotonic(): number
  /** Resolves after `ms`; resolves early, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}
