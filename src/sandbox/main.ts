/** The sandbox as a program of its own: listens until it is told to stop. */
import { createSandbox } from './sandbox.ts'
import type { StudioSize } from './studio.ts'

export interface RunOptions {
  readonly port: number
  readonly host?: string
  /** Writes per second that the studio makes by itself. Default 0. */
  readonly activity?: number
  readonly size?: StudioSize
  readonly seed?: number
  /** Stops it. */
  readonly signal: AbortSignal
  /** Lines for people. */
  readonly log: (line: string) => void
}

/** Resolves once it has stopped. Rejects if it cannot listen. */
export async function runSandbox({ port, host, signal, log, ...studio }: RunOptions): Promise<void> {
  const sandbox = createSandbox(studio)
  const { address, close } = await sandbox.listen({ port, ...(host && { host }) })
  log(`A simulated ShotGrid site is at ${address}`)
  log('Script "sgcache", key "sandbox-key" (sees everything); person "ivy", password "sandbox" (an artist).')
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await close()
}
