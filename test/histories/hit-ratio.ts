/**
 * A working day of the simulated studio, and three caches that see the same reads and the same writes: ours, one that
 * drops everything of a type whenever a row of it changes (as the usual design does), and an oracle that drops an
 * entry exactly when its answer has changed.
 */

import { callArgs, type ReadCall } from '../../src/shotgrid/call.ts'
import { Random } from '../support/random.ts'
import { answerText } from './answers.ts'
import { studioQuestions } from './studio-questions.ts'
import { auth, openWorld } from './world.ts'

export interface RatioOptions {
  readonly seed: number
  readonly seconds: number
  readonly readsPerSecond: number
  readonly writesPerSecond: number
  readonly settleMs: number
}

export interface Ratios {
  readonly reads: number
  readonly ours: number
  readonly typeWide: number
  readonly oracle: number
  /** Of the entries that ours dropped, the share whose answer had really changed. */
  readonly precision: number
  readonly dropped: number
}

/** All three caches are filled, and whatever happens once after a start has happened, before counting begins. */
const warmUpMs = 60_000

export async function measureRatios(options: RatioOptions): Promise<Ratios> {
  const random = new Random(options.seed)
  const questionsByKey = new Map<string, number>()
  let dropped = 0
  let rightlyDropped = 0
  const world = await openWorld({
    seed: options.seed,
    random,
    switches: {},
    size: 'studio',
    // As by default.
    settings: { settleMs: options.settleMs, sweepMs: 180_000, idSetMs: 1_800_000, longestTransactionMs: 300_000 },
    onCacheEvent(event) {
      const question = event.kind === 'dropped' ? questionsByKey.get(event.entry.key) : undefined
      if (event.kind !== 'dropped' || question === undefined) return
      dropped += 1
      if (answerText(JSON.parse(event.entry.body.toString())) !== truth(question)) rightlyDropped += 1
    },
  })
  const { site, clock, reader, scope, backend, following } = world
  const ask = (call: ReadCall) => answerText(site.call({ method_name: 'read', params: [auth, callArgs(call)] }))
  const questions = studioQuestions(random, (type) => idsOf(ask, type))
  for (const [i, call] of questions.entries()) questionsByKey.set(reader.question(scope, call).key, i)
  const truth = (question: number) => ask(questions[question]!)
  const order = random.some(
    questions.map((_, i) => i),
    questions.length,
  )
  const oracle = new Map<number, string>()
  /** The head of the log when the answer was read. */
  const typeWide = new Map<number, number>()
  const hits = { ours: 0, typeWide: 0, oracle: 0 }
  let reads = 0
  const startCounting = () => {
    Object.assign(hits, { ours: 0, typeWide: 0, oracle: 0 })
    reads = 0
    dropped = 0
    rightlyDropped = 0
  }

  const askAll = async () => {
    for (const [question, call] of questions.entries()) {
      await clock.run(reader.read(scope, call))
      oracle.set(question, truth(question))
      typeWide.set(question, backend.log.window.head)
    }
  }
  await askAll()
  await clock.advance(warmUpMs)
  await askAll()
  startCounting()
  for (let second = 0; second < options.seconds; second += 1) {
    for (let i = 0; i < options.writesPerSecond; i += 1) site.act()
    await clock.advance(1000)
    await clock.run(following.tick())
    const lastOfType = new Map<string, number>()
    for (const change of backend.log.window.since(0)) lastOfType.set(change.type, change.seq)
    for (let i = 0; i < options.readsPerSecond; i += 1) {
      const question = popular(random, order)
      const call = questions[question]!
      const now = truth(question)
      reads += 1
      if (oracle.get(question) === now) hits.oracle += 1
      oracle.set(question, now)
      if (typeWide.get(question)! >= (lastOfType.get(call.type) ?? 0)) hits.typeWide += 1
      else typeWide.set(question, backend.log.window.head)
      const answer = await clock.run(reader.read(scope, call))
      if (answer.outcome === 'hit') hits.ours += 1
    }
  }
  await world.close()
  return {
    reads,
    ours: hits.ours / reads,
    typeWide: hits.typeWide / reads,
    oracle: hits.oracle / reads,
    precision: rightlyDropped / dropped,
    dropped,
  }
}

/** The n-th most popular question is asked about 1/n as often as the first. */
function popular(random: Random, order: readonly number[]): number {
  return order[Math.min(order.length - 1, Math.floor(order.length ** random.next()) - 1)]!
}

function idsOf(ask: (call: ReadCall) => string, type: string): number[] {
  const reply = JSON.parse(
    ask({
      operation: 'read',
      type,
      fields: ['id'],
      filters: { logical_operator: 'and', conditions: [] },
      sorts: [],
      page: 1,
      perPage: 5000,
      retired: false,
      includeArchived: true,
      presets: [],
      imageUrls: false,
      paging: 'none',
    }),
  ) as { entities: { id: number }[] }
  return reply.entities.map((row) => row.id)
}
