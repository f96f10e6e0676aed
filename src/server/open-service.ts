/** Opens all of a server but HTTP: the tier, the way to ShotGrid, and the service over both; and ends them in reverse. */
import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import type { Transport } from '../shotgrid/transport.ts'
import { Figures } from './metrics/figures.ts'
import { openTier } from './open-tier.ts'
import { openRecording } from './recording.ts'
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
  const recording = await openRecording(config, {
    ...{ clock, figures, log },
    instance: randomBytes(16).toString('hex'),
    siteSchema: () => service.reader.schemas.last,
  })
  const service: Service = createService(config, { log, clock, figures, upstream, backend, recording })
  recording?.start()
  return service
}

export async function closeService({ following, cache, recording, backend, upstream }: Service): Promise<void> {
  await following?.close()
  await cache.close()
  await recording?.close()
  await backend.close()
  await upstream.close()
}
