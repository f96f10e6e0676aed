/**
 * What changes cost, in this process: applying one, the first hit on each entry afterwards, and hits after many changes
 * that do not matter. All through the real window, `affects` and cache; entries are synthetic.
 */
import type { Cache as CacheClass, Question } from '../src/cache/cache.ts'
import type { ChangeRecord } from '../src/cache/change.ts'
import type { Backend } from '../src/cache/ports.ts'
import type { Schema } from '../src/shotgrid/schema.ts'
import { built } from './built.ts'
import { benchSchema } from './fake-upstream.ts'
import { entityRow } from './workloads.ts'

export interface InvalidationResult {
  readonly queries: number
  /** One change appended and applied, microseconds, the median of 101. */
  readonly applyUs: number
  /** The first look at each entry after a change of its type that does not affect it, microseconds an entry. */
  readonly firstHitUs: number
  /** The same look again, when nothing has changed. */
  readonly nextHitUs: number
}

export interface ManyChangesResult {
  readonly changes: number
  readonly queries: number
  readonly examinedPerHit: number
  readonly usPerHit: number
}

export async function measureInvalidation(counts: readonly number[]): Promise<InvalidationResult[]> {
  const results: InvalidationResult[] = []
  for (const queries of counts) {
    const { backend, cache, questions } = await cached(queries)
    peekAll(cache, questions)
    const applies: number[] = []
    for (let i = 0; i < 101; i += 1) {
      const began = performance.now()
      await backend.log.append([otherRow(i)])
      applies.push((performance.now() - began) * 1000)
    }
    applies.sort((a, b) => a - b)
    peekAll(cache, questions)
    await backend.log.append([otherRow(1)])
    const firstHitUs = peekAll(cache, questions)
    results.push({ queries, applyUs: applies[50]!, firstHitUs, nextHitUs: peekAll(cache, questions) })
    await backend.close()
  }
  return results
}

/** Changes of the same type, of rows and fields that no entry shows. */
export async function measureManyChanges(changes: number): Promise<ManyChangesResult> {
  const queries = 1000
  const { backend, cache, questions } = await cached(queries)
  for (let i = 0; i < changes; i += 1) await backend.log.append([otherRow(i)])
  const before = cache.changesExamined
  const usPerHit = peekAll(cache, questions)
  const examinedPerHit = (cache.changesExamined - before) / queries
  await backend.close()
  return { changes, queries, examinedPerHit, usPerHit }
}

/** Bytes of memory that the log takes after an hour at 50 changes a second. */
export async function measureLogMemory(): Promise<{ readonly changes: number; readonly bytes: number }> {
  const { openBackend } = await built<typeof import('../src/backends/open.ts')>('backends/open.js')
  const { systemClock } = await built<typeof import('../src/clock.ts')>('clock.js')
  const near = { limitBytes: 1e6, maxEntryBytes: 1e5 }
  const backend = await openBackend({
    tier: 'memory',
    near,
    clock: systemClock,
    newId: () => 'bench',
    changeLimit: 200_000,
  })
  const before = heapBytes()
  const changes = 50 * 3600
  for (let i = 0; i < changes; i += 1) await backend.log.append([otherRow(i)])
  const bytes = heapBytes() - before
  if (backend.log.window.head !== changes) throw new Error('the log lost changes')
  await backend.close()
  return { changes, bytes }
}

/** Bytes of memory for each byte of upstream's replies, entities and queries, each shown once. */
export async function measureEntryMemory(): Promise<{
  readonly entries: number
  readonly ratio: number
  readonly counted: number
}> {
  const before = heapBytes()
  const { backend, cache, questions } = await cached(10_000)
  const bodyBytes = questions.reduce((sum, question) => sum + cache.peek(question)!.body.length, 0)
  const ratio = (heapBytes() - before) / bodyBytes
  const counted = backend.near.bytes / bodyBytes
  await backend.close()
  return { entries: questions.length, ratio, counted }
}

function otherRow(i: number): ChangeRecord {
  return {
    source: 'event',
    kind: 'change',
    type: 'Shot',
    ids: [1_000_000 + i],
    field: 'sg_cut_order',
    old: i,
    new: i + 1,
    project: 70,
    eventId: i,
    eventAt: 1_795_000_000_000 + i,
    actor: 'HumanUser 5',
  }
}

interface Cached {
  readonly backend: Backend
  readonly cache: CacheClass
  readonly questions: readonly Question[]
}

/** As many queries of 5 rows each, stored as the reader would store them. */
async function cached(queries: number): Promise<Cached> {
  const { openBackend } = await built<typeof import('../src/backends/open.ts')>('backends/open.js')
  const { Cache } = await built<typeof import('../src/cache/cache.ts')>('cache/cache.js')
  const { createAffects } = await built<typeof import('../src/freshness/affects.ts')>('freshness/affects.js')
  const { dependenciesOf } = await built<typeof import('../src/freshness/dependencies.ts')>('freshness/dependencies.js')
  const { Schema } = await built<typeof import('../src/shotgrid/schema.ts')>('shotgrid/schema.js')
  const { readCall } = await built<typeof import('../src/shotgrid/call.ts')>('shotgrid/call.js')
  const { questionOf } = await built<typeof import('../src/reads/question.ts')>('reads/question.js')
  const { systemClock: clock } = await built<typeof import('../src/clock.ts')>('clock.js')
  const schema: Schema = new Schema(benchSchema)
  const near = { limitBytes: 4e9, maxEntryBytes: 1e7 }
  const backend = await openBackend({ tier: 'memory', near, clock, newId: () => 'bench', changeLimit: 200_000 })
  const cache = new Cache({
    ...backend,
    clock,
    affects: createAffects({ schema: () => schema, seesEverything: () => true }),
    mayAnswer: () => true,
    settleMs: 0,
    graceMs: 0,
    ttlJitter: 0,
    random: () => 0,
    report: () => {},
  })
  const questions: Question[] = []
  for (let i = 0; i < queries; i += 1) {
    const call = readCall({
      type: 'Shot',
      return_fields: ['code', 'sg_status_list', 'description'],
      filters: { logical_operator: 'and', conditions: [{ path: 'code', relation: 'contains', values: [`sh${i}`] }] },
      return_only: 'active',
      paging: { entities_per_page: 100, current_page: 1 },
    })
    const rows = [1, 2, 3, 4, 5].map((row) => entityRow((i * 5 + row) % 100_000))
    const body = Buffer.from(JSON.stringify({ results: { entities: rows } }))
    const question = questionOf('default', 'bench', call)
    const dependencies = dependenciesOf(call, body, schema)
    await cache.put(question, { body, dependencies, ttlMs: 3_600_000, store: true }, cache.stamp()!) // it may always answer
    questions.push(question)
  }
  return { backend, cache, questions }
}

/** Microseconds an entry. All have to be fresh. */
function peekAll(cache: CacheClass, questions: readonly Question[]): number {
  const began = performance.now()
  for (const question of questions) if (!cache.peek(question)) throw new Error('an entry is not fresh')
  return ((performance.now() - began) * 1000) / questions.length
}

function heapBytes(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
