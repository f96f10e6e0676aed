/** Hits over HTTP: CPU per request and requests per second, as ratios to the bare server of the same round. */
import { fork } from 'node:child_process'
import { message, startTarget, type Target } from './target.ts'
import { entityPath, mint, type Workload } from './workloads.ts'

export interface HitsOptions {
  readonly rounds: number
  readonly warmMs: number
  readonly measureMs: number
}

export interface Measured {
  readonly cpuUs: number
  readonly perSecond: number
  readonly rssBytes: number
}

export interface HitsResult {
  readonly workload: Workload
  readonly base: readonly Measured[]
  readonly sgcache: readonly Measured[]
  readonly cpuRatio: Spread
  readonly rateRatio: Spread
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export async function measureHits(workload: Workload, options: HitsOptions): Promise<HitsResult> {
  const token = await mint()
  const base: Measured[] = []
  const sgcache: Measured[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    base.push(await measure(await startTarget('base-server.ts', [workload.name]), workload, token, options, true))
    sgcache.push(await measure(await startTarget('sgcache-server.ts', []), workload, token, options, false))
  }
  const ratio = (of: (one: Measured) => number) => spread(sgcache.map((one, at) => of(one) / of(base[at]!)))
  return { workload, base, sgcache, cpuRatio: ratio((one) => one.cpuUs), rateRatio: ratio((one) => one.perSecond) }
}

async function measure(
  target: Target,
  { name, connections }: Workload,
  token: string,
  { warmMs, measureMs }: HitsOptions,
  isBase: boolean,
): Promise<Measured> {
  try {
    const wantsEtags = name === '304' && !isBase
    const etags = wantsEtags ? await etagsOf(target.port, token) : []
    const order = { port: target.port, name, connections, token, etags, warmMs, measureMs, status: wantsEtags ? 304 : 200 }
    const load = fork(new URL('load.ts', import.meta.url), [JSON.stringify(order)], { execArgv: ['--import', 'tsx'] })
    await message(load)
    const before = await target.cpu()
    const { answered, seconds } = (await message(load)) as { answered: number; seconds: number } // see load.ts
    const cpuUs = ((await target.cpu()) - before) / answered
    return { cpuUs, perSecond: answered / seconds, rssBytes: await target.rssBytes() }
  } finally {
    await target.stop()
  }
}

async function etagsOf(port: number, token: string): Promise<string[]> {
  const etags: string[] = []
  for (let id = 1; id <= 1000; id += 1) {
    const reply = await fetch(`http://127.0.0.1:${port}${entityPath(id)}`, { headers: { Authorization: `Bearer ${token}` } })
    await reply.arrayBuffer()
    etags.push(reply.headers.get('etag') ?? '')
  }
  return etags
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)]!, min: sorted[0]!, max: sorted.at(-1)! }
}
