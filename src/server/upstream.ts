/** How ShotGrid is reached: one transport and one breaker for the site, and for each scope a client of its own. */
import type { Clock } from '../clock.ts'
import { type Config, defaultScope } from '../config/schema.ts'
import type { Scope } from '../reads/reader.ts'
import { Breaker } from '../shotgrid/breaker.ts'
import { type ObservedCall, ShotGridClient } from '../shotgrid/client.ts'
import { httpTransport } from '../shotgrid/http-transport.ts'
import type { Transport } from '../shotgrid/transport.ts'

export interface UpstreamOptions {
  readonly clock: Clock
  /** In place of the network. */
  readonly transport?: Transport
  readonly observe: (call: ObservedCall) => void
}

export interface OpenUpstream {
  readonly scopes: ReadonlyMap<string, Scope>
  /** Whose credentials follow the site and read its schema. */
  readonly defaultScope: Scope
  readonly breaker: Breaker
  close(): Promise<void>
}

export function openUpstream(config: Config, { clock, transport, observe }: UpstreamOptions): OpenUpstream {
  const network = transport ? undefined : openNetwork(config.shotgrid)
  const { breaker_failures, breaker_pause, retries, retry_pause, url } = config.shotgrid
  const breaker = new Breaker({ clock, failures: breaker_failures, openMs: breaker_pause })
  const shared = { url, clock, breaker, observe, retries, retryPauseMs: retry_pause, random: Math.random }
  const scopes = new Map(
    Object.entries(config.scopes).map(([name, { script, key, sees }]): [string, Scope] => {
      const auth = { script_name: script, script_key: key }
      const client = new ShotGridClient({ ...shared, auth, transport: transport ?? network!.transport }) // one of the two
      return [name, { name, sees, client }]
    }),
  )
  return {
    scopes,
    defaultScope: scopes.get(defaultScope)!, // a configuration that was checked has it
    breaker,
    close: async () => network?.close(),
  }
}

function openNetwork(settings: Config['shotgrid']) {
  return httpTransport({
    url: settings.url,
    connections: settings.connections,
    connectTimeoutMs: settings.connect_timeout,
    answerTimeoutMs: settings.timeout,
    maxReplyBytes: settings.max_reply,
    ...(settings.ca_file !== undefined && { caFile: settings.ca_file }),
    ...(settings.proxy !== undefined && { proxy: settings.proxy }),
  })
}
