/** Runs a command in this process, in a folder of its own, and keeps what it printed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { runCli } from '../../src/cli/program.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export type Run = (argv: string, options?: { env?: Record<string, string>; isInteractive?: boolean }) => Promise<Ran>

/** A complete environment of a site; whose it is does not matter. */
export const siteEnv = { SG_URL: 'https://studio.example.com', SG_SCRIPT: 'cache', SG_KEY: 'S3-upstream-key' }

const folders: string[] = []

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder with these files, and a way to run commands in it. It is gone when the test file ends. */
export function cliIn(files: Readonly<Record<string, string>> = {}): { readonly cwd: string; readonly run: Run } {
  const cwd = mkdtempSync(join(tmpdir(), 'sgcache-cli-'))
  folders.push(cwd)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  const run: Run = async (argv, { env = siteEnv, isInteractive = false } = {}) => {
    const printed = { out: '', err: '' }
    const code = await runCli(wordsOf(argv), {
      out: (text) => {
        printed.out += `${text}\n`
      },
      err: (text) => {
        printed.err += `${text}\n`
      },
      env,
      cwd,
      isInteractive,
      isTerminal: false,
    })
    return { code, ...printed }
  }
  return { cwd, run }
}

/** Splits as a shell does, as far as double quotes go. */
function wordsOf(argv: string): string[] {
  return [...argv.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!)
}
