/** Opens the tier that the configuration names, and listens to what it tells of itself. */
import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { type BackendOptions, openBackend } from '../backends/open.ts'
import type { LogEvent } from '../backends/shared/log-event.ts'
import type { Backend } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import type { Figures } from './metrics/figures.ts'
import { isRecorded } from './recording.ts'
import { connectionErrors, logTier } from './tier-log.ts'
import { postgresConnection, redisConnection, sharedSettings, siteName } from './tier-options.ts'

export interface TierParts {
  readonly clock: Clock
  readonly figures: Figures
  readonly log: Logger
}

/** The tier's log counts what is appended to it. Rejects if the tier can never work as configured. */
export async function openTier(config: Config, parts: TierParts): Promise<Backend> {
  const backend = await openBackend(tierOptions(config, parts))
  return { ...backend, log: parts.figures.counting(backend.log) }
}

function tierOptions(config: Config, parts: TierParts): BackendOptions {
  const { clock, figures } = parts
  const common = {
    near: {
      limitBytes: config.cache.memory,
      maxEntryBytes: config.cache.max_entry,
      onEvict: () => {
        figures.evictions += 1
      },
    },
    clock,
    newId: () => randomBytes(16).toString('hex'),
    changeLimit: config.cache.change_log,
  }
  switch (config.tier) {
    case 'memory':
      return { tier: 'memory', ...common }
    case 'redis':
      return { tier: 'redis', ...common, ...sharedOptions(config, parts), redis: redisConnection(config) }
    case 'postgres':
      return {
        tier: 'postgres',
        ...common,
        ...sharedOptions(config, parts),
        postgres: postgresConnection(config),
        site: siteName(config.shotgrid.url),
        ...(config.redis.enabled && { redis: redisConnection(config) }),
        l1TtlMs: config.postgres.l1_ttl,
        isRecorded: isRecorded(config),
      }
  }
}

function sharedOptions(config: Config, { clock, figures, log }: TierParts) {
  return {
    shared: sharedSettings(config),
    report: (event: LogEvent) => {
      figures.tierEvent(event, clock.monotonic())
      logTier(log, event)
    },
    onConnectionError: connectionErrors(log, clock),
  }
}
