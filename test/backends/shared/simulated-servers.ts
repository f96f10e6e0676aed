/**
 * Servers of a log that fail over, split, restart empty and forget, on a virtual clock: the world that the rules of
 * the shared log are for. Failures are hundreds of times more frequent than in life.
 *
 * A *server* is what one Redis knows. The replica is a copy of the master as it was a while ago; a failover makes that
 * copy the truth. A master that was cut off from its replica goes on taking writes until `lagMs` has passed.
 */
import { EpochEnded, type LogServer, type LogState, type Renewal } from '../../../src/backends/shared/log-server.ts'
import type { ChangeRecord } from '../../../src/cache/change.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import type { Change, Cursor, CursorMove } from '../../../src/cache/ports.ts'
import type { Clock } from '../../../src/clock.ts'
import { SgcacheError } from '../../../src/errors.ts'
import type { Random } from '../../support/random.ts'

/** Rules that the servers' side keeps. The tests show that each is needed by leaving it out. */
export interface ServerRules {
  /** Rule 4: an epoch is bound to the server it began on. */
  readonly epochIsBound: boolean
  /** Rule 5. */
  readonly quarantineMs: number
  /** Rule 5: a master without its replica stops taking writes. */
  readonly lonelyMasterStops: boolean
  /** Rule 13. */
  readonly barrier: boolean
  /** Rule 7: a log that was trimmed shows it, since its numbers are dense. */
  readonly trimShows: boolean
}

interface Known {
  epoch: string | undefined
  bound: number
  opensAt: number
  head: number
  changes: Change[]
  members: Map<string, { till: number; applied: number; needed: number }>
  cursor: Cursor | undefined
  fence: number
  lease: { holder: string; till: number } | undefined
  entries: Map<string, Entry>
}

export interface SimulatedServer extends Known {
  readonly run: number
  isDead: boolean
  /** When it was cut off from its replica. */
  lonelyAt: number
}

function empty(): Known {
  return {
    epoch: undefined,
    bound: 0,
    opensAt: 0,
    head: 0,
    changes: [],
    members: new Map(),
    cursor: undefined,
    fence: 0,
    lease: undefined,
    entries: new Map(),
  }
}

function copyOf(known: Known): Known {
  const { epoch, bound, opensAt, head, cursor, fence, lease } = known
  const members = new Map([...known.members].map(([name, member]) => [name, { ...member }]))
  const entries = new Map(known.entries)
  return {
    epoch,
    bound,
    opensAt,
    head,
    cursor,
    fence,
    lease: lease && { ...lease },
    members,
    entries,
    changes: [...known.changes],
  }
}

export class SimulatedServers {
  master: SimulatedServer
  /** The share of replies that do not arrive in time. */
  lostReplies = 0
  #replica: Known
  #runs = 0

  readonly clock: Clock
  readonly rules: ServerRules
  readonly lagMs: number

  constructor(clock: Clock, rules: ServerRules, lagMs: number) {
    this.clock = clock
    this.rules = rules
    this.lagMs = lagMs
    this.master = this.#server(empty())
    this.#replica = copyOf(this.master)
  }

  replicate(): void {
    this.#replica = copyOf(this.master)
  }

  /** The replica's older state becomes the truth. Without `splits` the old master is gone. */
  failOver(splits: boolean): SimulatedServer {
    const old = this.master
    this.master = this.#server(copyOf(this.#replica))
    this.replicate()
    old.lonelyAt = this.clock.monotonic()
    old.isDead = !splits
    return old
  }

  restartEmpty(): void {
    this.master.isDead = true
    this.master = this.#server(empty())
    this.replicate()
  }

  trim(): void {
    this.master.changes = this.master.changes.slice(-3)
  }

  takesWrites(server: SimulatedServer): boolean {
    if (server.isDead) return false
    return !this.rules.lonelyMasterStops || this.clock.monotonic() <= server.lonelyAt + this.lagMs
  }

  #server(known: Known): SimulatedServer {
    return { ...known, run: ++this.#runs, isDead: false, lonelyAt: Number.POSITIVE_INFINITY }
  }
}

/** One process's connection: slow, and to the server that it found when it last connected. */
export class SimulatedLogServer implements LogServer {
  server: SimulatedServer
  /** The share of answers that are lost on their way back. */
  lostAnswers = 0
  readonly #servers: SimulatedServers
  readonly #random: Random
  readonly #delay: (ms: number) => Promise<void>

  /** `delay`: the process's own, which takes longer while the process is stopped. */
  constructor(servers: SimulatedServers, random: Random, delay: (ms: number) => Promise<void>) {
    this.#servers = servers
    this.server = servers.master
    this.#random = random
    this.#delay = delay
  }

  /** A step at the server, with the way there and back. */
  async #step<T>(kind: 'write' | 'read', step: (server: SimulatedServer) => T): Promise<T> {
    await this.#delay(this.#random.int(20))
    const { server } = this
    if (kind === 'write' ? !this.#servers.takesWrites(server) : server.isDead) {
      await this.#delay(this.#random.int(200))
      if (server.isDead) this.server = this.#servers.master
      throw unreachable('gone')
    }
    const outcome = attempt(() => step(server))
    if (this.#random.chance(this.#servers.lostReplies)) {
      await this.#delay(400)
      throw new SgcacheError('BACKEND_TIMEOUT', { what: 'the simulated server', limitMs: 400 })
    }
    await this.#delay(this.#random.int(20))
    // What was asked for has happened, and nobody hears of it.
    if (this.#random.chance(this.lostAnswers)) throw unreachable('its answer was lost')
    return outcome()
  }

  #inEpoch<T>(kind: 'write' | 'read', epoch: string, step: (server: SimulatedServer) => T): Promise<T> {
    return this.#step(kind, (server) => {
      const isBound = !this.#servers.rules.epochIsBound || server.bound === server.run
      if (server.epoch !== epoch || !isBound) throw new EpochEnded(epoch)
      return step(server)
    })
  }

  get #now(): number {
    return this.#servers.clock.monotonic()
  }

  enter(newEpoch: string, known?: { readonly epoch: string; readonly seq: number }): Promise<LogState> {
    const { epochIsBound, quarantineMs, trimShows } = this.#servers.rules
    return this.#step('write', (server) => {
      const isLost = epochIsBound && known !== undefined && known.epoch === server.epoch && known.seq > server.head
      if (server.epoch === undefined || (epochIsBound && server.bound !== server.run) || isLost) {
        const head = Math.max(server.head, Math.floor(this.#now))
        Object.assign(server, { ...empty(), cursor: server.cursor, fence: server.fence, entries: server.entries })
        Object.assign(server, { epoch: newEpoch, bound: server.run, head, opensAt: this.#now + quarantineMs })
      }
      const coverage = trimShows ? (server.changes[0]?.seq ?? server.head + 1) - 1 : 0
      return { epoch: server.epoch!, head: server.head, coverage, opensInMs: Math.max(0, server.opensAt - this.#now) }
    })
  }

  append(epoch: string, records: readonly ChangeRecord[], at: number, move?: CursorMove): Promise<number> {
    return this.#inEpoch('write', epoch, (server) => {
      if (move && move.fence < server.fence)
        throw new SgcacheError('FENCED', { fence: move.fence, lastFence: server.fence })
      if (move) server.cursor = move.cursor
      for (const record of records) server.changes.push({ ...record, epoch, seq: ++server.head, at })
      return server.head
    })
  }

  read(epoch: string, after: number, limit: number): Promise<readonly Change[]> {
    return this.#inEpoch('read', epoch, (server) => {
      const found = server.changes.filter(({ seq }) => seq > after).slice(0, limit)
      if (this.#servers.rules.trimShows) return found
      return found.map((change, index) => ({ ...change, seq: after + index + 1 }))
    })
  }

  async news(_epoch: string, after: number, signal: AbortSignal): Promise<void> {
    const started = this.#now
    while (!signal.aborted && this.#now - started < 1000 && this.server.head <= after) await this.#delay(15)
    if (this.server.isDead) await this.#step('read', () => {})
  }

  renew(epoch: string, member: string, applied: number, forgetMs: number): Promise<Renewal> {
    return this.#inEpoch('write', epoch, (server) => {
      const before = server.members.get(member)
      const needed = before && before.till > this.#now ? before.needed : server.head
      const joined = needed !== before?.needed || applied < needed
      server.members.set(member, { till: this.#now + forgetMs, applied, needed })
      const opensInMs = Math.max(0, server.opensAt - this.#now)
      return { head: server.head, opensInMs, joined, members: server.members.size }
    })
  }

  behind(epoch: string, seq: number): Promise<number> {
    return this.#inEpoch('write', epoch, (server) => {
      if (!this.#servers.rules.barrier) return 0
      const slow = [...server.members.values()].filter(({ till, applied }) => till > this.#now && applied < seq)
      return slow.length + (server.opensAt > this.#now ? 1 : 0)
    })
  }

  leave(epoch: string, member: string): Promise<void> {
    return this.#inEpoch('write', epoch, (server) => {
      server.members.delete(member)
    })
  }

  cursor(epoch: string): Promise<Cursor | undefined> {
    return this.#inEpoch('read', epoch, (server) => server.cursor)
  }

  acquireLease(epoch: string, member: string, holdMs: number): Promise<number | undefined> {
    return this.#inEpoch('write', epoch, (server) => {
      const isHeld = server.lease !== undefined && server.lease.till > this.#now
      if (isHeld && server.lease?.holder !== member) return undefined
      if (!isHeld) server.fence += 1
      server.lease = { holder: member, till: this.#now + holdMs }
      return server.fence
    })
  }

  releaseLease(epoch: string, member: string): Promise<void> {
    return this.#inEpoch('write', epoch, (server) => {
      if (server.lease?.holder === member) server.lease = undefined
    })
  }

  async close(): Promise<void> {}

  getEntry(key: string): Promise<Entry | undefined> {
    return this.#step('read', (server) => server.entries.get(key))
  }

  setEntry(entry: Entry): Promise<void> {
    return this.#step('write', (server) => {
      server.entries.set(entry.key, entry)
    })
  }
}

function unreachable(reason: string): SgcacheError {
  return new SgcacheError('BACKEND_UNREACHABLE', { what: 'the simulated server', reason })
}

/** The outcome of a step as it was at the server, told later. */
function attempt<T>(step: () => T): () => T {
  try {
    const value = step()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}
