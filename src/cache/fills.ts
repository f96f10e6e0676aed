/**
 * Fills: upstream's replies on their way to becoming entries.
 *
 * The stamp is taken before the upstream read, and only while this process may answer; without it nothing is stored.
 * Of all processes that share a store one reads a question at a time, as far as that can be had cheaply: the others
 * wait until it has stored what it read, and take that if it is fresh by their own reckoning (rule 10).
 */
import type { Load, Loaded, Question } from './answer.ts'
import type { CacheOptions } from './cache-options.ts'
import type { Position } from './change.ts'
import type { Entry } from './entry.ts'
import type { Claim } from './ports.ts'
import type { Storage } from './storage.ts'

export interface Fill {
  readonly entry: Entry
  /** Why it was not stored. */
  readonly refused?: string
  /** Read by another process. */
  readonly isShared?: true
}

type FillOptions = Pick<
  CacheOptions,
  'log' | 'mayAnswer' | 'settleMs' | 'clock' | 'ttlJitter' | 'random' | 'graceMs' | 'report' | 'flights' | 'distrust'
>

export class Fills {
  readonly #options: FillOptions
  readonly #storage: Storage
  readonly #isFresh: (entry: Entry, question: Question) => boolean

  constructor(options: FillOptions, storage: Storage, isFresh: (entry: Entry, question: Question) => boolean) {
    this.#options = options
    this.#storage = storage
    this.#isFresh = isFresh
  }

  /** The position to take before an upstream read; undefined when nothing read now may be stored. */
  stamp(): Position | undefined {
    const { log, mayAnswer, settleMs } = this.#options
    if (!mayAnswer()) return undefined
    return { epoch: log.window.epoch, seq: log.window.headBefore(settleMs) }
  }

  /** Reads upstream, or waits for another process that does. */
  async shared(question: Question, load: Load, signal: AbortSignal): Promise<Fill> {
    const claim = await this.#claim(question)
    if (!claim) return this.read(question, load, signal)
    if (claim.mine) return this.#readFor(claim.done, question, load, signal)
    await claim.ended
    const isFresh = (entry: Entry) => this.#isFresh(entry, question)
    const stored = await this.#storage.stored(question.key, isFresh)
    if (!stored || !isFresh(stored)) return this.read(question, load, signal)
    this.#storage.approach(stored)
    return { entry: stored, isShared: true }
  }

  /** Reads upstream, and stores in the background what may be stored. */
  async read(question: Question, load: Load, signal: AbortSignal): Promise<Fill> {
    const stamp = this.stamp()
    const fill = this.of(question, await load(signal), stamp)
    if (!fill.refused) this.#storage.keepSoon(fill.entry)
    return fill
  }

  of(question: Question, loaded: Loaded, stamp: Position | undefined): Fill {
    const { clock, ttlJitter, random, graceMs, distrust } = this.#options
    const fetchedAt = clock.now()
    const ttlMs = Math.round(loaded.ttlMs * (1 - ttlJitter * random()))
    const freshUntil = Math.min(fetchedAt + ttlMs, loaded.endsAt ?? Number.POSITIVE_INFINITY)
    const { key, scope, type, call } = question
    const { body, dependencies } = loaded
    const at = stamp ?? { epoch: '', seq: 0 }
    const times = { fetchedAt, freshUntil, keepUntil: freshUntil + graceMs }
    const entry: Entry = { key, scope, type, call, body, dependencies, stamp: at, ...times, validatedSeq: at.seq }
    const refused = this.#refusal(loaded, stamp) ?? distrust?.(entry)
    if (refused === undefined) return { entry }
    this.#options.report({ kind: 'refused', question, reason: refused })
    return { entry: { ...entry, freshUntil: fetchedAt, keepUntil: fetchedAt }, refused }
  }

  /** The others wait until the store has what was read. */
  async #readFor(done: () => Promise<void>, question: Question, load: Load, signal: AbortSignal): Promise<Fill> {
    try {
      return await this.read(question, load, signal)
    } finally {
      void this.#storage.flush(question.key).then(done)
    }
  }

  /** Undefined where there is nobody to wait for, or that cannot be known; who may not answer must not join either. */
  async #claim({ key }: Question): Promise<Claim | undefined> {
    const { flights, mayAnswer } = this.#options
    if (!flights || !mayAnswer()) return undefined
    return flights.claim(key).catch(() => undefined)
  }

  #refusal(loaded: Loaded, stamp: Position | undefined): string | undefined {
    if (loaded.store !== true) return `uncacheable: ${loaded.store}`
    if (!stamp) return 'blind'
    return stamp.epoch === this.#options.log.window.epoch ? undefined : 'a new epoch began'
  }
}
