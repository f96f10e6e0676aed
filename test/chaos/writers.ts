/**
 * Those who write through sgcache, each with a script of its own, one write after the other, at whichever instance.
 *
 * A write that is answered and names its place in the log (`X-SGCache-Seq`) is a promise: every read from then on sees
 * it. One that is answered without was degraded (rule 15), which is counted apart. What becomes of a write whose
 * instance is killed meanwhile nobody knows, and nothing is promised.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import type { Deed, Deeds } from './deeds.ts'
import type { Told } from './http.ts'
import type { Instance } from './instance.ts'
import type { Run } from './run.ts'
import type { Caller } from './site.ts'
import type { Moved } from './truth.ts'

export interface WriterOptions {
  readonly run: Run
  readonly random: Random
  readonly caller: Caller
  readonly deeds: Deeds
}

const limitMs = 40_000

export class Writer {
  readonly #options: WriterOptions
  readonly #by: string
  readonly #retired: string[] = []

  constructor(options: WriterOptions) {
    this.#options = options
    const { site } = options.run
    const condition = { path: 'firstname', relation: 'is', values: [options.caller.name] }
    this.#by = `ApiUser ${site.ids('ApiUser', condition)[0]}`
  }

  /** Writes until the signal aborts; resolves when the last write is answered. */
  async work(signal: AbortSignal): Promise<void> {
    const { run, random } = this.#options
    while (!signal.aborted) {
      await sleep(100 + random.int(900))
      const instance = random.pick(run.fleet.instances)
      if (!instance.isDead && !signal.aborted) await this.#write(instance, this.#deed())
    }
  }

  #deed(): Deed {
    const { random, deeds } = this.#options
    const types = ['Shot', 'Task', 'Version']
    if (this.#retired.length > 0 && random.chance(0.3)) return deeds.revive(this.#retired.pop()!)
    return random.weighted([
      [10, () => deeds.update(types)],
      [2, () => deeds.batch(types)],
      [1, () => deeds.create(random.pick(['Task', 'Version']))],
      [1, () => deeds.retire(random.pick(['Task', 'Version']))],
    ])()
  }

  async #write(instance: Instance, deed: Deed): Promise<void> {
    const { run, caller } = this.#options
    const body = JSON.stringify({ method_name: deed.method, params: [caller.auth, deed.args] })
    const sentAt = performance.now()
    run.chronicle.note(`${caller.name} at ${instance.name}: ${deed.name}`)
    run.tally.count('writes')
    try {
      const told = await instance.client.send({ method: 'POST', path: '/api3/json', body }, limitMs)
      this.#answered(instance, deed, sentAt, told)
    } catch (error) {
      run.failed(instance, sentAt, `${deed.name} by ${caller.name}`, error)
    }
  }

  #answered(instance: Instance, deed: Deed, sentAt: number, told: Told): void {
    const { run, caller } = this.#options
    const { tally, chronicle } = run
    const what = `${deed.name} by ${caller.name}`
    if (told.status !== 200) throw new Error(`status ${told.status}: ${told.body}`)
    const reply = JSON.parse(told.body) as { exception?: boolean; message?: string }
    if (reply.exception) {
      tally.count('writes refused')
      if (/sgcache/.test(reply.message ?? '')) throw new Error(reply.message)
      chronicle.note(`${caller.name} at ${instance.name}: refused: ${deed.name}: ${reply.message}`)
      return
    }
    if (deed.method === 'delete') this.#retired.push(deed.row!)
    const moved = run.truth.find(sentAt, (one) => this.#isMine(one, deed))
    if (!moved) {
      run.fault('error', instance, sentAt, `${what} was answered and not done`)
      return
    }
    if (told.headers['x-sgcache-seq'] === undefined) {
      tally.count('writes degraded')
      chronicle.note(`${caller.name} at ${instance.name}: answered, degraded: ${deed.name}`)
      return
    }
    run.took(instance, sentAt, what)
    this.#promised(moved, deed)
    tally.count('writes promised')
    tally.took('writes', performance.now() - sentAt)
    chronicle.note(`${caller.name} at ${instance.name}: promised: ${deed.name}, seq ${told.headers['x-sgcache-seq']}`)
  }

  #isMine({ by, marks, rows }: Moved, deed: Deed): boolean {
    if (by !== this.#by) return false
    // In a batch that writes to one row twice the last mark stays.
    return deed.row === undefined ? [...marks.values()].includes(deed.marks.at(-1)!) : rows.includes(deed.row)
  }

  #promised(moved: Moved, deed: Deed): void {
    const now = performance.now()
    moved.promisedAt = now
    for (const [row, mark] of moved.marks) {
      if (deed.marks.includes(mark)) this.#options.run.judge.promise(row, mark, now)
    }
  }
}
