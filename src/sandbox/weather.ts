/**
 * What befalls requests on their way: latency, outages, mishaps. Decided by the switches and the seed; waiting is on
 * the site's clock.
 */
import { TransportError } from '../shotgrid/transport.ts'
import type { Duration, Mishap } from './switches.ts'
import type { World } from './world.ts'

/** The mishap of one request, if it has one. */
export function drawMishap(world: World, isWrite: boolean): Mishap | undefined {
  const { switches, random } = world
  if (switches.mishapsOn !== 'all' && (switches.mishapsOn === 'writes') !== isWrite) return undefined
  const next = switches.nextMishaps.shift()
  if (next !== undefined) return next
  for (const [name, probability] of Object.entries(switches.mishaps)) {
    // Object keys are text; statuses are numbers.
    if (random.chance(probability)) return (/^\d+$/.test(name) ? Number(name) : name) as Mishap
  }
  return undefined
}

/** Resolves when the time has passed or the requester has gone. Without any duration it does not wait a turn. */
export async function pause(world: World, duration: Duration, signal?: AbortSignal): Promise<void> {
  const ms = typeof duration === 'number' ? duration : world.random.between(duration[0], duration[1])
  if (ms > 0) await world.clock.sleep(ms, signal)
}

export function refuseInOutage(world: World, sent: boolean): void {
  if (world.switches.outage) throw new TransportError(sent ? 'ECONNRESET' : 'ECONNREFUSED', sent)
}
