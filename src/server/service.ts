/** What answers reads and what keeps the answers true, made from a configuration and wired: all of a server but HTTP. */
import type { Logger } from 'pino'
import { Cache } from '../cache/cache.ts'
import type { Backend, Lease } from '../cache/ports.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { follow } from '../follow/follow.ts'
import type { Following, FollowSettings } from '../follow/following.ts'
import { type Affects, createAffects } from '../freshness/affects.ts'
import { withSiteReplies } from '../freshness/site-replies.ts'
import { Reader, type Scope } from '../reads/reader.ts'
import { SchemaSource } from '../reads/schema-source.ts'
import { Schema } from '../shotgrid/schema.ts'
import { Suspects } from './drop-in/suspects.ts'
import { cacheLog, logFollowing } from './follow-log.ts'
import type { HealthFacts } from './health.ts'
import type { Figures } from './metrics/figures.ts'
import type { Recording } from './recording.ts'
import type { OpenUpstream } from './upstream.ts'

export interface Parts {
  readonly log: Logger
  readonly clock: Clock
  readonly figures: Figures
  readonly upstream: OpenUpstream
  readonly backend: Backend
  readonly recording?: Recording | undefined
}

export interface Service extends Parts {
  readonly cache: Cache
  readonly reader: Reader
  readonly following: Following | undefined
  /** What writes of unknown outcome may still change. */
  readonly suspects: Suspects
  readonly facts: () => HealthFacts
  readonly isStopping: () => boolean
  readonly stopping: () => void
}

/** Cache, reader and follower know each other: the cache asks whether the follower can see, which reads by the cache. */
export function createService(config: Config, parts: Parts): Service {
  const { log, clock, figures, upstream, backend, recording } = parts
  const schemas = new SchemaSource(upstream.defaultScope.client, backend.log.window)
  const exact = createAffects({
    schema: () => schemas.last ?? noSchema,
    seesEverything: (name) => upstream.scopes.get(name)?.sees === 'everything',
  })
  const affects = withSiteReplies(exact)
  const ended = new AbortController()
  const suspects = suspectsOf(config, parts, affects, ended.signal)
  let following: Following | undefined
  const tell = cacheLog(log, clock)
  const cache = new Cache({
    near: backend.near,
    store: backend.store,
    log: backend.log,
    ...(backend.flights && { flights: backend.flights }),
    clock,
    affects,
    distrust: (entry) => suspects.reasonAgainst(entry),
    mayAnswer: () => backend.log.mayAnswer() && !following?.isBlind(),
    settleMs: config.cache.settle,
    graceMs: config.cache.grace,
    revalidateMs: config.cache.stale_while_revalidate,
    ttlJitter: config.cache.ttl_jitter,
    random: Math.random,
    report: (event) => {
      figures.cacheEvent(event)
      tell(event)
      recording?.cacheEvent(event)
      if (event.kind === 'stored' || event.kind === 'hit') following?.saw(event.entry)
    },
  })
  const reader = new Reader({ cache, schemas, ttlMs: ttlOf(config.cache) })
  following = config.events.enabled ? followerOf(config, parts, reader, affects) : undefined
  let isStopping = false
  const facts = (): HealthFacts => ({
    tier: config.tier,
    isStopping,
    upstreamIsDown: figures.upstreamIsDown || upstream.breaker.isOpen,
    schemaIsKnown: schemas.last !== undefined,
    follower: following?.status().events,
    entries: backend.near.count,
    bytes: backend.near.bytes,
    limitBytes: config.cache.memory,
    log: {
      head: backend.log.window.head,
      ...(backend.tier !== 'memory' && { shared: sharedFacts(parts) }),
    },
  })
  const stopping = () => {
    isStopping = true
    ended.abort()
  }
  return { ...parts, cache, reader, following, suspects, facts, isStopping: () => isStopping, stopping }
}

const noSchema = new Schema({})

function sharedFacts({ backend, figures, clock }: Parts) {
  const { epoch } = figures
  return {
    mayAnswer: backend.log.mayAnswer(),
    opensInMs: epoch && Math.max(0, epoch.opensAt - clock.monotonic()),
    processes: backend.processes(),
  }
}

function suspectsOf({ events }: Config, { clock, backend }: Parts, affects: Affects, signal: AbortSignal): Suspects {
  return new Suspects({
    clock,
    affects,
    longestTransactionMs: events.longest_transaction,
    repeatMs: events.poll,
    append: (records) => backend.log.append(records),
    signal,
  })
}

function ttlOf(settings: Config['cache']) {
  const { entity_ttl, query_ttl, ttl_by_type, restricted_ttl } = settings
  return (type: string, kind: 'entity' | 'query', sees: Scope['sees']) => {
    const own = Object.hasOwn(ttl_by_type, type) ? ttl_by_type[type] : undefined
    const ttl = own ?? (kind === 'entity' ? entity_ttl : query_ttl)
    return sees === 'everything' ? ttl : Math.min(ttl, restricted_ttl)
  }
}

function followerOf(config: Config, parts: Parts, reader: Reader, affects: Affects): Following {
  const { backend, upstream, clock, figures, log } = parts
  return follow({
    backend: config.events.here ? backend : { ...backend, lease: othersLease },
    reader,
    scope: upstream.defaultScope,
    scopeOf: (name) => upstream.scopes.get(name),
    affects,
    settings: followSettings(config),
    clock,
    random: Math.random,
    report: (event) => {
      figures.followEvent(event)
      logFollowing(log, event)
    },
  })
}

function longestFreshMs(cache: Config['cache']): number {
  const { entity_ttl, query_ttl, ttl_by_type, stale_while_revalidate } = cache
  return Math.max(entity_ttl, query_ttl, ...Object.values(ttl_by_type)) + stale_while_revalidate
}

/** Always another's: this process stands by, and sees by the other's looks whether anybody follows. */
const othersLease: Lease = { acquire: async () => undefined, release: async () => {} }

function followSettings({ events, warm, audit, cache }: Config): FollowSettings {
  return {
    pollMs: events.poll,
    batch: events.batch,
    gapWindow: events.gap_window,
    blindAfterMs: events.blind_after,
    longestTransactionMs: events.longest_transaction,
    sweepMs: events.sweep,
    sweepOverlapMs: events.sweep_overlap,
    idSetMs: events.id_set,
    auditShare: audit.share,
    auditPerMinute: audit.per_minute,
    warmTypes: warm.types,
    warmPage: warm.page,
    warmMaxRows: warm.max_rows,
    refreshDelayMs: warm.refresh_delay,
    settleMs: cache.settle,
    longestFreshMs: longestFreshMs(cache),
  }
}
