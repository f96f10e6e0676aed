/**
 * Stopping when asked: the first SIGTERM or SIGINT (Ctrl-C; Ctrl-Break on Windows) asks to finish, the second ends the
 * process at once with the shell's code for that signal.
 */
const signals = { SIGINT: 2, SIGTERM: 15, SIGBREAK: 21 } as const
type SignalName = keyof typeof signals

export interface StopSignal {
  readonly signal: AbortSignal
  /** Gives the signals back to the system. */
  release(): void
}

/** What of a process is needed here: `process` itself, or a test's. */
export interface Signalled {
  readonly platform: NodeJS.Platform
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown
  off(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown
  exit(code: number): void
}

export function onStop(tell: (name: SignalName) => void, signalled: Signalled = process): StopSignal {
  const controller = new AbortController()
  const listener = (name: NodeJS.Signals) => {
    const signal = name as SignalName // only these are listened for
    if (controller.signal.aborted) return signalled.exit(128 + signals[signal])
    tell(signal)
    controller.abort()
  }
  const names = (Object.keys(signals) as SignalName[]).filter(
    (name) => name !== 'SIGBREAK' || signalled.platform === 'win32',
  )
  for (const name of names) signalled.on(name, listener)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) signalled.off(name, listener)
    },
  }
}

/** Resolves when the signal is aborted, at once if it was already. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
