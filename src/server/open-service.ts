/** Opens all of a server but HTTP: the tier, the way to ShotGrid, and the service over both; and ends them in reverse. */
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import type { Transport } from '../shotgrid/transport.ts'
import { Figures } from './metrics/figures.ts'
import { openTier } from './open-tier.ts'
import { createService, type Service } from './service.ts'
import { openUpstream } from './upstream.ts'

export interface ServiceOptions {
  readonly log: Logger
  /** In place of the network to ShotGrid. */
  readonly transport?: Transport
  readonly clock?: Clock
}

/** Whoever opens it closes it, with `closeService`. */
export async function openService(config: Config, options: ServiceOptions): Promise<Service> {
  const { log, clock = systemClock, transport } = options
  const figures = new Figures()
  const backend = await openTier(config, { clock, figures, log })
  const upstream = openUpstream(config, {
    clock,
    ...(transport && { transport }),
    processes: () => backend.processes(),
    observe: (call) => figures.upstreamCall(call),
  })
  return createService(config, { log, clock, figures, upstream, backend })
}

export async function closeService({ following, cache, backend, upstream }: Service): Promise<void> {
  await following?.close()
  await cache.close()
  await backend.close()
  await upstream.close()
}
