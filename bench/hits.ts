/**
 * Hits over HTTP: CPU per request and requests per second, as ratios to a bare server that answers the same bytes.
 *
 * Both are fresh processes for each workload, each with a load of its own. They are warmed, then measured in turn,
 * bare, sgcache, bare, sgcache…; a ratio is of two neighbours, so what else the machine does falls on both.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Answered, Order } from './load.ts'
import { message, startTarget, type Target } from './target.ts'
import { entityPath, mint, type Workload, type WorkloadName } from './workloads.ts'

export interface HitsOptions {
  readonly rounds: number
  readonly warmMs: number
  readonly measureMs: number
}

export interface Measured {
  /** User and system time of the server, microseconds a request. */
  readonly cpuUs: number
  readonly perSecond: number
}

/** A server to be measured. `settings`: what its configuration has besides that of the bench. */
export interface Server {
  readonly file: string
  readonly settings?: Readonly<Record<string, unknown>>
  /** What it is asked, if not the workload that the other one is. */
  readonly asked?: WorkloadName
}

export const bareServer: Server = { file: 'base-server.ts' }
export const memoryTier: Server = { file: 'sgcache-server.ts' }

export interface HitsResult {
  readonly workload: Workload
  readonly base: readonly Measured[]
  readonly sgcache: readonly Measured[]
  readonly cpuRatio: Spread
  readonly rateRatio: Spread
  readonly rssBytes: number
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** By default sgcache's memory tier, against a bare server. */
export async function measureHits(
  workload: Workload,
  options: HitsOptions,
  one: Server = memoryTier,
  against: Server = bareServer,
): Promise<HitsResult> {
  const token = await mint()
  const bare = await Contender.start(against, workload, token)
  const cached = await Contender.start(one, workload, token)
  try {
    await bare.burst(options.warmMs)
    await cached.burst(options.warmMs)
    const base: Measured[] = []
    const sgcache: Measured[] = []
    for (let round = 0; round < options.rounds; round += 1) {
      base.push(await bare.burst(options.measureMs))
      sgcache.push(await cached.burst(options.measureMs))
    }
    const ratio = (of: (one: Measured) => number) => spread(sgcache.map((one, at) => of(one) / of(base[at]!)))
    const rssBytes = await cached.target.rssBytes()
    return { workload, base, sgcache, cpuRatio: ratio((m) => m.cpuUs), rateRatio: ratio((m) => m.perSecond), rssBytes }
  } finally {
    await bare.stop()
    await cached.stop()
  }
}

/** A server and its load. */
class Contender {
  readonly target: Target
  readonly #load: ChildProcess

  constructor(target: Target, load: ChildProcess) {
    this.target = target
    this.#load = load
  }

  static async start(
    { file, settings = {}, asked }: Server,
    { name: own, connections }: Workload,
    token: string,
  ): Promise<Contender> {
    const name = asked ?? own
    const target = await startTarget(file, [name, JSON.stringify(settings)])
    const is304 = name === '304' && file !== 'base-server.ts'
    const etags = is304 ? await etagsOf(target.port, token) : []
    const order: Order = { port: target.port, name, connections, token, etags, status: is304 ? 304 : 200 }
    const load = fork(new URL('load.ts', import.meta.url), [JSON.stringify(order)], { execArgv: ['--import', 'tsx'] })
    await message(load)
    return new Contender(target, load)
  }

  async burst(ms: number): Promise<Measured> {
    this.#load.send('open')
    await message(this.#load)
    const before = await this.target.cpu()
    this.#load.send(ms)
    const { answered, seconds } = (await message(this.#load)) as Answered // what a load says at the end
    return { cpuUs: ((await this.target.cpu()) - before) / answered, perSecond: answered / seconds }
  }

  async stop(): Promise<void> {
    this.#load.kill()
    await this.target.stop()
  }
}

async function etagsOf(port: number, token: string): Promise<string[]> {
  const etags: string[] = []
  const headers = { Authorization: `Bearer ${token}` }
  for (let id = 1; id <= 1000; id += 1) {
    const reply = await fetch(`http://127.0.0.1:${port}${entityPath(id)}`, { headers })
    await reply.arrayBuffer()
    etags.push(reply.headers.get('etag') ?? '')
  }
  return etags
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)]!, min: sorted[0]!, max: sorted.at(-1)! }
}
