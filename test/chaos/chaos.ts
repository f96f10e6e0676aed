/**
 * A run: several real processes in front of a simulated site, sharing a tier, read and written to by many, while
 * processes, networks and servers are killed, frozen and cut off at random.
 *
 * Storms and calm spells take turns; in the latter nothing befalls anybody, so that bounds which hold while all is well
 * can be held against the answers. The end is quiet. The seed decides who does what; when, the machine decides.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../support/random.ts'
import { Chronicle } from './chronicle.ts'
import { Deeds } from './deeds.ts'
import { Fleet } from './fleet.ts'
import { Instance } from './instance.ts'
import { Judge } from './judge.ts'
import { storm, victimsOf } from './mishaps.ts'
import { Outsiders } from './outsiders.ts'
import { questionsAbout } from './questions.ts'
import { expectQuiet } from './quiet.ts'
import { Readers } from './readers.ts'
import { Run } from './run.ts'
import { environment } from './settings.ts'
import { openSite, type Site, sgcache } from './site.ts'
import { Stalls } from './stalls.ts'
import { openStores, type Stores } from './stores.ts'
import { Tally } from './tally.ts'
import { Troubles } from './troubles.ts'
import { Truth } from './truth.ts'
import { Writer } from './writers.ts'

export interface ChaosOptions {
  readonly tier: Stores['tier']
  readonly seed: number
  /** That answer. */
  readonly servers: number
  /** Processes that follow for them (`sgcache listen`); if none, the servers do it themselves. */
  readonly listeners: number
  /** How long storms and calm spells last, in turn, and how often. */
  readonly stormMs: number
  readonly calmMs: number
  readonly rounds: number
}

export interface Outcome {
  readonly tally: Tally
  /** Every fault with what happened around it. */
  readonly faults: readonly string[]
  readonly stalledMs: number
  readonly chronicle: Chronicle
}

const writers = 3

export async function playChaos(options: ChaosOptions): Promise<Outcome> {
  const chronicle = new Chronicle()
  const stalls = new Stalls()
  const site = await openSite(options.seed, writers)
  const stores = await openStores(options.tier)
  const troubles = new Troubles()
  const fleet = await openFleet(options, site, stores, troubles, chronicle)
  const random = new Random(options.seed)
  const tally = new Tally()
  const questions = questionsAbout(site, random)
  const truth = new Truth(site, questions, ({ by, cause, rows, spans }) => {
    chronicle.note(`the site: ${by} has changed ${rows.join(', ')} (${cause}); ${spans.size} answers moved`)
  })
  const stalledMs = (from: number, to: number) => stalls.between(from, to)
  const judge = new Judge({
    truth,
    questions,
    stalledMs,
    lastTrouble: (before) => troubles.lastBefore(before),
    moment: (at) => chronicle.moment(at),
  })
  const run = new Run({ site, questions, truth, judge, fleet, tally, troubles, chronicle, stalledMs })
  try {
    await play(run, stores, options, random)
  } finally {
    truth.close()
    await fleet.close()
    await stores.close()
    await site.close()
    stalls.close()
  }
  return {
    tally,
    faults: tally.faults.map((fault) => describe(fault, chronicle)),
    stalledMs: stalls.totalMs,
    chronicle,
  }
}

async function play(run: Run, stores: Stores, options: ChaosOptions, random: Random): Promise<void> {
  const { stormMs, calmMs, rounds } = options
  const over = new AbortController()
  const readers = new Readers(run, random)
  const deeds = new Deeds(run.site, random)
  const writing = run.site.tools.map((caller) => new Writer({ run, random, caller, deeds }).work(over.signal))
  const working = [readers.work(over.signal), new Outsiders(run, random, deeds).work(over.signal), ...writing]
  const victims = [...victimsOf(run.fleet.all, stores.names), ...stores.victims]
  for (let round = 0; round < rounds; round += 1) {
    run.chronicle.note('a storm begins')
    await storm(run, victims, random, AbortSignal.timeout(stormMs))
    run.chronicle.note('calm')
    await sleep(calmMs)
  }
  over.abort()
  await Promise.all(working)
  run.chronicle.note('quiet')
  await expectQuiet(run, readers)
}

async function openFleet(
  { tier, servers, listeners }: ChaosOptions,
  site: Site,
  stores: Stores,
  troubles: Troubles,
  chronicle: Chronicle,
): Promise<Fleet> {
  const { script_name: script = '', script_key: key = '' } = sgcache.auth
  const env = {
    ...environment([sgcache, ...site.tools].map(({ name }) => name)),
    SGCACHE_TIER: tier,
    SG_SCRIPT: script,
    SG_KEY: key,
    SGCACHE_EVENTS_HERE: String(listeners === 0),
  }
  const common = { site, stores: stores.addresses, environment: env, troubles, chronicle }
  const start = (command: 'serve' | 'listen', letter: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        Instance.start({ ...common, command, name: `${letter}${index + 1}` }),
      ),
    )
  return new Fleet(await start('serve', 'p', servers), await start('listen', 'l', listeners))
}

function describe({ text, from, to }: Tally['faults'][number], chronicle: Chronicle): string {
  return `${text}\n  What happened before:\n${chronicle.between(from, to)}`
}
