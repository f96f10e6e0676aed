/**
 * The law again, against the simulated site: what it answers, what its event log tells, the changes made of that, and
 * the judgement. The questions that no source answers (which events there are) fall now one way, now the other.
 */
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/cache/change.ts'
import { createChangeWindow } from '../../src/cache/change-window.ts'
import type { Entry } from '../../src/cache/entry.ts'
import { createAffects } from '../../src/freshness/affects.ts'
import { cacheability } from '../../src/freshness/cacheability.ts'
import { changesOfEvents } from '../../src/freshness/changes-of-events.ts'
import { dependenciesOf } from '../../src/freshness/dependencies.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { SandboxSwitches } from '../../src/sandbox/switches.ts'
import { type Call, callArgs, callText } from '../../src/shotgrid/call.ts'
import { Schema } from '../../src/shotgrid/schema.ts'
import type { EventLogEntry, Row } from '../../src/shotgrid/wire.ts'
import { answerText, movesWithTheClock } from '../histories/answers.ts'
import { Random } from '../support/random.ts'
import { RandomCalls } from '../support/random-calls.ts'
import { RandomWrites } from '../support/random-writes.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const auth = { script_name: 'sgcache', script_key: 'sandbox-key' }
const types = [
  'Shot',
  'Task',
  'Version',
  'Asset',
  'Sequence',
  'Playlist',
  'PublishedFile',
  'Note',
  'HumanUser',
  'Project',
]
const sites = 25
const writes = 50
const questions = 20

interface Cached {
  readonly call: Call
  readonly text: string
  readonly entry: Entry
}

class Trial {
  readonly score = { asked: 0, moved: 0, dropped: 0, missed: [] as string[], unseen: [] as string[] }
  readonly #random: Random
  readonly #clock = new VirtualClock({ startsAt: Date.UTC(2026, 2, 2, 9) })
  readonly #site: ReturnType<typeof createSandbox>
  readonly #schema: Schema
  readonly #affects: ReturnType<typeof createAffects>
  #lastEvent = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.#site = createSandbox({ size: 'tiny', seed, clock: this.#clock, switches: openQuestions(this.#random) })
    this.#schema = new Schema(this.#site.schema())
    this.#affects = createAffects({ schema: () => this.#schema, seesEverything: () => true })
    this.#newChanges()
  }

  async run(): Promise<void> {
    const cached = this.#firstQuestions()
    const random = new RandomWrites({ random: this.#random, schema: this.#schema, types, ...this.#rows() })
    for (let count = 0; count < writes; count += 1) {
      await this.#clock.advance(1100)
      const write = random.write(auth)
      if (write) this.#site.call(write.envelope)
      const changes = this.#newChanges()
      for (const [i, item] of cached.entries()) cached[i] = this.#judge(item, changes)
    }
  }

  /** The entry as it is after the changes: kept if it is still true, else read again. */
  #judge(cached: Cached, changes: readonly Change[]): Cached {
    const now = this.#ask(cached.call)
    const affecting = changes.filter((told) => this.#affects(told, cached.entry))
    const moved = now.text !== cached.text
    const tell = () => [JSON.stringify(cached.call), cached.text, now.text, ...changes.map((c) => JSON.stringify(c))]
    this.score.asked += 1
    if (moved) this.score.moved += 1
    if (affecting.length > 0) this.score.dropped += 1
    if (moved && affecting.length === 0) this.score.missed.push(tell().join('\n'))
    if (affecting.some((told) => !this.#isOffered(told, cached.entry))) this.score.unseen.push(tell().join('\n'))
    return affecting.length > 0 ? now : cached
  }

  #isOffered(told: Change, entry: Entry): boolean {
    const window = createChangeWindow({ epoch: told.epoch, clock: this.#clock, limit: 10 })
    window.apply({ ...told, seq: 1 })
    return window.candidates(entry.dependencies, 0) !== undefined
  }

  #firstQuestions(): Cached[] {
    const calls = new RandomCalls({ random: this.#random, schema: this.#schema, types, ...this.#rows() })
    const cached: Cached[] = []
    while (cached.length < questions) {
      const call = calls.call()
      if (movesWithTheClock(call, this.#schema)) continue
      const item = this.#ask(call)
      const isStored = cacheability(call, this.#schema, item.entry.body).store === true
      if (isStored && !item.text.startsWith('fault')) cached.push(item)
    }
    return cached
  }

  #ask(call: Call): Cached {
    const reply = this.#call(call.operation, callArgs(call))
    const body = Buffer.from(JSON.stringify(reply))
    const entry = {
      key: 'k',
      scope: 'all',
      type: call.type,
      stamp: { epoch: 'e', seq: 0 },
      fetchedAt: 0,
      freshUntil: 0,
      keepUntil: 0,
      call: callText(call),
      dependencies: dependenciesOf(call, body, this.#schema),
      body,
      validatedSeq: 0,
    }
    return { call, text: answerText(reply), entry }
  }

  #newChanges(): readonly Change[] {
    const condition = { path: 'id', relation: 'greater_than', values: [this.#lastEvent] }
    const fields = ['event_type', 'attribute_name', 'meta', 'entity', 'project', 'user', 'session_uuid', 'created_at']
    const events = this.#read('EventLogEntry', fields, [condition]) as unknown as EventLogEntry[] // their fields
    this.#lastEvent = events.at(-1)?.id ?? this.#lastEvent
    return changesOfEvents(events, this.#schema).map((record, i) => ({ ...record, epoch: 'e', seq: i + 1, at: 0 }))
  }

  #rows() {
    const values = new Map<string, readonly unknown[]>()
    const sample = (type: string, field: string): readonly unknown[] => {
      const known = values.get(`${type}.${field}`) ?? this.#read(type, [field]).map((row) => row[field])
      values.set(`${type}.${field}`, known)
      return known
    }
    const ids = (type: string, retired: boolean) => this.#read(type, ['id'], [], retired).map((row) => row.id)
    return { sample, ids }
  }

  #read(type: string, fields: readonly string[], conditions: readonly object[] = [], retired = false): readonly Row[] {
    const reply = this.#call('read', {
      type,
      return_fields: fields,
      filters: { logical_operator: 'and', conditions },
      return_only: retired ? 'retired' : 'active',
      paging: { entities_per_page: 5000, current_page: 1 },
    }) as { results?: { entities: readonly Row[] } }
    return reply.results?.entities ?? []
  }

  #call(method_name: string, args: unknown): unknown {
    return this.#site.call({ method_name, params: [auth, args] })
  }
}

function openQuestions(random: Random): Partial<SandboxSwitches> {
  return {
    cascadeEvents: random.chance(0.7),
    linkRemovalEvents: random.chance(0.3),
    backReferenceEvents: random.chance(0.6),
    connectionEvents: random.chance(0.7),
    metaNullShare: random.chance(0.2) ? 0.1 : 0,
    retirementMovesUpdatedAt: random.chance(0.5),
    inverseMovesUpdatedAt: random.chance(0.3),
    listPathReads: random.pick(['absent', 'null', 'list'] as const),
  }
}

describe('histories of the simulated site', () => {
  it(`leave no reply that is no longer true, on ${sites} sites`, async () => {
    let [asked, moved, dropped] = [0, 0, 0]
    for (let seed = 1; seed <= sites; seed += 1) {
      const trial = new Trial(seed)
      await trial.run()
      expect(trial.score.missed.slice(0, 1), `seed ${seed}`).toEqual([])
      expect(trial.score.unseen.slice(0, 1), `seed ${seed}`).toEqual([])
      asked += trial.score.asked
      moved += trial.score.moved
      dropped += trial.score.dropped
    }
    process.stdout.write(`freshness: of ${asked} judgements ${dropped} dropped, ${moved} had moved\n`)
    expect(moved).toBeGreaterThan(asked / 100)
  })
})
