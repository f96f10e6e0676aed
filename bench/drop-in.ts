/**
 * Hits of the drop-in API: beside a native hit of the same question, sent as a POST like these, and beside a bare server
 * that reads the body and answers the same bytes.
 */
import { type HitsOptions, type HitsResult, measureHits, memoryTier, type Server } from './hits.ts'
import type { Workload } from './workloads.ts'

const sharing: Server = { ...memoryTier, settings: { 'shotgrid.scripts': ['bench'] } }

const pairs = [
  { name: 'find_one', native: 'row', title: 'find_one of 1.5 KB, 1000 ids', bareLimit: 1.7 },
  { name: 'find', native: 'query', title: 'find of 60 KB, 100 bodies', bareLimit: 1.65 },
] as const

const nativeLimit = 1.1

export interface DropInResult {
  readonly title: string
  readonly limit: number
  readonly result: HitsResult
}

export async function measureDropIn(options: HitsOptions): Promise<DropInResult[]> {
  const results: DropInResult[] = []
  for (const { name, native, title, bareLimit } of pairs) {
    const workload: Workload = { name, title, method: 'POST', connections: 64, limit: nativeLimit, aim: 1 }
    const beside = { ...memoryTier, asked: native }
    results.push({
      title: `drop-in, against the native hit: ${title}`,
      limit: nativeLimit,
      result: await measureHits(workload, options, sharing, beside),
    })
    results.push({
      title: `drop-in, against the bare server: ${title}`,
      limit: bareLimit,
      result: await measureHits(workload, options, sharing),
    })
  }
  return results
}
