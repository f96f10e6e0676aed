/**
 * Remembers which credentials the site has accepted, and when: only then may their owner be answered from cache.
 *
 * A proof is good for the interval, counted from before the request that proved it was sent. It ends at once when the
 * site refuses the credentials, or when the log tells of a change of who may see what. While the site cannot be asked,
 * a proof that lapsed is good for as long as stale answers are (the grace bound), and asking is tried again soon.
 */

import type { ChangeWindow } from '../../cache/change-window.ts'
import type { Dependency } from '../../cache/entry.ts'
import type { Clock } from '../../clock.ts'
import type { Identity } from './identity.ts'

export interface ProofsOptions {
  readonly clock: Clock
  readonly window: ChangeWindow
  readonly intervalMs: number
  readonly graceMs: number
}

interface Proof {
  /** Monotonic time of the request that proved it. */
  readonly at: number
  goodUntil: number
  epoch: string
  /** Up to here the log has been searched for changes of access. */
  seq: number
}

export class Proofs {
  readonly #options: ProofsOptions
  readonly #proofs = new Map<string, Proof>()

  constructor(options: ProofsOptions) {
    this.#options = options
  }

  /** The site accepted the credentials in answer to a request sent at `sentAt` (monotonic). */
  accept({ digest }: Identity, sentAt: number, sentSeq: number): void {
    const known = this.#proofs.get(digest)
    if (known && (known.at > sentAt || (known.at === sentAt && known.seq >= sentSeq))) return
    if (this.#proofs.size >= mostProofs) this.#forgetOldest()
    this.#proofs.delete(digest)
    const { window, intervalMs } = this.#options
    this.#proofs.set(digest, { at: sentAt, goodUntil: sentAt + intervalMs, epoch: window.epoch, seq: sentSeq })
  }

  refuse({ digest }: Identity): void {
    this.#proofs.delete(digest)
  }

  /** Whether the identity may be answered from cache now. */
  isProven(identity: Identity): boolean {
    return this.isGood(identity.digest)
  }

  /** The same for an identity of which only the digest is at hand. */
  isGood(digest: string): boolean {
    const proof = this.#proofs.get(digest)
    return proof !== undefined && this.#options.clock.monotonic() < proof.goodUntil && !this.#accessChanged(proof)
  }

  /** The site could not be asked. Whether an earlier proof stands in, for a while. */
  mayStandIn({ digest }: Identity): boolean {
    const proof = this.#proofs.get(digest)
    const { clock, intervalMs, graceMs } = this.#options
    const now = clock.monotonic()
    if (!proof || now >= proof.at + intervalMs + graceMs || this.#accessChanged(proof)) return false
    proof.goodUntil = Math.min(now + askAgainMs, proof.at + intervalMs + graceMs)
    return true
  }

  #accessChanged(proof: Proof): boolean {
    const { window } = this.#options
    if (proof.epoch !== window.epoch || proof.seq < window.coverage) return true
    if (proof.seq === window.head) return false
    const changes = window.candidates(accessNet, proof.seq)
    if (changes?.some((change) => change.kind === 'access')) return true
    proof.seq = window.head
    return false
  }

  #forgetOldest(): void {
    const oldest = this.#proofs.keys().next()
    if (!oldest.done) this.#proofs.delete(oldest.value)
  }
}

const mostProofs = 20_000
const askAgainMs = 5_000

/** Changes of access name no type: any dependency finds them. */
const accessNet: readonly Dependency[] = [{ type: 'PermissionRuleSet', rows: [], fields: [], presence: false }]
