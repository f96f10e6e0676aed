/**
 * Those who write past sgcache, at the site itself: with events, by a script that leaves none, in transactions that
 * stay open for a while and commit late or never.
 *
 * The script without events has rows of its own (assets): a silent change that is followed by a change of the same row
 * with an event can be found by nobody (docs/reliability.md says so).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Schema } from '../../src/shotgrid/schema.ts'
import type { Envelope } from '../../src/shotgrid/wire.ts'
import type { Random } from '../support/random.ts'
import { RandomWrites } from '../support/random-writes.ts'
import type { Deed, Deeds } from './deeds.ts'
import type { Run } from './run.ts'
import { type Caller, farm, noisy } from './site.ts'

export class Outsiders {
  readonly #run: Run
  readonly #random: Random
  readonly #deeds: Deeds
  readonly #anything: RandomWrites
  readonly #retired: string[] = []

  constructor(run: Run, random: Random, deeds: Deeds) {
    this.#run = run
    this.#random = random
    this.#deeds = deeds
    const { site } = run
    this.#anything = new RandomWrites({
      random,
      schema: new Schema(site.sandbox.schema()),
      types: ['Shot', 'Task', 'Version', 'Note', 'Playlist'],
      sample: () => [],
      ids: (type, retired) => (retired ? [] : site.ids(type)),
    })
  }

  /** Resolves when all have ended, some time after the signal has aborted. */
  async work(signal: AbortSignal): Promise<void> {
    const every = async (ms: number, deed: () => Promise<void> | void) => {
      while (!signal.aborted) {
        await sleep(this.#random.int(2 * ms))
        if (!signal.aborted) await deed()
      }
    }
    await Promise.all([
      every(500, () => this.#do(farm, this.#deeds.update(['Shot', 'Task', 'Version']))),
      every(1500, () => this.#do(noisy, this.#silent())),
      every(2500, () => this.#transaction()),
      every(2000, () => this.#anythingElse()),
    ])
  }

  #silent(): Deed {
    const random = this.#random
    if (this.#retired.length > 0 && random.chance(0.3)) return this.#deeds.revive(this.#retired.pop()!)
    if (random.chance(0.85)) return this.#deeds.update(['Asset'])
    const deed = this.#deeds.retire('Asset')
    this.#retired.push(deed.row!)
    return deed
  }

  #do(caller: Caller, deed: Deed): void {
    this.#call(deed.name, { method_name: deed.method, params: [caller.auth, deed.args] }, caller.name)
  }

  #anythingElse(): void {
    const write = this.#anything.write(farm.auth)
    if (write) this.#call(`${write.kind} ${JSON.stringify(write.envelope.params[1])}`, write.envelope, farm.name)
  }

  #call(name: string, envelope: Envelope, caller: string): void {
    const { site, chronicle, tally } = this.#run
    const reply = site.sandbox.call(envelope) as { exception?: boolean; message?: string }
    tally.count(reply.exception ? 'outside writes refused' : `outside writes by ${caller}`)
    chronicle.note(`${caller} past sgcache: ${name}${reply.exception ? `: ${reply.message}` : ''}`)
  }

  /** Its events get their ids now and are seen after it has committed, behind those of others. */
  async #transaction(): Promise<void> {
    const { site, chronicle, tally } = this.#run
    const transaction = site.sandbox.begin()
    const deed = this.#deeds.update(['Sequence'])
    const reply = transaction.call({ method_name: deed.method, params: [farm.auth, deed.args] }) as object
    await sleep(this.#random.int(2500))
    const commits = !('exception' in reply) && this.#random.chance(0.8)
    if (commits) transaction.commit()
    else transaction.rollback()
    tally.count(commits ? 'late transactions' : 'transactions rolled back')
    chronicle.note(`${farm.name} past sgcache: ${commits ? 'late' : 'rolled back'}: ${deed.name}`)
  }
}
