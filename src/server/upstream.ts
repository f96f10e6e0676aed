/** How ShotGrid is reached: one transport and one breaker for the site, and for each scope a client of its own. */

import { Breaker } from '../breaker.ts'
import type { Clock } from '../clock.ts'
import { type Config, defaultScope } from '../config/schema.ts'
import type { Scope } from '../reads/reader.ts'
import { CallBudget, withinBudget } from '../shotgrid/call-budget.ts'
import { type ClientOptions, type ObservedCall, ShotGridClient } from '../shotgrid/client.ts'
import { type HttpTransportOptions, httpTransport } from '../shotgrid/http-transport.ts'
import type { Transport } from '../shotgrid/transport.ts'
import { httpPass, type Pass, passOver, passWithinBudget } from './drop-in/pass-upstream.ts'

export interface UpstreamOptions {
  readonly clock: Clock
  /** In place of the network. */
  readonly transport?: Transport
  /** How many processes share the site's budget of calls, this one included. */
  readonly processes: () => number
  readonly observe: (call: ObservedCall) => void
}

export interface OpenUpstream {
  readonly scopes: ReadonlyMap<string, Scope>
  /** Whose credentials follow the site and read its schema. */
  readonly defaultScope: Scope
  readonly breaker: Breaker
  /** How the site is asked with credentials of a caller's own. */
  readonly asked: Omit<ClientOptions, 'auth'>
  /** How requests go through to the site as they are. */
  readonly pass: Pass
  close(): Promise<void>
}

export function openUpstream(config: Config, { clock, transport, processes, observe }: UpstreamOptions): OpenUpstream {
  const site = transport ? overTransport(transport) : openNetwork(config)
  const network = budgeted(site, config, processes)
  const { breaker_failures, breaker_pause, retries, retry_pause, url } = config.shotgrid
  const breaker = new Breaker({ clock, failures: breaker_failures, openMs: breaker_pause })
  const asked = {
    ...{ url, clock, breaker, observe, retries, retryPauseMs: retry_pause, random: Math.random },
    transport: network.transport,
  }
  const scopes = new Map(
    Object.entries(config.scopes).map(([name, { script, key, sees }]): [string, Scope] => {
      const auth = { script_name: script, script_key: key }
      const client = new ShotGridClient({ ...asked, auth })
      return [name, { name, sees, client }]
    }),
  )
  return {
    scopes,
    defaultScope: scopes.get(defaultScope)!, // a configuration that was checked has it
    breaker,
    asked,
    pass: network.pass,
    close: network.close,
  }
}

interface Network {
  readonly transport: Transport
  readonly pass: Pass
  close(): Promise<void>
}

/** Calls and what goes through as it is have a budget each, so that long uploads do not keep reads waiting. */
function budgeted({ transport, pass, close }: Network, config: Config, processes: () => number): Network {
  const budget = () => new CallBudget({ calls: config.shotgrid.connections, processes })
  return { transport: withinBudget(transport, budget()), pass: passWithinBudget(pass, budget()), close }
}

function overTransport(transport: Transport): Network {
  return { transport, pass: passOver(transport), close: async () => {} }
}

function openNetwork({ shotgrid: settings, events }: Config): Network {
  const options: HttpTransportOptions = {
    url: settings.url,
    connections: settings.connections,
    connectTimeoutMs: settings.connect_timeout,
    answerTimeoutMs: settings.timeout,
    maxReplyBytes: settings.max_reply,
    ...(settings.ca_file !== undefined && { caFile: settings.ca_file }),
    ...(settings.proxy !== undefined && { proxy: settings.proxy }),
  }
  const calls = httpTransport(options)
  // A pool of its own: an upload takes its connection for as long as it lasts.
  // What goes through may be a write, which is waited for as long as any transaction takes.
  const passes = httpPass({ ...options, answerTimeoutMs: Math.max(settings.timeout, events.longest_transaction) })
  const close = async () => void (await Promise.all([calls.close(), passes.close()]))
  return { transport: calls.transport, pass: passes.pass, close }
}
