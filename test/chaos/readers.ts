/** Those who read: any question, through either API, at whichever instance, also one that is frozen; many at a time. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import type { Door } from './doors.ts'
import type { Instance } from './instance.ts'
import type { Run } from './run.ts'

const limitMs = 30_000
/** Under way at one instance; at one that is frozen they pile up. */
const mostUnderWay = { usual: 8, frozen: 60 }
/** So that those sent to a frozen instance come all along, not all at its beginning. */
const frozenShare = 0.2

export class Readers {
  readonly #run: Run
  readonly #random: Random
  readonly #underWay = new Set<Promise<void>>()

  constructor(run: Run, random: Random) {
    this.#run = run
    this.#random = random
  }

  /** Reads until the signal aborts; resolves when the last read is answered. */
  async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#random.int(16))
      const instance = this.#random.pick(this.#run.fleet.instances)
      if (!this.#isWanted(instance)) continue
      const question = this.#random.int(this.#run.questions.length)
      const door = this.#random.pick(this.#run.questions[question]!.doors)
      const read = this.ask(instance, question, door).then(() => {
        this.#underWay.delete(read)
      })
      this.#underWay.add(read)
    }
    await Promise.all(this.#underWay)
  }

  /** One read, and the verdict on its answer. Resolves with whether it was the truth of the moment it was asked for. */
  async ask(instance: Instance, question: number, door: Door): Promise<boolean> {
    const run = this.#run
    const { questions, tally } = run
    const sentAt = performance.now()
    const what = `${questions[question]!.name} (${door.name})`
    instance.outstanding += 1
    try {
      const answer = door.read(await instance.client.send(door.asked, limitMs))
      run.took(instance, sentAt, what)
      tally.count(`reads: ${answer.outcome}`)
      tally.took(`reads: ${answer.outcome}`, performance.now() - sentAt)
      const verdict = run.judge.of(question, answer, sentAt)
      if (verdict.age) tally.age(verdict.age.cause, verdict.age.ms)
      if (verdict.fault)
        run.fault(
          verdict.fault,
          instance,
          sentAt,
          `${what}: ${verdict.why}\n    answer (${answer.outcome}): ${answer.text}`,
        )
      else if (answer.outcome === 'stale') run.staleServed(instance, sentAt, what)
      return verdict.fault === undefined && verdict.age === undefined && answer.outcome !== 'stale'
    } catch (error) {
      run.failed(instance, sentAt, what, error)
      return false
    } finally {
      instance.outstanding -= 1
    }
  }

  #isWanted({ isDead, isFrozen, outstanding }: Instance): boolean {
    if (isDead) return false
    if (isFrozen) return outstanding < mostUnderWay.frozen && this.#random.chance(frozenShare)
    return outstanding < mostUnderWay.usual
  }
}
