/** The drop-in API, made from a configuration and the parts of a server. */
import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Config } from '../../config/schema.ts'
import type { Scope } from '../../reads/reader.ts'
import { memoLimit } from '../memo.ts'
import type { Service } from '../service.ts'
import { DropIn } from './drop-in.ts'
import type { DropInEvent } from './drop-in-event.ts'

export function openDropIn(config: Config, service: Service): DropIn {
  const { log, clock, figures, upstream, backend, cache, reader, following, suspects, recording } = service
  const shared = scopesByScript(config, upstream.scopes)
  return new DropIn({
    url: config.shotgrid.url,
    cache,
    reader,
    log: backend.log,
    clock,
    upstream: upstream.asked,
    pass: upstream.pass,
    suspects,
    scopeOf: (script) => shared.get(script),
    salt: randomBytes(32),
    bodyLimitBytes: config.drop_in.body_limit,
    memoBytes: memoLimit(config.cache.memory),
    proofIntervalMs: config.drop_in.proof_interval,
    graceMs: config.cache.grace,
    settleMs: config.cache.settle,
    holdMs: config.events.poll + backend.log.settlesWithinMs + holdMs,
    patienceMs: Math.max(config.shotgrid.timeout, config.events.longest_transaction),
    isStopping: service.isStopping,
    isStored: (entry) => backend.near.get(entry.key) === entry,
    onGrown: (entry) => backend.near.weigh(entry),
    offer: (entry) => {
      following?.offer(entry)
      recording?.hit(entry)
    },
    report: (event) => {
      figures.dropInEvent(event)
      logDropIn(log, event)
    },
  })
}

/** Beyond the next look at the event log, and beyond the time that telling all processes may take. */
const holdMs = 5000

/** By script. One that is listed twice is in neither scope: it cannot see both as the same. */
export function scopesByScript(
  config: Pick<Config, 'scopes'>,
  scopes: ReadonlyMap<string, Scope>,
): ReadonlyMap<string, Omit<Scope, 'client'>> {
  const listed = Object.entries(config.scopes).flatMap(([name, { scripts }]) =>
    scripts.map((script) => ({ script, name })),
  )
  const isListedOnce = ({ script }: { readonly script: string }) =>
    listed.filter((other) => other.script === script).length === 1
  return new Map(
    listed.filter(isListedOnce).map(({ script, name }) => {
      const { sees } = scopes.get(name)! // made from the same configuration
      return [script, { name, sees }]
    }),
  )
}

/** What somebody should know of. Never anything of a request. */
function logDropIn(log: Logger, event: DropInEvent): void {
  if (event.kind === 'unknown-outcome') {
    log.warn(
      { method: event.method, reason: event.reason },
      'a write ended without an answer; what it may touch is read anew',
    )
  } else if (event.kind === 'degraded') {
    log.error({ err: event.error }, 'the change log takes no changes; a write was answered all the same')
  } else if (event.kind === 'failed') {
    const { error } = event
    log.debug({ reason: error instanceof Error ? error.message : String(error) }, 'a call of the drop-in API failed')
  }
}
