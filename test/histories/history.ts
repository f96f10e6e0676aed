/**
 * One random history: a studio that reads through sgcache and writes past it, with everything that can go wrong, and
 * for every answer the question *how long has this been untrue?*
 *
 * The bounds, by what made the answer untrue, are those the documentation prints: an event is seen with the next poll;
 * what leaves no event, with the next sweep; a row that vanished without one, with the next comparison of ids. An
 * answer to a question about relative dates or computed fields may be as old as its TTL cap.
 */
import type { Answer, CacheEvent } from '../../src/cache/cache.ts'
import { SgcacheError } from '../../src/errors.ts'
import type { Affects } from '../../src/freshness/affects.ts'
import type { Commit } from '../../src/sandbox/journal.ts'
import type { SandboxSwitches } from '../../src/sandbox/switches.ts'
import { type Call, callArgs } from '../../src/shotgrid/call.ts'
import { Schema } from '../../src/shotgrid/schema.ts'
import { Random } from '../support/random.ts'
import { RandomCalls, type Sample } from '../support/random-calls.ts'
import { RandomWrites } from '../support/random-writes.ts'
import { answerText, movesWithTheClock } from './answers.ts'
import { type Cause, causeOf, Timeline, type Untrue } from './timeline.ts'
import { auth, followSettings, openWorld, type World } from './world.ts'

export interface HistoryOptions {
  readonly seed: number
  readonly reads: number
  readonly distort?: (affects: Affects) => Affects
}

/** An answer older than its bound. */
export interface Violation {
  readonly seed: number
  readonly call: Call
  readonly outcome: string
  readonly cause: Cause | 'never true'
  readonly ageMs: number
  readonly boundMs: number
  readonly answer: string
  readonly truth: string
}

export interface HistoryResult {
  readonly violations: readonly Violation[]
  readonly reads: number
  readonly hits: number
  readonly dropped: number
  /** Of the dropped, those whose answer had really changed. */
  readonly rightlyDropped: number
  /** How often each operator, kind of write and mishap occurred. */
  readonly counts: ReadonlyMap<string, number>
}

const types = [
  'Shot',
  'Asset',
  'Task',
  'Version',
  'PublishedFile',
  'Sequence',
  'Note',
  'Playlist',
  'Project',
  'HumanUser',
]
const poolSize = 12
/** Longer than an event that can be seen waits for the next poll. */
const unpolledMs = followSettings.pollMs + 1400
const silentAuth = { script_name: 'noisy-import', script_key: 'noisy-key' }

export async function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  const history = new History(options)
  return history.run()
}

class History {
  readonly #options: HistoryOptions
  readonly #random: Random
  readonly #counts = new Map<string, number>()
  readonly #violations: Violation[] = []
  #world!: World
  #pool: Call[] = []
  #timeline!: Timeline
  #writes!: RandomWrites
  #commits: Commit[] = []
  /** When each row was last changed with an event, and the silent changes that may have hidden behind that. */
  readonly #loggedAt = new Map<string, number>()
  readonly #silent: { at: number; rows: readonly string[] }[] = []
  #hits = 0
  #reads = 0
  #dropped = 0
  #rightlyDropped = 0
  /** While events are held back nobody can know of a change; the bounds begin when they are let go. */
  #heldSince: number | undefined
  #outageSince: number | undefined
  readonly #holds: { from: number; to: number }[] = []
  /** When the intervals of sweeps and comparisons of ids began anew: at each start of a follower. */
  #restartedAt = 0

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
  }

  async run(): Promise<HistoryResult> {
    await this.#begin()
    while (this.#reads < this.#options.reads) await this.#step()
    await this.#quiet()
    await this.#world.close()
    return {
      violations: this.#violations,
      reads: this.#reads,
      hits: this.#hits,
      dropped: this.#dropped,
      rightlyDropped: this.#rightlyDropped,
      counts: this.#counts,
    }
  }

  async #begin(): Promise<void> {
    const { seed, distort } = this.#options
    const switches = this.#weather()
    const onCacheEvent = (event: CacheEvent) => this.#notice(event)
    this.#world = await openWorld({ seed: seed % 50, random: this.#random, switches, distort, onCacheEvent })
    const { site, clock } = this.#world
    site.onCommit((commit) => this.#commits.push(commit))
    const schema = new Schema(site.schema())
    const rows = new Rows((method, args) => site.call({ method_name: method, params: [auth, args] }))
    const sample: Sample = (type, field) => rows.values(type, field, schema)
    const used = (dataType: string, relation: string) => {
      this.#count(`operator ${relation}`)
      this.#count(`operator ${dataType} ${relation}`)
    }
    const calls = new RandomCalls({ random: this.#random, schema, sample, types, used })
    this.#pool = Array.from({ length: poolSize }, () => calls.call())
    this.#writes = new RandomWrites({
      random: this.#random,
      schema,
      sample,
      types,
      ids: (type, retired) => rows.ids(type, retired),
    })
    this.#timeline = new Timeline(poolSize, clock.now(), (question) => this.#truth(this.#pool[question]!))
  }

  /** Where nobody knows how the real site behaves, now one way, now the other. */
  #weather(): Partial<SandboxSwitches> {
    const random = this.#random
    const switches: Partial<SandboxSwitches> = {
      eventLagMs: random.pick([0, 400]),
      readLagMs: random.weighted([
        [4, 0],
        [1, 800],
      ]),
      cascadeEvents: random.chance(0.7),
      linkRemovalEvents: random.chance(0.3),
      backReferenceEvents: random.chance(0.7),
      connectionEvents: random.chance(0.7),
      metaNullShare: random.weighted([
        [4, 0],
        [1, 0.1],
      ]),
      retirementMovesUpdatedAt: random.chance(0.5),
      inverseMovesUpdatedAt: random.chance(0.3),
      hiddenFieldReads: random.pick(['absent', 'null'] as const),
      listPathReads: random.pick(['absent', 'null', 'list'] as const),
    }
    for (const [name, value] of Object.entries(switches)) this.#count(`switch ${name} ${value}`)
    return switches
  }

  async #step(): Promise<void> {
    const step = this.#random.weighted<() => Promise<void> | void>([
      [60, () => this.#read()],
      [14, () => this.#write()],
      [14, () => this.#wait()],
      [1, () => this.#openTransaction()],
      [0.8, () => this.#holdOrRelease()],
      [0.5, () => this.#crash()],
      [0.4, () => this.#outage()],
      [0.15, () => this.#editSchema()],
    ])
    await step()
    this.#look()
  }

  async #read(): Promise<void> {
    const question = this.#random.int(poolSize)
    const call = this.#pool[question]!
    const { reader, scope, clock } = this.#world
    this.#reads += 1
    const answer = await clock.run(reader.read(scope, call).catch((error: unknown) => error as SgcacheError))
    this.#look()
    if (answer instanceof Error) return this.#checkRefusal(question, answer)
    this.#count(`answer ${answer.outcome}`)
    if (answer.outcome === 'hit') this.#hits += 1
    if (answer.outcome !== 'stale') this.#check(question, call, answer)
  }

  /** An error is never made up: only the site's own refusal, or an outage. */
  #checkRefusal(question: number, error: Error): void {
    if (!(error instanceof SgcacheError)) throw error
    this.#count(`error ${error.code}`)
    if (error.code === 'UPSTREAM_UNREACHABLE' && this.#world.site.switches.outage) return
    const truth = this.#timeline.truth(question)
    if (error.code !== 'UPSTREAM_FAULT' || !truth.startsWith('fault')) throw error
  }

  #check(question: number, call: Call, answer: Answer): void {
    const text = answerText(JSON.parse(answer.entry.body.toString()))
    if (movesWithTheClock(call, this.#schema())) this.#timeline.refreshOne(question, this.#world.clock.now(), 'clock')
    const untrue = this.#timeline.untrue(question, text)
    if (!untrue) return
    const cause = untrue === 'never' ? 'never true' : untrue.cause
    const boundMs = this.#boundMs(call, cause)
    const ageMs = untrue === 'never' ? answer.ageMs : this.#world.clock.now() - this.#knowable(untrue)
    if (ageMs <= boundMs) return
    if (untrue !== 'never' && this.#isMasked(untrue)) {
      this.#count('masked silent change')
      return
    }
    const truth = this.#timeline.truth(question)
    this.#violations.push({
      seed: this.#options.seed,
      call,
      outcome: answer.outcome,
      cause,
      ageMs,
      boundMs,
      answer: text,
      truth,
    })
  }

  #boundMs(call: Call, cause: Cause | 'never true'): number {
    const clockCapMs = movesWithTheClock(call, this.#schema()) ? 60_000 : 0
    const eventMs = followSettings.pollMs + 400 + 1000
    if (cause === 'silent') return eventMs + followSettings.sweepMs + 8000
    if (cause === 'silent removal') return eventMs + followSettings.idSetMs + 8000
    // An answer that was never true was put together by a reply from before and the clock.
    return cause === 'never true' ? clockCapMs : Math.max(clockCapMs, eventMs)
  }

  /**
   * When a change could first be known: when it was made, or when held events were let go; also those that were about
   * to be polled when the hold began. What leaves no event waits for the first sweep of a follower that is new.
   */
  #knowable({ sinceMs, cause }: Untrue): number {
    const now = this.#world.clock.now()
    if (this.#heldSince !== undefined && this.#heldSince - unpolledMs <= sinceMs) return now
    // Nothing can be known in an outage, and after a while of not looking nothing is answered unlabelled.
    if (this.#outageSince !== undefined && this.#outageSince - unpolledMs <= sinceMs) {
      return Math.min(now, sinceMs + followSettings.blindAfterMs)
    }
    const hold = this.#holds.filter(({ from, to }) => from - unpolledMs <= sinceMs && sinceMs <= to)
    const known = Math.max(sinceMs, ...hold.map(({ to }) => to))
    return cause === 'event' ? known : Math.max(known, Math.min(this.#restartedAt, now))
  }

  #write(): void {
    const silent = this.#random.chance(0.12)
    const write = this.#writes.write(silent ? silentAuth : auth)
    if (!write) return
    const reply = this.#world.site.call(write.envelope) as { exception?: boolean }
    const author = silent ? 'silent' : 'logged'
    this.#count(reply.exception ? `refused ${write.kind}` : `${author} ${write.kind}`)
  }

  async #wait(): Promise<void> {
    await this.#advance(
      this.#random.weighted([
        [3, this.#random.int(1500)],
        [3, this.#random.int(7000)],
        [1, this.#random.int(40_000)],
      ]),
    )
  }

  /** Lower event ids become visible after higher ones, or never. */
  async #openTransaction(): Promise<void> {
    const { site, clock } = this.#world
    const transaction = site.begin()
    const began = clock.now()
    let isRefused = false
    for (let i = 0; i <= this.#random.int(3); i += 1) {
      const write = this.#writes.write(auth)
      if (!write || write.kind === 'batch') continue
      isRefused ||= 'exception' in (transaction.call(write.envelope) as object)
    }
    for (let i = this.#random.int(3); i > 0; i -= 1) {
      this.#write()
      this.#look()
      await this.#advance(this.#random.int(8000))
    }
    if (isRefused || this.#random.chance(0.3)) transaction.rollback()
    else transaction.commit()
    this.#count(isRefused ? 'transaction rolled back' : 'transaction late')
    this.#look()
    // Its ids have been gaps for a while, and old gaps are asked for less often: pauses of a quarter of their age.
    const now = clock.now()
    this.#holds.push({ from: now, to: now + (now - began) / 4 + followSettings.pollMs })
  }

  #holdOrRelease(): void {
    const { site, clock } = this.#world
    if (this.#heldSince === undefined) this.#heldSince = clock.now()
    else {
      this.#holds.push({ from: this.#heldSince, to: clock.now() })
      this.#heldSince = undefined
    }
    site.switches.holdEvents = this.#heldSince !== undefined
    this.#count('events held or let go')
  }

  async #crash(): Promise<void> {
    this.#count('follower crashed')
    await this.#world.crash()
    this.#restartedAt = this.#world.clock.now()
  }

  async #outage(): Promise<void> {
    this.#count('outage')
    const { site, clock } = this.#world
    const from = clock.now()
    this.#outageSince = from
    site.switches.outage = true
    for (let i = this.#random.int(5); i > 0; i -= 1) {
      this.#write()
      this.#look()
      await this.#read()
      await this.#advance(this.#random.int(12_000))
    }
    site.switches.outage = false
    this.#outageSince = undefined
    // What happened meanwhile is known at the latest when the follower has tried again.
    this.#holds.push({ from, to: clock.now() + 40_000 })
    this.#restartedAt = clock.now() + 40_000
  }

  #editSchema(): void {
    const type = this.#random.pick(types)
    const properties = [{ property_name: 'name', value: `Extra ${this.#random.int(1000)}` }]
    this.#world.site.call({
      method_name: 'schema_field_create',
      params: [auth, { type, data_type: 'text', properties }],
    })
    this.#count('schema edited')
  }

  async #advance(ms: number): Promise<void> {
    await this.#world.clock.advance(ms)
    this.#look()
  }

  /** At the end: when everything has been quiet for long enough, no answer may be untrue for any reason. */
  async #quiet(): Promise<void> {
    if (this.#heldSince !== undefined) this.#holdOrRelease()
    await this.#advance(45_000)
    await this.#advance(2 * followSettings.idSetMs)
    for (const [question, call] of this.#pool.entries()) {
      const answer = await this.#world.clock.run(
        this.#world.reader.read(this.#world.scope, call).catch(() => undefined),
      )
      if (answer) this.#check(question, call, answer)
    }
  }

  /** Brings the timeline up to now. */
  #look(): void {
    if (this.#commits.length === 0) return
    const cause = causeOf(this.#commits)
    for (const commit of this.#commits) this.#record(commit)
    this.#commits = []
    this.#timeline.refresh(this.#world.clock.now(), cause)
  }

  #record({ changes }: Commit): void {
    const at = this.#world.clock.now()
    const rowOf = ({ type, id }: Commit['changes'][number]) => `${type} ${id}`
    for (const change of changes) {
      this.#count(`change ${change.kind}`)
      if (!change.silent) this.#loggedAt.set(rowOf(change), at)
    }
    this.#silent.push({ at, rows: changes.filter((change) => change.silent).map(rowOf) })
  }

  /**
   * A silent change of a row that is changed again, with an event, before the next sweep: `updated_at` tells of the
   * second alone, so the first is found by audit and TTL only. The documentation says so.
   */
  #isMasked({ sinceMs, cause }: Untrue): boolean {
    if (cause !== 'silent' && cause !== 'silent removal') return false
    const rows = this.#silent.filter(({ at }) => at === sinceMs).flatMap((change) => change.rows)
    return rows.some((row) => (this.#loggedAt.get(row) ?? 0) >= sinceMs)
  }

  #notice(event: CacheEvent): void {
    if (event.kind !== 'dropped' || !this.#timeline) return
    const question = this.#pool.findIndex(
      (call) => this.#world.reader.question(this.#world.scope, call).key === event.entry.key,
    )
    if (question < 0) return
    this.#dropped += 1
    const text = answerText(JSON.parse(event.entry.body.toString()))
    if (text !== this.#timeline.truth(question)) this.#rightlyDropped += 1
  }

  #schema(): Schema {
    return new Schema(this.#world.site.schema())
  }

  /** What the site would say if its reads did not lag. */
  #truth(call: Call): string {
    const { site } = this.#world
    const { readLagMs } = site.switches
    site.switches.readLagMs = 0
    const reply = site.call({ method_name: call.operation, params: [auth, callArgs(call)] })
    site.switches.readLagMs = readLagMs
    return answerText(reply)
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }
}

/** The site's rows, for values and ids to write and to filter by; read again now and then. */
class Rows {
  readonly #call: (method: string, args: unknown) => unknown
  readonly #ids = new Map<string, { at: number; ids: readonly number[] }>()
  readonly #values = new Map<string, readonly unknown[]>()
  #asked = 0

  constructor(call: (method: string, args: unknown) => unknown) {
    this.#call = call
  }

  ids(type: string, retired: boolean): readonly number[] {
    const key = `${type} ${retired}`
    this.#asked += 1
    const known = this.#ids.get(key)
    if (known && this.#asked - known.at < 30) return known.ids
    const ids = this.#rows(type, ['id'], retired).map((row) => row.id as number)
    this.#ids.set(key, { at: this.#asked, ids })
    return ids
  }

  values(type: string, field: string, schema: Schema): readonly unknown[] {
    if (!this.#values.has(type)) this.#readValues(type, schema)
    return this.#values.get(`${type}.${field}`) ?? []
  }

  #readValues(type: string, schema: Schema): void {
    this.#values.set(type, [])
    const fields = [...schema.fields(type).keys()]
    const rows = this.#rows(type, fields, false)
    for (const field of fields)
      this.#values.set(
        `${type}.${field}`,
        rows.map((row) => row[field]),
      )
  }

  #rows(type: string, fields: readonly string[], retired: boolean): Record<string, unknown>[] {
    const args = {
      type,
      return_fields: fields,
      filters: { logical_operator: 'and', conditions: [] },
      return_only: retired ? 'retired' : 'active',
      paging: { entities_per_page: 200, current_page: 1 },
    }
    const reply = this.#call('read', args) as { results?: { entities: Record<string, unknown>[] } }
    return reply.results?.entities ?? []
  }
}
