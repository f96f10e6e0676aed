/**
 * Several processes with a shared log, played against simulated servers: readers, writers, somebody who writes past
 * them, processes that are stopped and wake, and servers that fail. For every answer it is known how new it had to be.
 */
import { SharedLog, type SharedLogOptions } from '../../../src/backends/shared/shared-log.ts'
import { Cache } from '../../../src/cache/cache.ts'
import { createChangeWindow } from '../../../src/cache/change-window.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import { NearCache } from '../../../src/cache/near-cache.ts'
import type { Store } from '../../../src/cache/ports.ts'
import type { Clock } from '../../../src/clock.ts'
import { SchemaSource } from '../../../src/reads/schema-source.ts'
import { WriteThrough } from '../../../src/server/drop-in/write-through.ts'
import { affectsRows, makeRecord, questionAbout, replyOf, valuesOf } from '../../support/cache-world.ts'
import { Random } from '../../support/random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { type ServerRules, SimulatedLogServer, SimulatedServers } from './simulated-servers.ts'

export const settings = { leaseMs: 2000, slackMs: 300, followerLeaseMs: 3000, deadlineMs: 400 }
export const lagMs = 1000
export const goodRules: ServerRules = {
  epochIsBound: true,
  quarantineMs: settings.leaseMs + settings.slackMs + lagMs,
  lonelyMasterStops: true,
  barrier: true,
  trimShows: true,
}

const rowCount = 2
const processCount = 3
const pollMs = 700

export interface Outcome {
  /** Reads that did not see a write that had been answered when they came. */
  unseenWrites: number
  /** Processes that answer with something old after all has been quiet. */
  lasting: number
  reads: number
  hits: number
  /** Writes answered although the log took no changes (rule 15). */
  degraded: number
}

interface Process {
  readonly log: SharedLog
  readonly link: SimulatedLogServer
  readonly cache: Cache
  readonly writes: WriteThrough
  readonly clock: OwnClock
}

/** A process's own view of time: whatever it waits for takes at least as long as it is stopped. */
class OwnClock implements Clock {
  stoppedUntil = 0
  readonly #clock: VirtualClock
  readonly #remembers: boolean
  #remembered = 0

  constructor(clock: VirtualClock, remembers: boolean) {
    this.#clock = clock
    this.#remembers = remembers
  }

  now(): number {
    return this.#clock.now() - this.#clock.monotonic() + this.monotonic()
  }

  monotonic(): number {
    return this.#remembers ? this.#remembered : this.#clock.monotonic()
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, signal)
    if (this.#clock.monotonic() >= this.stoppedUntil) this.#remembered = this.#clock.monotonic()
    await this.awake()
  }

  async awake(): Promise<void> {
    const left = () => this.stoppedUntil - this.#clock.monotonic()
    while (left() > 0) await this.#clock.sleep(left())
  }
}

export interface HistoryOptions {
  readonly seed: number
  readonly rules?: Partial<ServerRules>
  /** Weakens rule 9: time is remembered from when the process last did something. */
  readonly remembersTime?: boolean
  readonly lengthMs?: number
}

export async function playHistory({ seed, rules, remembersTime, lengthMs = 30_000 }: HistoryOptions): Promise<Outcome> {
  const world = new SharedWorld(seed, { ...goodRules, ...rules }, remembersTime)
  await world.play(lengthMs)
  return world.end()
}

class SharedWorld {
  readonly #clock = new VirtualClock()
  readonly #random: Random
  readonly #servers: SimulatedServers
  readonly #processes: Process[]
  /** By row: its value now, and the newest that somebody was told is written. */
  readonly #values = Array.from({ length: rowCount }, () => 0)
  readonly #answered = Array.from({ length: rowCount }, () => 0)
  /** Rows that were changed, in order: what the site's event log says. */
  readonly #events: number[] = []
  readonly #outcome: Outcome = { unseenWrites: 0, lasting: 0, reads: 0, hits: 0, degraded: 0 }
  readonly #remembersTime: boolean
  #ids = 0

  constructor(seed: number, rules: ServerRules, remembersTime = false) {
    this.#random = new Random(seed)
    this.#remembersTime = remembersTime
    this.#servers = new SimulatedServers(this.#clock, rules, lagMs)
    this.#servers.lostReplies = 0.02
    this.#processes = Array.from({ length: processCount }, () => this.#process())
  }

  async play(lengthMs: number): Promise<void> {
    for (const process of this.#processes) void this.#follow(process)
    for (let passedMs = 0; passedMs < lengthMs; ) {
      const stepMs = this.#random.int(60)
      await this.#clock.advance(stepMs)
      passedMs += stepMs
      this.#happen()
    }
  }

  /** Waits until all is quiet, and looks what everybody says now. */
  async end(): Promise<Outcome> {
    for (const process of this.#processes)
      if (process.link.server !== this.#servers.master) process.link.server.isDead = true
    await this.#clock.advance(40_000)
    for (const process of this.#processes) {
      for (let row = 0; row < rowCount; row++) {
        const { body } = (await this.#clock.run(process.cache.read(questionAbout([row]), this.#loader(process, row))))
          .entry
        if (valuesOf(body)[row] !== this.#values[row]) this.#outcome.lasting += 1
      }
    }
    await this.#clock.run(Promise.all(this.#processes.map(({ log }) => log.close())))
    return this.#outcome
  }

  #happen(): void {
    const random = this.#random
    const process = random.pick(this.#processes)
    const row = random.int(rowCount)
    if (random.chance(0.5)) void this.#read(process, row)
    if (random.chance(0.06)) void this.#write(process, row)
    if (random.chance(0.01)) this.#change(row)
    if (random.chance(0.01)) process.clock.stoppedUntil = this.#clock.monotonic() + random.int(8000)
    if (random.chance(0.1)) this.#servers.replicate()
    if (random.chance(0.004)) this.#failOver()
    if (random.chance(0.001)) this.#servers.restartEmpty()
    if (random.chance(0.008)) this.#servers.trim()
  }

  #failOver(): void {
    const old = this.#servers.failOver(this.#random.chance(0.5))
    for (const { link } of this.#processes) {
      if (link.server === old && this.#random.chance(0.5)) link.server = this.#servers.master
    }
    void this.#clock.sleep(1000 + this.#random.int(6000)).then(() => {
      old.isDead = true
    })
  }

  #change(row: number): number {
    this.#events.push(row)
    this.#values[row]! += 1
    return this.#values[row]!
  }

  async #read(process: Process, row: number): Promise<void> {
    const { clock, cache } = process
    const needed = this.#answered[row]!
    await clock.awake()
    const answer = await cache.read(questionAbout([row]), this.#loader(process, row))
    this.#outcome.reads += 1
    if (answer.outcome === 'hit') this.#outcome.hits += 1
    if (valuesOf(answer.entry.body)[row]! < needed) this.#outcome.unseenWrites += 1
  }

  #loader({ clock }: Pick<Process, 'clock'>, row: number) {
    return async () => {
      await clock.sleep(this.#random.int(40))
      const value = this.#values[row]!
      await clock.sleep(this.#random.int(80))
      return replyOf({ [row]: value }, 3_600_000)
    }
  }

  async #write(process: Process, row: number): Promise<void> {
    const { clock, writes } = process
    await clock.sleep(this.#random.int(40))
    const value = this.#change(row)
    await clock.sleep(this.#random.int(40))
    const degraded = this.#outcome.degraded
    await writes.record([makeRecord({ source: 'write', ids: [row] })])
    // Law 3 excludes these by name.
    if (this.#outcome.degraded > degraded) return
    this.#answered[row] = Math.max(this.#answered[row]!, value)
  }

  /** What the follower does: takes the lease, loads the cursor, appends what is new with the cursor moved. */
  async #follow({ log, clock }: Process): Promise<void> {
    for (;;) {
      await clock.sleep(pollMs)
      try {
        const fence = await log.acquire()
        const lastId = (await log.load())?.lastId ?? 0
        if (fence === undefined) continue
        const records = this.#events.slice(lastId).map((row) => makeRecord({ ids: [row] }))
        const cursor = { lastId: lastId + records.length, gaps: [], sweptAt: {} }
        await log.append(records, { cursor, fence })
      } catch {
        // The next look begins where this one did.
      }
    }
  }

  #process(): Process {
    const clock = new OwnClock(this.#clock, this.#remembersTime)
    const link = new SimulatedLogServer(this.#servers, this.#random, (ms) => clock.sleep(ms))
    link.lostAnswers = 0.03
    const options: SharedLogOptions = {
      server: link,
      window: createChangeWindow({ epoch: 'none', clock, limit: 40 }),
      clock,
      newId: () => `e${++this.#ids}`,
      member: `p${++this.#ids}`,
      settings,
      quarantineMs: goodRules.quarantineMs,
      report: () => {},
    }
    const log = new SharedLog(options)
    log.start()
    const cache = new Cache({
      near: new NearCache({ limitBytes: 1_000_000, maxEntryBytes: 100_000 }),
      store: storeOver(link),
      log,
      clock,
      affects: affectsRows,
      mayAnswer: () => log.mayAnswer(),
      settleMs: 0,
      graceMs: 0,
      ttlJitter: 0,
      random: this.#random.next,
      report: () => {},
    })
    const writes = writesOver(log, clock, () => {
      this.#outcome.degraded += 1
    })
    return { log, link, cache, writes, clock }
  }
}

/** Frames are copied on their way: what one process remembers of an entry is not known to another. */
function storeOver(link: SimulatedLogServer): Store {
  const copy = (entry: Entry): Entry => ({ ...entry, validatedSeq: entry.stamp.seq })
  return {
    get: async (key) => {
      const entry = await link.getEntry(key)
      return entry && copy(entry)
    },
    set: async (entry) => {
      await link.setEntry(copy(entry))
      return true
    },
    delete: async () => {},
    async *entries() {},
  }
}

function writesOver(log: SharedLog, clock: Clock, onDegraded: () => void): WriteThrough {
  const nowhere = async (): Promise<never> => {
    throw new Error('no write is sent in this world')
  }
  return new WriteThrough({
    url: 'https://site',
    transport: nowhere,
    log,
    schemas: new SchemaSource({ schema: nowhere }, log.window),
    suspects: { watch: () => {} } as unknown as ConstructorParameters<typeof WriteThrough>[0]['suspects'],
    clock,
    patienceMs: 0,
    ended: new AbortController().signal,
    holdMs: 5000 + log.settlesWithinMs,
    report: (event) => {
      if (event.kind === 'degraded') onDegraded()
    },
  })
}
