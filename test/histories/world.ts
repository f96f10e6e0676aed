/**
 * A whole sgcache in front of a simulated site, on a virtual clock: what `start` composes, without a server.
 */
import { openMemoryBackend } from '../../src/backends/memory.ts'
import { Cache, type CacheEvent } from '../../src/cache/cache.ts'
import type { Backend } from '../../src/cache/ports.ts'
import { follow } from '../../src/follow/follow.ts'
import type { FollowEvent } from '../../src/follow/follow-event.ts'
import type { Following, FollowSettings } from '../../src/follow/following.ts'
import { type Affects, createAffects } from '../../src/freshness/affects.ts'
import { Reader, type Scope } from '../../src/reads/reader.ts'
import { SchemaSource } from '../../src/reads/schema-source.ts'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import type { SandboxSwitches } from '../../src/sandbox/switches.ts'
import { ShotGridClient } from '../../src/shotgrid/client.ts'
import type { Random } from '../support/random.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** How sgcache follows in the histories: as by default, but with shorter intervals, so that short histories see all. */
export const followSettings = {
  pollMs: 5000,
  batch: 100,
  gapWindow: 200,
  blindAfterMs: 30_000,
  longestTransactionMs: 60_000,
  sweepMs: 45_000,
  sweepOverlapMs: 5000,
  idSetMs: 120_000,
  auditShare: 0,
  auditPerMinute: 0,
  warmTypes: [] as string[],
  warmPage: 100,
  warmMaxRows: 1000,
  refreshDelayMs: 1000,
  settleMs: 1000,
}

export const auth = { script_name: 'sgcache', script_key: 'sandbox-key' }

export interface World {
  readonly clock: VirtualClock
  readonly site: Sandbox
  readonly backend: Backend
  readonly cache: Cache
  readonly reader: Reader
  readonly scope: Scope
  readonly following: Following
  /** The follower dies, whatever it was doing, and another takes its place. */
  crash(): Promise<void>
  close(): Promise<void>
}

export interface WorldOptions {
  readonly seed: number
  readonly random: Random
  readonly switches: Partial<SandboxSwitches>
  /** A wrong `affects` here shows that a test can fail. */
  readonly distort?: (affects: Affects) => Affects
  readonly warmTypes?: readonly string[]
  /** Default `tiny`. */
  readonly size?: 'tiny' | 'studio'
  /** What differs from `followSettings`. */
  readonly settings?: Partial<FollowSettings>
  readonly onCacheEvent?: (event: CacheEvent) => void
  readonly onFollowEvent?: (event: FollowEvent) => void
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const { random, size = 'tiny' } = options
  const settings = { ...followSettings, warmTypes: options.warmTypes ?? [], ...options.settings }
  const { settleMs } = settings
  const clock = new VirtualClock({ startsAt: Date.UTC(2026, 2, 2, 9) })
  const site = createSandbox({ size, seed: options.seed, clock, switches: options.switches })
  const near = { limitBytes: size === 'tiny' ? 8_000_000 : 256_000_000, maxEntryBytes: 1_000_000 }
  const backend = openMemoryBackend({ tier: 'memory', near, clock, newId: () => `epoch ${options.seed}` })
  const transport = site.transport()
  const url = 'https://studio.test'
  const client = new ShotGridClient({ url, transport, auth, clock, random: random.next, retries: 1, retryPauseMs: 100 })
  const schemas = new SchemaSource(client, backend.log.window)
  const exact = createAffects({ schema: () => schemas.last!, seesEverything: () => true })
  const affects = options.distort?.(exact) ?? exact
  let following: Following | undefined
  const cache = new Cache({
    near: backend.near,
    store: backend.store,
    log: backend.log,
    clock,
    affects,
    mayAnswer: () => backend.log.mayAnswer() && following !== undefined && !following.isBlind(),
    settleMs,
    graceMs: 3_600_000,
    ttlJitter: 0.1,
    random: random.next,
    report: (event) => options.onCacheEvent?.(event),
  })
  const ttlMs = (_: string, kind: 'entity' | 'query') => (kind === 'entity' ? 3_600_000 : 1_800_000)
  const reader = new Reader({ cache, schemas, ttlMs })
  const scope: Scope = { name: 'default', sees: 'everything', client }
  const begin = () => {
    following = follow({
      backend,
      reader,
      scope,
      scopeOf: () => scope,
      affects,
      settings,
      clock,
      random: random.next,
      report: (event) => options.onFollowEvent?.(event),
    })
    following.start()
  }
  begin()
  await clock.advance(settleMs + 1)
  return {
    clock,
    site,
    backend,
    cache,
    reader,
    scope,
    get following() {
      return following!
    },
    async crash() {
      await clock.run(following!.close())
      begin()
      await clock.advance(0)
    },
    async close() {
      await clock.run(following!.close())
      await clock.run(cache.close())
      await backend.close()
    },
  }
}
