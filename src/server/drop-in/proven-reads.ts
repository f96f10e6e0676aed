/**
 * Reads of callers who bring their own credentials: nobody is answered from cache whose credentials the site has not
 * accepted within the interval.
 *
 * A read that goes to the site proves them by itself. Where an answer is at hand already, the smallest read there is
 * goes to the site first; all requests of one identity wait for the same one. While the site cannot be asked, who was
 * known before is answered all the same.
 */
import type { Answer, Question } from '../../cache/answer.ts'
import type { Cache } from '../../cache/cache.ts'
import { SgcacheError } from '../../errors.ts'
import type { Caller } from './caller.ts'
import type { Proofs } from './proofs.ts'

export interface ProvenReadsOptions {
  readonly cache: Cache
  readonly proofs: Proofs
}

export class ProvenReads {
  readonly #options: ProvenReadsOptions
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(options: ProvenReadsOptions) {
    this.#options = options
  }

  /** `read` answers the question through the cache, with the caller's own client. */
  async answer(caller: Caller, question: Question, read: () => Promise<Answer>): Promise<Answer> {
    const { cache, proofs } = this.#options
    const { identity } = caller
    if (!proofs.isProven(identity) && cache.peek(question)) await this.#prove(caller)
    const answer = await read()
    // The answer came from a store, from another's read, or from before an outage.
    if (!caller.isAccepted() && !proofs.isProven(identity)) await this.#prove(caller)
    return answer
  }

  async #prove(caller: Caller): Promise<void> {
    const { digest } = caller.identity
    const underWay = this.#underWay.get(digest)
    if (underWay) {
      await underWay.catch(() => {}) // said to whoever began it; what it came to is seen next
      if (this.#options.proofs.isProven(caller.identity)) return
    }
    const own = this.#ask(caller).finally(() => this.#underWay.delete(digest))
    this.#underWay.set(digest, own)
    await own
  }

  async #ask(caller: Caller): Promise<void> {
    try {
      await caller.scope.client.call('read', smallestRead, { idempotent: true })
    } catch (error) {
      if (caller.isAccepted()) return // refused, but not the credentials
      if (isOutage(error) && this.#options.proofs.mayStandIn(caller.identity)) return
      throw error
    }
    if (caller.isAccepted()) return
    throw new SgcacheError('UPSTREAM_UNREACHABLE', {
      url: caller.scope.client.url,
      reason: 'its answer proves nothing',
    })
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof SgcacheError && error.code === 'UPSTREAM_UNREACHABLE'
}

/** One row that there is not. */
const smallestRead = {
  type: 'Project',
  return_fields: ['id'],
  filters: { logical_operator: 'and', conditions: [{ path: 'id', relation: 'is', values: [0] }] },
  return_only: 'active',
  paging: { entities_per_page: 1, current_page: 1 },
}
