/** `sgcache token`: mints the bearer token of a caller. Only the token is printed on stdout. */
import type { Command } from 'commander'
import { type ConfigOptions, loadOptions } from '../config-options.ts'
import type { Io } from '../io.ts'

interface TokenOptions extends ConfigOptions {
  readonly scope: string
  readonly subject: string
  readonly ttl: string
}

export function declareToken(program: Command, io: Io): void {
  program
    .command('token')
    .description('print a token for a caller (JWT, HS256), signed with SGCACHE_JWT_KEY')
    .requiredOption('--subject <who>', 'who will use it, for the logs: a tool, a farm, a person')
    .option('--scope <name>', 'the scope it may read', 'default')
    .option('--ttl <duration>', 'how long it is valid', '90d')
    .option('-c, --config <file>', 'the configuration file, instead of looking for one')
    .action((options: TokenOptions) => token(options, io))
}

async function token(options: TokenOptions, io: Io): Promise<void> {
  const { readConfig } = await import('../../config/load.ts')
  const { mintToken, signingOf } = await import('../mint-token.ts')
  const signing = signingOf(await readConfig(loadOptions(options, io)))
  io.out(await mintToken(signing, options, Date.now()))
  if (!signing.isAskedFor) io.err('auth.mode is not "jwt" in this configuration: the server would not ask for a token.')
}
