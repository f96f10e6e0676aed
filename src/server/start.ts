/**
 * The composition root of a server that answers reads: makes every part from a configuration and wires them. What runs
 * beneath it without answering reads is `open-service.ts`; `listen.ts` runs that alone.
 */
import { isLoopback } from '../config/loopback.ts'
import type { Config } from '../config/schema.ts'
import { SgcacheError } from '../errors.ts'
import { Replies } from './answer/replies.ts'
import { RequestMemo } from './answer/request-memo.ts'
import { buildApp } from './app.ts'
import type { DropIn } from './drop-in/drop-in.ts'
import { openDropIn } from './drop-in/open-drop-in.ts'
import { ReceivedBodies } from './http/receive-body.ts'
import { memoLimit } from './memo.ts'
import { openService, type ServiceOptions } from './open-service.ts'
import { operationsOf } from './operations.ts'
import { type Running, run } from './running.ts'
import type { Service } from './service.ts'

export type { Logger } from 'pino'
export type { Running } from './running.ts'

export interface StartOptions extends ServiceOptions {
  /** Aborting it stops the server, as `close` does. */
  readonly signal: AbortSignal
  /** Whether hits are answered before the router; default true. For the test that both answer alike. */
  readonly withFastLane?: boolean
}

export async function start(config: Config, options: StartOptions): Promise<Running> {
  refuseOpenDoor(config)
  const { server, cache, shotgrid, tier } = config
  const service = await openService(config, options)
  const dropIn = config.drop_in.enabled ? openDropIn(config, service) : undefined
  const app = await appOf(config, service, dropIn, options.withFastLane ?? true)
  const running = await run(app, service, {
    host: server.host,
    port: server.port,
    drainMs: server.drain_timeout,
    afterDrain: async () => dropIn?.giveUp(),
    settleMs: cache.settle,
    signal: options.signal,
  })
  options.log.info({ address: running.address, tier, shotgrid: shotgrid.url }, 'serving')
  return running
}

function appOf(config: Config, service: Service, dropIn: DropIn | undefined, withFastLane: boolean) {
  const { log, clock, figures, cache, reader, isStopping } = service
  return buildApp({
    ...(dropIn && { front: (next) => dropIn.listener(next) }),
    ...operationsOf(config, service),
    log,
    clock,
    cache,
    reader,
    schemas: reader.schemas,
    replies: repliesOf(service),
    memo: new RequestMemo(memoLimit(config.cache.memory)),
    bodies: new ReceivedBodies(),
    counts: figures.requests,
    isStopping,
    bodyLimitBytes: config.server.body_limit,
    maxRows: config.server.max_rows,
    timeoutMs: config.server.request_timeout,
    trustProxy: config.server.trust_proxy,
    withFastLane,
    looksInStore: service.backend.tier !== 'memory',
  })
}

function repliesOf({ backend: { near }, clock, figures, following, recording }: Service): Replies {
  return new Replies({
    clock,
    isStored: (entry) => near.get(entry.key) === entry,
    onGrown: (entry) => near.weigh(entry),
    observe: (reply) => {
      figures.replied(reply)
      if (reply.outcome !== 'hit') return
      following?.offer(reply.entry)
      recording?.hit(reply.entry)
    },
  })
}

/** A process that others can reach says in its configuration who may ask. The command line says so earlier, and better. */
function refuseOpenDoor({ server, auth }: Config): void {
  if (auth.mode === undefined && !isLoopback(server.host))
    throw new SgcacheError('AUTH_REQUIRED', { host: server.host })
}
