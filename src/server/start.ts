/**
 * The composition root: makes every part of a server from a configuration, wires them, and ends them in the reverse
 * order. Nothing else in sgcache makes a part that another one only uses.
 */
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../clock.ts'
import { isLoopback } from '../config/loopback.ts'
import type { Config } from '../config/schema.ts'
import { SgcacheError } from '../errors.ts'
import type { Transport } from '../shotgrid/transport.ts'
import { Replies } from './answer/replies.ts'
import { RequestMemo } from './answer/request-memo.ts'
import { buildApp } from './app.ts'
import { Authenticator } from './authenticator.ts'
import type { DropIn } from './drop-in/drop-in.ts'
import { openDropIn } from './drop-in/open-drop-in.ts'
import { ReceivedBodies } from './http/receive-body.ts'
import { settledWithin } from './http/within-time.ts'
import { exposition } from './metrics/exposition.ts'
import { Figures } from './metrics/figures.ts'
import { createService, openTier, type Service } from './service.ts'
import { openUpstream } from './upstream.ts'

export type { Logger } from 'pino'

export interface StartOptions {
  /** Aborting it stops the server, as `close` does. */
  readonly signal: AbortSignal
  readonly log: Logger
  /** In place of the network to ShotGrid. */
  readonly transport?: Transport
  readonly clock?: Clock
  /** Whether hits are answered before the router; default true. For the test that both answer alike. */
  readonly withFastLane?: boolean
}

export interface Running {
  /** `http://127.0.0.1:8000` */
  readonly address: string
  /** Stops accepting, finishes what is under way within its bound, ends all background work. Harmless if repeated. */
  close(): Promise<void>
}

export async function start(config: Config, options: StartOptions): Promise<Running> {
  refuseOpenDoor(config)
  const { log, clock = systemClock } = options
  const figures = new Figures()
  const upstream = openUpstream(config, {
    clock,
    ...(options.transport && { transport: options.transport }),
    observe: (call) => figures.upstreamCall(call),
  })
  const backend = await openTier(config, clock, figures)
  const service = createService(config, { log, clock, figures, upstream, backend })
  const { app, following, dropIn } = await withApp(config, options, service)
  const close = once(async () => {
    service.stopping()
    await drain(app, dropIn, config.server.drain_timeout, clock)
    await following?.close()
    await service.cache.close()
    await backend.close()
    await upstream.close()
    log.info('stopped')
  })
  try {
    await beginFollowing(service, config.cache.settle, clock)
    await app.listen({ host: config.server.host, port: config.server.port }).catch((error: unknown) => {
      throw listenFailed(config, error)
    })
  } catch (error) {
    await close()
    throw error
  }
  options.signal.addEventListener('abort', () => void close(), { once: true })
  if (options.signal.aborted) await close()
  const address = addressOf(app)
  log.info({ address, tier: config.tier, shotgrid: config.shotgrid.url }, 'serving')
  return { address, close }
}

async function withApp(config: Config, options: StartOptions, service: Service) {
  const { log, clock, figures, upstream, backend, cache, reader, following, facts } = service
  const { near } = backend
  const { auth } = config
  const authenticator = new Authenticator({
    mode: auth.mode ?? 'none',
    keys: [auth.key, auth.previous_key].filter((key) => key !== undefined),
    audience: auth.audience,
    scopeClaim: auth.scope_claim,
    scopes: upstream.scopes,
    defaultScope: upstream.defaultScope,
    clock,
  })
  const replies = new Replies({
    clock,
    isStored: (entry) => near.get(entry.key) === entry,
    onGrown: (entry) => near.weigh(entry),
    observe: (reply) => {
      figures.replied(reply)
      if (reply.outcome === 'hit') following?.offer(reply.entry)
    },
  })
  const metrics = exposition({
    figures,
    cache,
    backend,
    limitBytes: config.cache.memory,
    follower: () => following?.status().events,
    breakerIsOpen: () => upstream.breaker.isOpen,
  })
  const dropIn = config.drop_in.enabled ? openDropIn(config, service) : undefined
  const app = await buildApp({
    ...(dropIn && { front: (next) => dropIn.listener(next) }),
    log,
    clock,
    cache,
    reader,
    schemas: reader.schemas,
    authenticator,
    replies,
    memo: new RequestMemo(Math.min(memoBytes, config.cache.memory / 16)),
    bodies: new ReceivedBodies(),
    counts: figures.requests,
    facts,
    isStopping: service.isStopping,
    metrics: config.metrics.enabled ? metrics : undefined,
    isOpen: auth.mode !== 'jwt' || config.metrics.open,
    bodyLimitBytes: config.server.body_limit,
    maxRows: config.server.max_rows,
    timeoutMs: config.server.request_timeout,
    trustProxy: config.server.trust_proxy,
    withFastLane: options.withFastLane ?? true,
  })
  return { app, following, dropIn }
}

/** For each scope and kind of request. */
const memoBytes = 16 * 1024 * 1024

/** A process that others can reach says in its configuration who may ask. The command line says so earlier, and better. */
function refuseOpenDoor({ server, auth }: Config): void {
  if (auth.mode === undefined && !isLoopback(server.host))
    throw new SgcacheError('AUTH_REQUIRED', { host: server.host })
}

/**
 * Begins to follow before the first request comes, so that the first answer can already be kept. What is read within
 * the settle window of the first look is read once more, so that is waited out too. With ShotGrid down nothing is
 * waited for: reads go on, and following begins when it can.
 */
async function beginFollowing({ following, reader }: Service, settleMs: number, clock: Clock): Promise<void> {
  const look = async () => {
    await Promise.all([reader.schemas.current(), following?.tick()])
    if (following) await clock.sleep(settleMs)
  }
  await settledWithin(look(), startPatienceMs, clock)
  following?.start()
}

const startPatienceMs = 3000

async function drain(app: FastifyInstance, dropIn: DropIn | undefined, limitMs: number, clock: Clock): Promise<void> {
  const closed = app.close()
  await settledWithin(closed, limitMs, clock)
  await dropIn?.giveUp()
  app.server.closeAllConnections()
  await closed
}

function listenFailed({ server: { host, port } }: Config, cause: unknown): SgcacheError {
  const reason = (cause as { code?: string }).code ?? String(cause) // of node:net
  return new SgcacheError('LISTEN_FAILED', { host, port, reason }, { cause })
}

function addressOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo // it listens on a port, not on a pipe
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= work()
    return running
  }
}
