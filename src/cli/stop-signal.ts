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

export function onStop(tell: (name: SignalName) => void): StopSignal {
  const controller = new AbortController()
  const listener = (name: NodeJS.Signals) => {
    const signal = name as SignalName // only these are listened for
    if (controller.signal.aborted) process.exit(128 + signals[signal])
    tell(signal)
    controller.abort()
  }
  const names = (Object.keys(signals) as SignalName[]).filter(
    (name) => name !== 'SIGBREAK' || process.platform === 'win32',
  )
  for (const name of names) process.on(name, listener)
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, listener)
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
