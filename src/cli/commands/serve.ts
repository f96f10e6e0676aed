/** `sgcache serve`: answers reads until it is told to stop; with `--sandbox` in front of a simulated site. */
import type { Command } from 'commander'
import type { Config } from '../../config/schema.ts'
import { SgcacheError } from '../../errors.ts'
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.ts'
import type { Io } from '../io.ts'

interface ServeOptions extends ConfigOptions {
  readonly sandbox?: boolean
  readonly activity?: string
}

export function declareServe(program: Command, io: Io): void {
  addConfigOptions(program.command('serve'))
    .description('answer reads from the cache, following the event log of the site')
    .option('--sandbox', 'in front of a simulated ShotGrid site that is started as well: needs no account')
    .option('--activity <rate>', 'with --sandbox: let the simulated studio work, such as 3/s')
    .action((options: ServeOptions) => serve(options, io))
}

async function serve(options: ServeOptions, io: Io): Promise<void> {
  const { loadConfig } = await import('../../config/load.ts')
  const { start } = await import('../../server/start.ts')
  const { createLogger } = await import('../logger.ts')
  const { aborted, onStop } = await import('../stop-signal.ts')

  const stop = onStop((name) => io.err(`${name}: finishing what is under way. Once more ends it at once.`))
  try {
    const site = await siteOf(options)
    try {
      const given = loadOptions(options, io)
      const { config } = await loadConfig(site ? { ...given, overrides: site.settings } : given)
      const running = await start(config, { signal: stop.signal, log: createLogger(config.log, io) })
      io.err(site ? site.hints(running.address, config) : `sgcache answers at ${running.address}`)
      await aborted(stop.signal)
      await running.close()
    } finally {
      await site?.close()
    }
  } finally {
    stop.release()
  }
}

interface Site {
  readonly settings: Readonly<Record<string, unknown>>
  hints(address: string, config: Config): string
  close(): Promise<void>
}

async function siteOf(options: ServeOptions): Promise<Site | undefined> {
  const { parseActivity } = await import('../sandbox-flags.ts')
  const activity = options.activity === undefined ? 0 : parseActivity(options.activity)
  if (!options.sandbox) {
    if (options.activity === undefined) return undefined
    throw new SgcacheError('WRONG_USAGE', { reason: '--activity needs --sandbox' })
  }
  const { openSite, sandboxCredentials, settingsFor } = await import('../simulated-site.ts')
  const { sandboxHints } = await import('../sandbox-hints.ts')
  const site = await openSite({ seed: 1, size: 'studio', activity, port: 0, host: '127.0.0.1' })
  const hints = (address: string, config: Config) =>
    sandboxHints({
      ...site.examples(),
      address,
      site: site.address,
      credentials: sandboxCredentials,
      pollMs: config.events.poll,
      needsToken: config.auth.mode === 'jwt',
    })
  return { settings: settingsFor(site), hints, close: site.close }
}
