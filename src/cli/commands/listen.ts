/** `sgcache listen`: follows the site for the servers that share its tier, until it is told to stop. */
import type { Command } from 'commander'
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.ts'
import type { Io } from '../io.ts'

export function declareListen(program: Command, io: Io): void {
  addConfigOptions(program.command('listen'), ['server.host', 'server.port'])
    .description('follow the event log for the servers that share a Redis or Postgres, and answer no reads')
    .action((options: ConfigOptions) => listenUntilStopped(options, io))
}

async function listenUntilStopped(options: ConfigOptions, io: Io): Promise<void> {
  const { loadConfig } = await import('../../config/load.ts')
  const { listen } = await import('../../server/listen.ts')
  const { createLogger } = await import('../logger.ts')
  const { aborted, onStop } = await import('../stop-signal.ts')

  const stop = onStop((name) => io.err(`${name}: finishing what is under way. Once more ends it at once.`))
  try {
    const { config } = await loadConfig(loadOptions(options, io))
    const running = await listen(config, { signal: stop.signal, log: createLogger(config.log, io) })
    io.err(`sgcache follows ${config.shotgrid.url}; how it does: ${running.address}/health`)
    await aborted(stop.signal)
    await running.close()
  } finally {
    stop.release()
  }
}
