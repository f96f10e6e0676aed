/**
 * One caller for the time of one request: the client that asks the site with the caller's own credentials, and what
 * the site said of them. Nothing of it outlives the request but the digest in `Proofs`.
 */
import type { Scope } from '../../reads/reader.ts'
import { type ClientOptions, ShotGridClient } from '../../shotgrid/client.ts'
import { faultOf } from '../../shotgrid/reply.ts'
import type { TransportReply } from '../../shotgrid/transport.ts'
import { type AuthParams, faultCode } from '../../shotgrid/wire.ts'
import type { Identity } from './identity.ts'
import type { Proofs } from './proofs.ts'

export type Verdict = 'accepted' | 'refused' | 'unclear'

/** How the site is asked, but for the credentials. */
export type Upstream = Omit<ClientOptions, 'auth'>

export interface Caller {
  readonly identity: Identity
  readonly scope: Scope
  /** What the site has said of the credentials in the course of this request, if anything. */
  readonly verdict: () => Verdict
  /** The site's last refusal of one of this caller's calls, as it came. */
  readonly refusal: () => TransportReply | undefined
}

export interface CallerOptions {
  readonly upstream: Upstream
  readonly proofs: Proofs
  /** The log's head, as far back as a reply now may lag behind. */
  readonly headSeq: () => number
}

export function callerOf(
  options: CallerOptions,
  identity: Identity,
  auth: AuthParams,
  headers: Readonly<Record<string, string>>,
  scope: Omit<Scope, 'client'>,
): Caller {
  const { upstream, proofs, headSeq } = options
  let refusal: TransportReply | undefined
  let said: Verdict = 'unclear'
  const client = new ShotGridClient({
    ...upstream,
    auth,
    transport: async (request) => {
      const sentAt = upstream.clock.monotonic()
      const sentSeq = headSeq()
      const reply = await upstream.transport({ ...request, headers: { ...request.headers, ...headers } })
      const verdict = verdictOf(reply)
      if (verdict === 'accepted') proofs.accept(identity, sentAt, sentSeq)
      if (verdict === 'refused') proofs.refuse(identity)
      if (verdict !== 'unclear') said = verdict
      if (verdict !== 'accepted' || faultOf(reply.body)) refusal = reply
      return reply
    },
  })
  return { identity, scope: { ...scope, client }, verdict: () => said, refusal: () => refusal }
}

/**
 * What a reply to a call that needs credentials says of them: rows, or a refusal that names what the caller may not do,
 * come to those only who are known. A call that the site finds malformed says nothing: who asks may not have been looked
 * at yet.
 */
export function verdictOf({ status, headers, body }: TransportReply): Verdict {
  const type = String(headers['content-type'] ?? 'application/json')
  if (status !== 200 || !/^(application\/json|text\/javascript)/.test(type))
    return status === 403 ? 'refused' : 'unclear'
  const fault = faultOf(body)
  if (!fault) return body.includes('"results"') ? 'accepted' : 'unclear'
  if (refusing.has(fault.error_code)) return 'refused'
  return fault.error_code === faultCode.refused ? 'accepted' : 'unclear'
}

const refusing = new Set<number | undefined>([
  faultCode.authentication,
  faultCode.twoFactorMissing,
  faultCode.ssoLogin,
  faultCode.autodeskIdentity,
])
