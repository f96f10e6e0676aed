/** A server under measurement, seen from both sides: a process of its own that tells its port and its CPU time. */
import { type ChildProcess, fork } from 'node:child_process'

export interface Target {
  readonly port: number
  /** User and system time so far, microseconds. */
  cpu(): Promise<number>
  rssBytes(): Promise<number>
  stop(): Promise<void>
}

type Figures = { readonly cpuUs: number; readonly rssBytes: number }

/** In the child: tells the port, then answers each question with the figures. */
export function ofParent(port: number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    const figures: Figures = { cpuUs: user + system, rssBytes: process.memoryUsage.rss() }
    process.send?.(figures)
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ port })
}

/** In the parent. */
export async function startTarget(file: string, args: readonly string[]): Promise<Target> {
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { port } = (await message(child)) as { port: number } // see `ofParent`
  const figures = async () => {
    const answer = message(child)
    child.send('figures?')
    return (await answer) as Figures // see `ofParent`
  }
  return {
    port,
    cpu: async () => (await figures()).cpuUs,
    rssBytes: async () => (await figures()).rssBytes,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill()
      }),
  }
}

export function message(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (value) => {
      child.off('exit', ended)
      resolve(value)
    })
  })
}
