/** What whoever runs the process may ask of it, made from a configuration and the parts of a server. */
import type { Config } from '../config/schema.ts'
import { Authenticator } from './authenticator.ts'
import { exposition } from './metrics/exposition.ts'
import type { OperationRouteOptions } from './routes/operation.ts'
import type { Service } from './service.ts'

export function operationsOf(config: Config, service: Service): OperationRouteOptions {
  const { figures, cache, backend, following, upstream, facts } = service
  const metrics = () =>
    exposition({
      figures,
      cache,
      backend,
      limitBytes: config.cache.memory,
      follower: () => following?.status().events,
      breakerIsOpen: () => upstream.breaker.isOpen,
    })
  return {
    authenticator: authenticatorOf(config, service),
    facts,
    metrics: config.metrics.enabled ? metrics() : undefined,
    isOpen: config.auth.mode !== 'jwt' || config.metrics.open,
  }
}

function authenticatorOf({ auth }: Config, { upstream, clock }: Service): Authenticator {
  return new Authenticator({
    mode: auth.mode ?? 'none',
    keys: [auth.key, auth.previous_key].filter((key) => key !== undefined),
    audience: auth.audience,
    scopeClaim: auth.scope_claim,
    scopes: upstream.scopes,
    defaultScope: upstream.defaultScope,
    clock,
  })
}
