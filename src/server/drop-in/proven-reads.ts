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
  readonly #underWay = new Map<string, Promise<boolean>>()

  constructor(options: ProvenReadsOptions) {
    this.#options = options
  }

  /**
   * `read` answers the question through the cache, with the caller's own client. `undefined` if the site says neither
   * that the credentials hold nor that they do not: then it has to answer the request itself.
   */
  async answer(caller: Caller, question: Question, read: () => Promise<Answer>): Promise<Answer | undefined> {
    const { cache, proofs } = this.#options
    const { identity } = caller
    if (!proofs.isProven(identity) && cache.peek(question) && !(await this.#prove(caller))) return undefined
    const answer = await read()
    // If not, it came from a store, from another's read, or from before an outage.
    const isProven = caller.verdict() === 'accepted' || proofs.isProven(identity) || (await this.#prove(caller))
    return isProven ? answer : undefined
  }

  async #prove(caller: Caller): Promise<boolean> {
    const { digest } = caller.identity
    const underWay = this.#underWay.get(digest)
    if (underWay) {
      await underWay.catch(() => {}) // said to whoever began it; what it came to is seen next
      if (this.#options.proofs.isProven(caller.identity)) return true
    }
    const own = this.#ask(caller).finally(() => this.#underWay.delete(digest))
    this.#underWay.set(digest, own)
    return own
  }

  async #ask(caller: Caller): Promise<boolean> {
    try {
      await caller.scope.client.call('read', smallestRead, { idempotent: true })
    } catch (error) {
      if (isOutage(error)) {
        if (this.#options.proofs.mayStandIn(caller.identity)) return true
        throw error
      }
      if (caller.verdict() === 'refused') throw error
    }
    return caller.verdict() === 'accepted'
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
