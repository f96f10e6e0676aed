/** The settings of the tier that `init` writes: from its options, and from asking for what they leave open. */
import { SgcacheError } from '../../errors.ts'
import { about, checked, type Questions, wordsOf } from './questions.ts'
import type { Recommendation } from './recommend.ts'

export type Tier = Recommendation['tier']

export interface TierOptions {
  readonly tier?: string
  /** One address, or several with `redisMode` sentinel or cluster; false: none before Postgres. */
  readonly redis?: string | false
  readonly redisMode?: string
  readonly postgres?: string
  /** A process of its own follows. */
  readonly listen?: boolean
}

export interface TierAnswers {
  readonly tier: Tier
  /** By the name of the setting. */
  readonly settings: readonly (readonly [name: string, value: unknown])[]
}

const addresses = { redis: '127.0.0.1:6379', postgres: '127.0.0.1:5432' }

/** Answers without a question. */
export function tierAnswersOf(options: TierOptions, recommended: Tier): TierAnswers {
  const tier = checked('tier', '--tier', options.tier ?? recommended) as Tier // as the setting has them
  refuseOthers(tier, options)
  if (tier === 'memory') return { tier, settings: [['tier', tier]] }
  const postgres = placeOf('--postgres', options.postgres ?? addresses.postgres)
  return {
    tier,
    settings: [
      ['tier', tier],
      ...redisSettings(options),
      ...(tier === 'postgres' ? placeSettings('postgres', postgres) : []),
      ...(options.listen ? [['events.here', false] as const] : []),
    ],
  }
}

/** Asks for everything that the options leave open. */
export async function askTier(
  options: TierOptions,
  { tier: recommended, because }: Recommendation,
  questions: Questions,
): Promise<TierOptions> {
  const { text, yesNo } = questions
  const tier =
    options.tier ?? (await text(`${because} Which tier: memory, redis or postgres?`, recommended, about('tier')))
  if (tier === 'memory') return { ...options, tier }
  const postgres =
    tier === 'postgres'
      ? (options.postgres ?? (await text('Address of PostgreSQL', addresses.postgres, aboutPlace)))
      : undefined
  const withRedis = options.redis ?? (tier === 'redis' || (await yesNo('Is there a Redis to put before it?')))
  const redis = withRedis === true ? await askRedis(options, questions) : { redis: withRedis }
  const listen =
    options.listen ?? (await yesNo('Will a process of its own follow ShotGrid for all servers (sgcache listen)?'))
  return { ...options, ...redis, tier, listen, ...(postgres !== undefined && { postgres }) }
}

async function askRedis(options: TierOptions, { text }: Questions): Promise<Pick<TierOptions, 'redis' | 'redisMode'>> {
  const modes = 'Is it a single Redis, or several behind sentinels (sentinel) or in a cluster (cluster)?'
  const redisMode = options.redisMode ?? (await text(modes, 'single', about('redis.mode')))
  if (redisMode === 'single') return { redisMode, redis: await text('Address of Redis', addresses.redis, aboutPlace) }
  const whose = redisMode === 'sentinel' ? 'the sentinels' : 'some of its nodes'
  return { redisMode, redis: await text(`Addresses of ${whose}`, 'redis-1:26379, redis-2:26379', aboutPlaces) }
}

function redisSettings({ redis, redisMode = 'single' }: TierOptions): TierAnswers['settings'] {
  if (redis === false) return [['redis.enabled', false]]
  const mode = checked('redis.mode', '--redis-mode', redisMode)
  if (mode === 'single') return placeSettings('redis', placeOf('--redis', redis ?? addresses.redis))
  if (redis === undefined) throw wrong(`--redis-mode ${mode} needs --redis with the addresses`)
  const problem = aboutPlaces(redis)
  if (problem !== undefined) throw wrong(`--redis: ${problem}`)
  return [
    ['redis.mode', mode],
    ['redis.nodes', wordsOf(redis)],
  ]
}

/** An option that means nothing to the tier is a mistake in one of the two. */
function refuseOthers(tier: Tier, { redis, redisMode, postgres, listen }: TierOptions): void {
  const given = [
    ...(redis === undefined ? [] : [redis === false ? '--no-redis' : '--redis']),
    ...(redisMode === undefined ? [] : ['--redis-mode']),
    ...(listen ? ['--listen'] : []),
  ]
  const unused = [
    ...(tier === 'memory' ? given : []),
    ...(tier !== 'postgres' && postgres !== undefined ? ['--postgres'] : []),
  ]
  if (unused.length > 0)
    throw wrong(`the tier ${tier} has no use for ${unused.join(' and ')}; choose another with --tier`)
  if (tier === 'redis' && redis === false) throw wrong('--no-redis is for the tier postgres')
}

interface Place {
  readonly host: string
  readonly port?: number
}

function placeSettings(section: 'redis' | 'postgres', { host, port }: Place): TierAnswers['settings'] {
  return [[`${section}.host`, host], ...(port === undefined ? [] : [[`${section}.port`, port] as const])]
}

function placeOf(flag: string, text: string): Place {
  const problem = aboutPlace(text)
  if (problem !== undefined) throw wrong(`${flag}: ${problem}`)
  const [, bracketed, plain, port] = addressPattern.exec(text.trim())!
  return { host: (bracketed ?? plain)!, ...(port !== undefined && { port: Number(port) }) }
}

const addressPattern = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:@/[\]]+))(?::([1-9]\d{0,4}))?$/

/** Never repeats what it was given: somebody may have put a password there. */
function aboutPlace(text: string): string | undefined {
  if (addressPattern.test(text.trim())) return undefined
  return 'that is not an address such as "db-1:5432"; user and password go to .env'
}

function aboutPlaces(text: string): string | undefined {
  const isFine = about('redis.nodes')(text) === undefined && wordsOf(text).length > 0
  return isFine ? undefined : 'those are not addresses such as "redis-1:26379, redis-2:26379"'
}

function wrong(reason: string): SgcacheError {
  return new SgcacheError('WRONG_USAGE', { reason })
}
