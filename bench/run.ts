/**
 * `npm run bench`: every figure of docs/performance.md in one run, as text and as JSON in bench/results.
 *
 *     npm run bench -- --rounds 9 --ms 2000 --only entity,304
 *
 * Ends with 1 if a limit is not kept, so it can stand in a gate; noise of about a tenth has to be allowed for there.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { measureDropIn } from './drop-in.ts'
import { type HitsResult, measureHits, type Spread } from './hits.ts'
import type { Internals } from './internals.ts'
import { measureMiss, measureStart } from './misses.ts'
import { measureSharedLog, type Percentiles } from './shared-log.ts'
import { measureTier, type TierResult } from './tiers.ts'
import { workloads } from './workloads.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    ms: { type: 'string', default: '2000' },
    only: { type: 'string', default: 'entity,query,large,304,drop-in,redis,postgres,log,internals,miss,start' },
  },
})
const only = values.only.split(',')
const report: Record<string, unknown> = {
  at: new Date().toISOString(),
  node: process.version,
  machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
}

const isKept = [await hits(), await dropIn(), await tiers()].every(Boolean)
if (only.includes('log')) await sharedLog()
if (only.includes('internals')) internals()
if (only.includes('miss')) await miss()
if (only.includes('start')) await startUp()
save()
process.exitCode = isKept ? 0 : 1

async function hits(): Promise<boolean> {
  const results: HitsResult[] = []
  const options = { rounds: Number(values.rounds), warmMs: 3000, measureMs: Number(values.ms) }
  for (const workload of workloads) {
    if (!only.includes(workload.name)) continue
    const result = await measureHits(workload, options)
    results.push(result)
    const { title, limit, aim } = workload
    console.log(`${title}`)
    console.log(`  CPU per request   ${shown(result.cpuRatio)} of the bare server   (limit ${limit}, aim ${aim})`)
    console.log(`  requests/s        ${shown(result.rateRatio)} of the bare server`)
    console.log(`  ${absolute('bare', result.base)}   ${absolute('sgcache', result.sgcache)}\n`)
  }
  report.hits = results
  return results.every(({ cpuRatio, workload }) => cpuRatio.median <= workload.limit)
}

async function dropIn(): Promise<boolean> {
  if (!only.includes('drop-in')) return true
  const results = await measureDropIn({ rounds: Number(values.rounds), warmMs: 3000, measureMs: Number(values.ms) })
  report.dropIn = results
  return results.map(isWithinLimit).every(Boolean)
}

async function tiers(): Promise<boolean> {
  const options = { rounds: Number(values.rounds), warmMs: 3000, measureMs: Number(values.ms) }
  let isWithin = true
  for (const tier of ['redis', 'postgres'] as const) {
    if (!only.includes(tier)) continue
    const results = await measureTier(tier, options)
    report[tier] = results
    isWithin = [isWithin, ...results.map(isWithinLimit)].every(Boolean)
  }
  return isWithin
}

/** Prints it as well. */
function isWithinLimit({ title, limit, result }: TierResult): boolean {
  console.log(title)
  console.log(`  CPU per request   ${shown(result.cpuRatio)}   (limit ${limit})`)
  console.log(`  requests/s        ${shown(result.rateRatio)}`)
  console.log(`  ${absolute('compared', result.base)}   ${absolute('this', result.sgcache)}\n`)
  return result.cpuRatio.median <= limit
}

async function sharedLog(): Promise<void> {
  const found = await measureSharedLog()
  report.sharedLog = found
  console.log('the log in Redis: one change appended')
  for (const { queries, appendUs } of found.appends) {
    console.log(`  ${String(queries).padStart(7)} cached queries   ${us(appendUs)}`)
  }
  const shownMs = ({ p50, p99 }: Percentiles) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`
  console.log(`  known to three processes: ${shownMs(found.propagation)}; settled: ${shownMs(found.settled)}\n`)
}

function internals(): void {
  const here = new URL('internals.ts', import.meta.url).pathname
  const text = execFileSync(process.execPath, ['--import', 'tsx', '--expose-gc', '--max-old-space-size=8192', here])
  const found = JSON.parse(text.toString()) as Internals // printed there
  report.internals = found
  console.log('changes: one applied, and the first hit on each entry afterwards')
  for (const { queries, applyUs, firstHitUs, nextHitUs } of found.invalidation) {
    console.log(
      `  ${String(queries).padStart(7)} cached queries   apply ${us(applyUs)}   first hit ${us(firstHitUs)}   next ${us(nextHitUs)}`,
    )
  }
  const { many, log, memory } = found
  console.log(
    `hits after ${many.changes} changes of the same type: ${many.examinedPerHit.toFixed(2)} examined a hit, ${us(many.usPerHit)}`,
  )
  console.log(`change log, an hour at 50 a second: ${log.changes} changes, ${mb(log.bytes)}`)
  console.log(`memory for each byte of reply: ${memory.ratio.toFixed(2)} (counted as ${memory.counted.toFixed(2)})\n`)
}

async function miss(): Promise<void> {
  const { directMs, throughMs } = await measureMiss(400)
  report.miss = { directMs, throughMs }
  const added = (throughMs - directMs).toFixed(2)
  console.log(
    `a miss: ${throughMs.toFixed(2)} ms, the same call directly ${directMs.toFixed(2)} ms: ${added} ms more\n`,
  )
}

async function startUp(): Promise<void> {
  const { readyMs, settleMs } = await measureStart()
  report.start = { readyMs, settleMs }
  console.log(`start-up: ready after ${readyMs.toFixed(0)} ms, and the settle window (${settleMs} ms by default)\n`)
}

function save(): void {
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const file = new URL(`${String(report.at).replaceAll(':', '-')}.json`, folder)
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
  console.log(`written to ${file.pathname}`)
}

function shown({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`
}

function absolute(name: string, all: HitsResult['base']): string {
  const middle = [...all].sort((a, b) => a.cpuUs - b.cpuUs)[Math.floor(all.length / 2)]!
  return `${name}: ${middle.cpuUs.toFixed(1)} us, ${Math.round(middle.perSecond)}/s`
}

function us(value: number): string {
  return `${value.toFixed(2)} us`
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
