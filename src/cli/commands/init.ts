/** `sgcache init`: writes a first configuration, after a few questions or from options. */
import type { Command } from 'commander'
import type { InitAnswers, InitOptions } from '../init/answers.ts'
import type { Io } from '../io.ts'

export function declareInit(program: Command, io: Io): void {
  program
    .command('init')
    .description('write sgcache.config.yaml and .env.example, after a few questions')
    .option('--url <address>', 'the address of the ShotGrid site')
    .option('--script <name>', 'the name of the script (API user) to ask with; its key never stands here')
    .option('--people <number>', 'how many people work with ShotGrid')
    .option('--availability', 'it must go on answering while one instance is down')
    .option('--durability', 'what is cached must survive a restart')
    .option('--audit', 'a lasting history of changes is needed')
    .option('--warm <types>', 'entity types to read before anybody asks, separated by commas')
    .option('--tier <memory|redis|postgres>', 'the tier, instead of the one that the answers point to')
    .option('--redis <address>', 'where Redis is, such as cache:6379; several with --redis-mode')
    .option('--no-redis', 'with the tier postgres: no Redis before the database')
    .option('--redis-mode <single|sentinel|cluster>', 'whether there is one Redis, or several that stand in')
    .option('--postgres <address>', 'where PostgreSQL is, such as db:5432')
    .option('--listen', 'a process of its own follows ShotGrid (sgcache listen), the servers do not')
    .option('--dir <folder>', 'where to write', '.')
    .option('-y, --yes', 'ask nothing: take the options and the defaults')
    .option('--force', 'replace files that are there')
    .action((options: InitOptions) => init(options, io))
}

async function init(options: InitOptions, io: Io): Promise<void> {
  const { answersOf, askAnswers } = await import('../init/answers.ts')
  const { configText, envExampleText } = await import('../init/write-config.ts')
  const { recommendationText } = await import('../init/recommend.ts')
  const { schemaAddress, writeFiles } = await import('../init/files.ts')
  const { resolve } = await import('node:path')

  const asks = io.isInteractive && !options.yes
  const questions = asks ? (await import('../init/ask.ts')).terminalQuestions : undefined
  const answers = questions ? await askAnswers(options, questions) : answersOf(options)
  const { tier } = answers.tier
  const folder = resolve(io.cwd, options.dir ?? '.')
  const settings = new Map<string, unknown>([
    ...answers.tier.settings,
    ['shotgrid.url', answers.url],
    ['shotgrid.script', answers.script],
    ['warm.types', answers.warm],
  ])
  const written = await writeFiles(
    folder,
    [
      { name: 'sgcache.config.yaml', text: configText(settings, schemaAddress(folder)) },
      { name: '.env.example', text: envExampleText(tier) },
    ],
    async (path) => options.force === true || (await questions?.yesNo(`Replace ${path}?`)) === true,
  )
  for (const path of written) io.out(path)
  io.err(`${recommendationText(answers.recommendation, tier)}

Next:${folder === io.cwd ? '' : `\n  cd ${folder}`}
  cp .env.example .env      # then put ${wantedIn(answers)} in it
  sgcache config check
  sgcache serve${answers.tier.settings.some(([name]) => name === 'events.here') ? '             # and sgcache listen, once' : ''}`)
}

function wantedIn({ script, tier: { tier, settings } }: InitAnswers): string {
  const withRedis = tier !== 'memory' && !settings.some(([name]) => name === 'redis.enabled')
  const passwords = [...(withRedis ? ['REDIS_PASSWORD'] : []), ...(tier === 'postgres' ? ['POSTGRES_PASSWORD'] : [])]
  const more = passwords.length > 0 ? ` (and ${passwords.join(', ')})` : ''
  return `the key of "${script}" as SG_KEY${more}`
}
