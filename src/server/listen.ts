/**
 * The composition root of a follower by itself: it follows ShotGrid, sweeps, compares ids and warms, for the processes
 * that share its tier, and answers no reads. Over HTTP it tells how it does, and nothing of any row.
 */
import type { Config } from '../config/schema.ts'
import { SgcacheError } from '../errors.ts'
import { bareApp } from './http/bare-app.ts'
import { openService, type ServiceOptions } from './open-service.ts'
import { operationsOf } from './operations.ts'
import { addOperationRoutes } from './routes/operation.ts'
import { type Running, run } from './running.ts'

export interface ListenOptions extends ServiceOptions {
  /** Aborting it ends the process's work, as `close` does. */
  readonly signal: AbortSignal
}

export async function listen(given: Config, options: ListenOptions): Promise<Running> {
  refuseUseless(given)
  // It is here to follow, whatever the file that it shares with the servers says of them; and it has no hits to audit.
  const config = { ...given, events: { ...given.events, here: true }, audit: { ...given.audit, share: 0 } }
  const { tier, shotgrid, cache, server } = config
  const service = await openService(config, options)
  const app = bareApp({
    log: options.log,
    counts: service.figures.requests,
    bodyLimitBytes: server.body_limit,
    trustProxy: server.trust_proxy,
  })
  addOperationRoutes(app, operationsOf(config, service))
  const running = await run(app, service, {
    ...config.listen,
    drainMs: server.drain_timeout,
    settleMs: cache.settle,
    signal: options.signal,
  })
  options.log.info({ address: running.address, tier, shotgrid: shotgrid.url }, 'listening')
  return running
}

function refuseUseless({ tier, events }: Config): void {
  const reason =
    tier === 'memory'
      ? 'the memory tier is one process, so nobody else would know what it sees'
      : events.enabled
        ? undefined
        : 'events.enabled is false, so nobody is to follow'
  if (reason !== undefined) throw new SgcacheError('CANNOT_FOLLOW', { reason })
}
