/**
 * What a command has of the world outside: two streams, the environment, the folder it runs in.
 *
 * stdout is data, what a script would read; stderr is talk, what a person would.
 */
import type { Environment } from '../config/env-layer.ts'

export interface Io {
  /** To stdout; the line break is added. */
  out(text: string): void
  /** To stderr; the line break is added. */
  err(text: string): void
  readonly env: Environment
  readonly cwd: string
  /** Whether somebody is there to be asked. */
  readonly isInteractive: boolean
  /** Whether stdout is read by a person. */
  readonly isTerminal: boolean
  /** Says with which code the process ends when the command is done; the default is 0. */
  exitWith(code: number): void
}
