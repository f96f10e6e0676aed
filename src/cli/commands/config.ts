/** `sgcache config check` and `sgcache config show`: what a server started here would run with, and why. */
import type { Command } from 'commander'
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.ts'
import type { Io } from '../io.ts'

interface ShowOptions extends ConfigOptions {
  readonly origin?: boolean
  readonly json?: boolean
}

export function declareConfig(program: Command, io: Io): void {
  const config = program.command('config').description('check the configuration, or show it')
  addConfigOptions(config.command('check'))
    .description('tell every problem of the configuration, each with its place')
    .option('--json', 'print {"valid", "file", "problems", "hints"} as JSON')
    .action((options: ShowOptions) => check(options, io))
  addConfigOptions(config.command('show'))
    .description('print all settings as they are in force; secrets are masked')
    .option('--origin', 'print where each value comes from')
    .option('--json', 'print JSON')
    .action((options: ShowOptions) => show(options, io))
}

async function check(options: ShowOptions, io: Io): Promise<void> {
  const { readConfig } = await import('../../config/load.ts')
  const { configInvalid } = await import('../../config/problem.ts')
  const { hintsOf } = await import('../../config/hints.ts')
  const { problems, path, resolved, values } = await readConfig(loadOptions(options, io))
  const hints = hintsOf(resolved, values)
  const found = { valid: problems.length === 0, file: path ?? null, problems, hints }
  if (options.json) io.out(JSON.stringify(found, null, 2))
  else for (const hint of hints) io.err(`Hint: ${hint}`)
  if (problems.length > 0) {
    if (!options.json) throw configInvalid(problems)
    io.exitWith(configInvalid(problems).exitCode)
  } else if (!options.json) {
    io.err(`The configuration is valid${path ? ` (${path})` : '; no configuration file was found, none is needed'}.`)
  }
}

/** Shows what there is even when it has problems, and tells those on stderr. */
async function show(options: ShowOptions, io: Io): Promise<void> {
  const { readConfig } = await import('../../config/load.ts')
  const { configInvalid } = await import('../../config/problem.ts')
  const { showSettings } = await import('../../config/show.ts')
  const { problems, resolved } = await readConfig(loadOptions(options, io))
  const shown = showSettings(resolved)
  if (options.json) {
    const entries = shown.map(({ name, value, origin }) => [name, options.origin ? { value, origin } : value])
    io.out(JSON.stringify(Object.fromEntries(entries), null, 2))
  } else {
    const lines = shown.map(({ name, value }) => `${name} = ${value === null ? '(not set)' : JSON.stringify(value)}`)
    const width = Math.max(...lines.map((line) => line.length))
    shown.forEach(({ origin }, index) => {
      io.out(options.origin ? `${lines[index]!.padEnd(width)}  # ${origin}` : lines[index]!)
    })
  }
  if (problems.length > 0) throw configInvalid(problems)
}
