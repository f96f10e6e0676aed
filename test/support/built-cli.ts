/** The program as users run it: built, in a process of its own. `npm test` builds it first; alone, a test does. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execa } from 'execa'

const root = resolve(import.meta.dirname, '../..')
const main = join(root, 'dist/cli/main.js')

/** Builds unless the build is newer than every source. */
export function ensureBuilt(): void {
  const newest = Math.max(
    ...readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map(
      (path) => statSync(join(root, 'src', path)).mtimeMs,
    ),
  )
  if (existsSync(main) && statSync(main).mtimeMs >= newest) return
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
  })
}

export interface Started {
  /** Resolves with the first match in what has been printed on this stream so far or is printed later. */
  seen(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  readonly done: Promise<{ readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string }>
}

/** Starts the built program with an environment of its own: nothing of ours but the path. */
export function startBuilt(argv: readonly string[], options: { cwd: string; env?: Record<string, string> }): Started {
  const child = execa(process.execPath, [main, ...argv], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? '', HOME: options.cwd, ...options.env },
    extendEnv: false,
    reject: false,
    forceKillAfterDelay: false,
  })
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      printed[stream] += String(chunk)
    })
  }
  const seen: Started['seen'] = (stream, pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(printed[stream])
        if (match) resolve(match)
      }
      look()
      child[stream].on('data', look)
      void child.then(() => reject(new Error(`it ended without ${pattern}: ${printed.stderr}`)))
    })
  const done = child.then(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr }))
  return { seen, kill: (signal) => child.kill(signal), done }
}
