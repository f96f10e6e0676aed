/**
 * The command line: which commands there are, and how each run ends.
 *
 * A command declares its options here at once; what it does is imported only when it runs, so that `--help` is fast.
 * Exit codes are those of the error catalogue: 0 done, 1 failed, 2 wrong usage or configuration, 3 something else is
 * not reachable, 4 refused.
 */
import { Command, CommanderError } from 'commander'
import { SgcacheError } from '../errors.ts'
import { declareConfig } from './commands/config.ts'
import { declareInit } from './commands/init.ts'
import { declareListen } from './commands/listen.ts'
import { declareSandbox } from './commands/sandbox.ts'
import { declareServe } from './commands/serve.ts'
import { declareToken } from './commands/token.ts'
import type { Io } from './io.ts'
import { version } from './version.ts'

/** Runs one command; the exit code. Never throws. */
export async function runCli(argv: readonly string[], io: Omit<Io, 'exitWith'>): Promise<number> {
  let exitCode = 0
  const exitWith = (code: number) => {
    exitCode = code
  }
  try {
    await createProgram({ ...io, exitWith }).parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    return tell(error, io)
  }
}

export function createProgram(io: Io): Command {
  const program = new Command('sgcache')
    .description('A truthful cache between a studio’s tools and Autodesk ShotGrid (Flow Production Tracking).')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
      outputError: (text, write) => write(withoutValues(text)),
    })
    .showSuggestionAfterError()
    .showHelpAfterError('(see --help)')
  // Settings made above are handed down to commands as they are declared.
  for (const declare of [declareInit, declareServe, declareListen, declareSandbox, declareToken, declareConfig])
    declare(program, io)
  return program
}

/** `--unknown=value` as `--unknown`: somebody may have put a secret there. */
function withoutValues(text: string): string {
  return text.replace(/(--[\w-]+)=.*?(?='(\s|$))/gs, '$1')
}

const wrongUsage = 2

function tell(error: unknown, io: Omit<Io, 'exitWith'>): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage // it has been told already
  if (error instanceof SgcacheError) {
    io.err(`sgcache: ${error.message}\n${error.hint}`)
  } else {
    io.err(`sgcache: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (io.env.SGCACHE_DEBUG && error instanceof Error) io.err(stackOf(error))
  return error instanceof SgcacheError ? error.exitCode : 1
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
