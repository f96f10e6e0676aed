/** `sgcache sandbox`: the simulated ShotGrid site alone, for tools and tests that have no account at hand. */
import type { Command } from 'commander'
import type { Io } from '../io.ts'

interface SandboxOptions {
  readonly port: string
  readonly host: string
  readonly activity?: string
  readonly size: string
  readonly seed: string
}

export function declareSandbox(program: Command, io: Io): void {
  program
    .command('sandbox')
    .description('run a simulated ShotGrid site: its address is printed on stdout')
    .option('--port <number>', 'the port to listen on; 0 takes a free one', '8100')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--activity <rate>', 'let the studio work by itself, such as 3/s')
    .option('--size <studio|large>', 'a studio of 500 shots, or a large one of 100,000 tasks', 'studio')
    .option('--seed <number>', 'the same seed makes the same site', '1')
    .action((options: SandboxOptions) => sandbox(options, io))
}

async function sandbox(options: SandboxOptions, io: Io): Promise<void> {
  const { parseActivity, parseSize, parseWhole } = await import('../sandbox-flags.ts')
  const { openSite, sandboxCredentials } = await import('../simulated-site.ts')
  const { aborted, onStop } = await import('../stop-signal.ts')
  const stop = onStop((name) => io.err(`${name}: closing.`))
  try {
    const site = await openSite({
      port: parseWhole('--port', options.port, 0, 65_535),
      host: options.host,
      activity: options.activity === undefined ? 0 : parseActivity(options.activity),
      size: parseSize(options.size),
      seed: parseWhole('--seed', options.seed, 0, 0xffff_ffff),
    })
    io.out(site.address)
    io.err(
      `A simulated site, speaking /api3/json. Script "${sandboxCredentials.script}", key "${sandboxCredentials.key}". Stop: Ctrl-C`,
    )
    await aborted(stop.signal)
    await site.close()
  } finally {
    stop.release()
  }
}
