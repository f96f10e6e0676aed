/** All parts of one run, and what counts as a fault of sgcache: the rest is what somebody in trouble may do. */
import type { Chronicle } from './chronicle.ts'
import type { Fleet } from './fleet.ts'
import { TimeUp } from './http.ts'
import type { Instance } from './instance.ts'
import type { Judge } from './judge.ts'
import type { Question } from './questions.ts'
import type { Site } from './site.ts'
import type { FaultKind, Tally } from './tally.ts'
import type { Troubles } from './troubles.ts'
import type { Truth } from './truth.ts'

export interface RunParts {
  readonly site: Site
  readonly questions: readonly Question[]
  readonly truth: Truth
  readonly judge: Judge
  readonly fleet: Fleet
  readonly tally: Tally
  readonly troubles: Troubles
  readonly chronicle: Chronicle
  /** How long the test itself stood still between two moments. */
  readonly stalledMs: (from: number, to: number) => number
}

/** How long after it has woken or can reach the site again an instance may still fail for that. */
const recoveryMs = 2500
/** A write waits so long where the change log is out of reach (rule 15); nothing else may take longer. */
const patienceMs = 15_000
/** Shown of what happened before a fault. */
const beforeMs = 8000

export class Run implements RunParts {
  readonly site: Site
  readonly questions: readonly Question[]
  readonly truth: Truth
  readonly judge: Judge
  readonly fleet: Fleet
  readonly tally: Tally
  readonly troubles: Troubles
  readonly chronicle: Chronicle
  readonly stalledMs: RunParts['stalledMs']

  constructor(parts: RunParts) {
    this.site = parts.site
    this.questions = parts.questions
    this.truth = parts.truth
    this.judge = parts.judge
    this.fleet = parts.fleet
    this.tally = parts.tally
    this.troubles = parts.troubles
    this.chronicle = parts.chronicle
    this.stalledMs = parts.stalledMs
  }

  fault(kind: FaultKind, instance: Instance, sentAt: number, text: string): void {
    this.chronicle.note(`FAULT ${kind} at ${instance.name}: ${text.split('\n')[0]}`)
    this.tally.fault({
      kind,
      from: sentAt - beforeMs,
      to: performance.now(),
      text: `${kind} at ${instance.name}: ${text}`,
    })
  }

  /** A request got no answer, or one that it should not get: a fault, unless its instance was in trouble meanwhile. */
  failed(instance: Instance, sentAt: number, what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (this.#isExcused(instance, sentAt)) {
      this.tally.count('failures of who was in trouble')
      this.chronicle.note(`${what} at ${instance.name} failed: ${reason}`)
    } else this.fault(error instanceof TimeUp ? 'hang' : 'error', instance, sentAt, `${what}: ${reason}`)
  }

  /** A request was answered now. Whoever is not in trouble keeps nobody waiting for long. */
  took(instance: Instance, sentAt: number, what: string): void {
    const ms = performance.now() - sentAt
    if (ms <= patienceMs + this.stalledMs(sentAt, performance.now()) || this.#isExcused(instance, sentAt)) return
    this.fault('hang', instance, sentAt, `${what}: ${Math.round(ms)} ms`)
  }

  /** An answer labelled stale, though the site can be reached. */
  staleServed(instance: Instance, sentAt: number, what: string): void {
    if (!this.#isExcused(instance, sentAt)) this.fault('stale while upstream is up', instance, sentAt, what)
  }

  #isExcused({ name }: Instance, sentAt: number): boolean {
    const now = performance.now()
    const graceMs = recoveryMs + this.stalledMs(sentAt - 2 * recoveryMs, now)
    return this.troubles.had(name, ['killed', 'frozen', 'site'], sentAt, now, graceMs)
  }
}
