/**
 * Answers reads from what is stored, as long as it is true, and from upstream otherwise.
 *
 * A read looks into the near cache, then the store, then upstream. An entry is *fresh* while this process may answer
 * from cache, the TTL has not passed, and no change after its stamp affects it. The stamp is taken before the upstream
 * read begins, so a reply that a change has overtaken is not fresh when it arrives.
 *
 * Always true: an entry that is not fresh is answered only when upstream is down, labelled `stale`, and never when a
 * write through us affects it; or, where that is wished, when the TTL alone has passed and the log finds it true, once
 * more while it is read anew. Trouble of the store or the log means reading upstream; `read` rejects only when
 * upstream itself fails and nothing earlier may be served. Nothing is ever deleted because of a change.
 *
 * Cost: a hit in the near cache takes no turn of the event loop but the one of `read` itself, none with `peek`.
 */
import { setMaxListeners } from 'node:events'
import { SgcacheError } from '../errors.ts'
import {
  type Answer,
  flightKeyOf,
  forwarded,
  type Load,
  type Loaded,
  type MissReason,
  type Outcome,
  type Question,
  type ReadHints,
} from './answer.ts'
import type { CacheOptions } from './cache-options.ts'
import type { Position } from './change.ts'
import type { Entry } from './entry.ts'
import { type Fill, Fills } from './fills.ts'
import { type Landing, SingleFlight } from './single-flight.ts'
import { Storage } from './storage.ts'
import { Truth } from './truth.ts'

export type { Answer, Load, Loaded, MissReason, Outcome, Question, ReadHints } from './answer.ts'
export type { CacheEvent } from './cache-event.ts'
export type { CacheOptions } from './cache-options.ts'

/** An entry from further ahead than this shows that the wall clock was set back; its TTL means nothing then. */
const clockSkewMs = 300_000

export class Cache {
  readonly #options: CacheOptions
  readonly #truth: Truth
  readonly #flights = new SingleFlight<Fill>()
  readonly #storage: Storage
  readonly #fills: Fills
  readonly #closing = new AbortController()

  constructor(options: CacheOptions) {
    this.#options = options
    setMaxListeners(0, this.#closing.signal) // one for each read under way
    this.#storage = new Storage(options.near, options.store, options.report)
    this.#truth = new Truth(options.log.window, options.affects, options.report)
    this.#fills = new Fills(options, this.#storage, (entry, question) => this.#suits(entry, question, {}) === 'fresh')
  }

  /** Fresh now? Moves `validatedSeq` if so. Synchronous: what it says holds until the next turn of the event loop. */
  isFresh(entry: Entry): boolean {
    return this.#judge(entry) === 'fresh'
  }

  /** The fresh entry in the near cache, if any. */
  peek(question: Question): Entry | undefined {
    const entry = this.#storage.near(question.key)
    return entry && entry.call === question.call && this.isFresh(entry) ? entry : undefined
  }

  /** The fresh entry in the near cache or in the store, if any. Upstream is not asked, and like with `peek` nobody told. */
  async look(question: Question): Promise<Entry | undefined> {
    const found = await this.#find(question, {})
    return typeof found === 'string' ? undefined : found
  }

  /**
   * `mayRevalidate` is asked about an entry past its TTL that the log finds true: whether it may be given once more while
   * it is read anew. `load` then goes on after the answer.
   */
  async read(question: Question, load: Load, hints: ReadHints = {}, mayRevalidate = () => false): Promise<Answer> {
    const found = await this.#find(question, hints)
    if (typeof found !== 'string') {
      this.#options.report({ kind: 'hit', question, entry: found })
      return this.#answer(found, 'hit', 'fresh', found.validatedSeq)
    }
    if (hints.onlyIfCached) throw new SgcacheError('NOT_CACHED', { key: question.key, reason: found })
    const overdue = found === 'expired' && mayRevalidate() && (await this.#overdue(question, hints))
    if (overdue) {
      this.#revalidate(question, load)
      this.#options.report({ kind: 'hit', question, entry: overdue })
      return this.#answer(overdue, 'hit', 'revalidating', overdue.validatedSeq)
    }
    this.#options.report({ kind: 'miss', question, reason: found })
    try {
      return await this.#readUpstream(question, load, found, hints)
    } catch (error) {
      const known = await this.#lastKnown(question, hints, error)
      if (!known) throw error
      this.#options.report({ kind: 'stale-served', question, entry: known, error })
      return this.#answer(known, 'stale', found === 'blind' ? 'blind' : 'upstream unreachable', known.validatedSeq)
    }
  }

  /** The position to take before an upstream read; undefined when nothing read now may be stored. */
  stamp(): Position | undefined {
    return this.#fills.stamp()
  }

  /** Stores a reply that was read after `stamp`. Undefined if it was not stored; why is reported. */
  async put(question: Question, loaded: Loaded, stamp: Position): Promise<Entry | undefined> {
    const fill = this.#fills.of(question, loaded, stamp)
    if (fill.refused) return undefined
    return (await this.#storage.keep(fill.entry)) ? fill.entry : undefined
  }

  /**
   * Stores an answer to `question` made out of another entry. It is as old as its source, expires with it, and is true
   * as of where the source is; so undefined when the source is not fresh.
   */
  async derive(
    source: Entry,
    question: Question,
    content: Pick<Entry, 'body' | 'dependencies'>,
  ): Promise<Entry | undefined> {
    if (!this.isFresh(source)) return undefined
    const { fetchedAt, freshUntil, keepUntil, validatedSeq } = source
    const stamp = { epoch: source.stamp.epoch, seq: validatedSeq }
    const entry: Entry = { ...question, ...content, stamp, fetchedAt, freshUntil, keepUntil, validatedSeq }
    return (await this.#storage.keep(entry)) ? entry : undefined
  }

  /** How many changes had to be looked at one by one since the start. */
  get changesExamined(): number {
    return this.#truth.examined
  }

  /** Aborts the upstream reads under way and waits for the store's writes. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.flush()
  }

  /** Resolves when everything filled so far is in the store, or has failed to be. */
  async flush(): Promise<void> {
    await this.#storage.flush()
  }

  #judge(entry: Entry): 'fresh' | MissReason {
    if (!this.#options.mayAnswer()) return 'blind'
    const now = this.#options.clock.now()
    if (now >= entry.freshUntil || now < entry.fetchedAt - clockSkewMs) return 'expired'
    const verdict = this.#truth.of(entry)
    return verdict === 'true' ? 'fresh' : verdict
  }

  /** A fresh entry, or why upstream must be asked. */
  async #find(question: Question, hints: ReadHints): Promise<Entry | MissReason> {
    if (hints.noCache) return 'no-cache'
    if (!this.#options.mayAnswer()) return 'blind'
    if (this.#isBehind(hints)) return 'min-seq'
    const known = this.#storage.near(question.key)
    const verdict = this.#suits(known, question, hints)
    if (verdict === 'fresh') return known!
    const isFresh = (entry: Entry) => this.#suits(entry, question, hints) === 'fresh'
    const stored = await this.#storage.stored(question.key, isFresh)
    if (!stored || stored === known) return verdict
    const second = this.#suits(stored, question, hints)
    if (second !== 'fresh') return known ? verdict : second
    this.#storage.approach(stored)
    const passed = stored.validatedSeq - stored.stamp.seq
    if (passed > (this.#options.restampAfter ?? 10_000)) this.#storage.restampSoon(stored)
    return stored
  }

  #suits(entry: Entry | undefined, question: Question, hints: ReadHints): 'fresh' | MissReason {
    if (!entry) return 'unknown'
    if (entry.call !== question.call) return 'collision'
    const verdict = this.#judge(entry)
    if (verdict !== 'fresh' || hints.maxAgeMs === undefined) return verdict
    return this.#age(entry) <= hints.maxAgeMs ? 'fresh' : 'max-age'
  }

  /** The reader knows of a change that this process does not. */
  #isBehind(hints: ReadHints): boolean {
    return hints.minSeq !== undefined && hints.minSeq > this.#options.log.window.head
  }

  async #readUpstream(question: Question, load: Load, reason: MissReason, hints: ReadHints): Promise<Answer> {
    const { signal } = this.#closing
    if (hints.noCache) return this.#answerFill(await this.#fills.read(question, load, signal), reason)
    const mayShare = (landing: Landing<Fill>) =>
      landing.ok
        ? !this.#isBehind(hints) && this.#suits(landing.value.entry, question, hints) === 'fresh'
        : this.#isOutage(landing.error)
    const fill = () => this.#fills.shared(question, load, signal)
    const { value, joined } = await this.#flights.run(flightKeyOf(question), fill, mayShare)
    const isShared = joined || value.isShared === true
    if (isShared) this.#options.report({ kind: 'joined', question })
    return this.#answerFill(value, reason, isShared)
  }

  /** An entry that has only outlived its TTL, if it may be given while it is read anew (rule 24). */
  async #overdue(question: Question, hints: ReadHints): Promise<Entry | undefined> {
    if (!this.#options.revalidateMs || hints.maxAgeMs !== undefined) return undefined
    const byMs = this.#options.revalidateMs
    const isOverdue = (entry: Entry) => this.#isOverdue(entry, question, byMs)
    const known = this.#storage.near(question.key) ?? (await this.#storage.stored(question.key, isOverdue))
    return known && isOverdue(known) ? known : undefined
  }

  #isOverdue(entry: Entry, question: Question, byMs: number): boolean {
    const now = this.#options.clock.now()
    const isWithin = now >= entry.freshUntil && now < Math.min(entry.freshUntil + byMs, entry.keepUntil)
    return isWithin && entry.call === question.call && this.#options.mayAnswer() && this.#truth.of(entry) === 'true'
  }

  /** Reads upstream in the background, unless that is under way. If it fails, the next reader tries again. */
  #revalidate(question: Question, load: Load): void {
    const flightKey = flightKeyOf(question)
    if (this.#flights.isUnderWay(flightKey)) return
    this.#options.report({ kind: 'revalidating', question })
    const fill = () => this.#fills.shared(question, load, this.#closing.signal)
    this.#flights.run(flightKey, fill, () => true).catch(() => {}) // told by whoever asks upstream
  }

  /** The last answer known, if upstream is down and it may be served (rule 24). */
  async #lastKnown(question: Question, hints: ReadHints, error: unknown): Promise<Entry | undefined> {
    if (hints.noCache || this.#isBehind(hints) || !this.#isOutage(error)) return undefined
    const known = this.#storage.near(question.key)
    if (known && this.#mayServeStale(known, question)) return known
    const mayServe = (entry: Entry) => this.#mayServeStale(entry, question)
    const stored = await this.#storage.stored(question.key, mayServe)
    return stored && mayServe(stored) ? stored : undefined
  }

  #mayServeStale(entry: Entry, question: Question): boolean {
    if (entry.call !== question.call || this.#options.clock.now() >= entry.keepUntil) return false
    return !this.#truth.mayBreakOwnWrite(entry)
  }

  #isOutage(error: unknown): boolean {
    if (this.#options.isOutage) return this.#options.isOutage(error)
    return error instanceof SgcacheError && error.code === 'UPSTREAM_UNREACHABLE'
  }

  #answerFill({ entry, refused }: Fill, reason: MissReason, collapsed = false): Answer {
    const [outcome, detail]: readonly [Outcome, string] = refused ? ['bypass', refused] : forwarded[reason]
    return { ...this.#answer(entry, outcome, detail, entry.stamp.seq), collapsed }
  }

  #answer(entry: Entry, outcome: Outcome, detail: string, seq: number): Answer {
    return { entry, outcome, detail, seq: Math.max(0, seq), ageMs: this.#age(entry) }
  }

  #age(entry: Entry): number {
    return Math.max(0, this.#options.clock.now() - entry.fetchedAt)
  }
}
