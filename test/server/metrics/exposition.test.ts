import { beforeEach, expect, it } from 'vitest'
import { openMemoryBackend } from '../../../src/backends/memory.ts'
import type { Backend } from '../../../src/cache/ports.ts'
import type { FollowerStatus } from '../../../src/follow/progress.ts'
import { exposition } from '../../../src/server/metrics/exposition.ts'
import { Figures } from '../../../src/server/metrics/figures.ts'
import { makeEntry, makeRecord } from '../../support/cache-world.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let figures: Figures
let backend: Backend
let follower: FollowerStatus | undefined
beforeEach(() => {
  figures = new Figures()
  backend = openMemoryBackend({
    tier: 'memory',
    near: { limitBytes: 1_000_000, maxEntryBytes: 10_000 },
    clock: new VirtualClock(),
    newId: () => 'e1',
  })
  follower = undefined
})

/** The samples by name and labels, without those of the process. */
async function scraped(): Promise<Record<string, number>> {
  const sources = { figures, backend, cache: { changesExamined: 7 }, limitBytes: 1_000_000 }
  const registry = exposition({ ...sources, follower: () => follower, breakerIsOpen: () => true }, false)
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}

it('tells hits and misses of each kind from the start, so that a rate can be taken', async () => {
  const samples = await scraped()
  for (const name of ['sg_cache_hits_total', 'sg_cache_misses_total', 'sg_cache_grace_served_total']) {
    expect(samples[`${name}{cache_type="entity"}`]).toBe(0)
    expect(samples[`${name}{cache_type="query"}`]).toBe(0)
  }
})

it('tells of requests, of the cache and of the log', async () => {
  figures.requests.add('entity', 'GET', 200, 0.002)
  figures.replied({ view: 'entity', outcome: 'hit', entry: makeEntry(), ageMs: 4000 })
  figures.evictions = 3
  backend.near.set(makeEntry())
  await backend.log.append([makeRecord(), makeRecord()])
  expect(await scraped()).toMatchObject({
    'sg_cache_requests_total{endpoint="entity",method="GET",status="200"}': 1,
    'sg_cache_request_duration_seconds_bucket{endpoint="entity",le="0.001"}': 0,
    'sg_cache_request_duration_seconds_bucket{endpoint="entity",le="0.005"}': 1,
    'sg_cache_request_duration_seconds_count{endpoint="query"}': 0,
    'sg_cache_hits_total{cache_type="entity"}': 1,
    sg_cache_answer_age_seconds_sum: 4,
    sg_cache_evictions_total: 3,
    sg_cache_entries: 1,
    sg_cache_bytes: backend.near.bytes,
    sg_cache_limit_bytes: 1_000_000,
    sg_cache_changes_examined_total: 7,
    sg_cache_log_head: 2,
    sg_cache_log_coverage: 0,
    sg_cache_log_may_answer: 1,
    sg_cache_processes: 1,
    sg_upstream_breaker_open: 1,
  })
})

it('says nothing of a follower where there is none, and in seconds what it knows of one', async () => {
  expect(Object.keys(await scraped()).filter((name) => name.startsWith('sg_cache_event_'))).toEqual([])
  follower = {
    role: 'following',
    isBlind: true,
    lastEventId: 42,
    lastEventAt: undefined,
    lagMs: 1500,
    gaps: 2,
    oldestGapMs: 30_000,
    lookedMsAgo: undefined,
  }
  const samples = await scraped()
  expect(samples).toMatchObject({
    sg_cache_event_lag_seconds: 1.5,
    sg_cache_event_gaps: 2,
    sg_cache_event_oldest_gap_seconds: 30,
    sg_cache_event_last_id: 42,
    sg_cache_event_blind: 1,
  })
  expect(samples).not.toHaveProperty('sg_cache_event_last_timestamp_seconds')
  expect(samples).not.toHaveProperty('sg_cache_event_look_age_seconds')
})

it('tells apart by their words what is counted by words', async () => {
  figures.upstreamCall({ method: 'read', outcome: 'ok', durationMs: 30 })
  figures.cacheEvent({ kind: 'refused', question: makeEntry(), reason: 'uncacheable: per-user field "x"' })
  expect(await scraped()).toMatchObject({
    'sg_upstream_calls_total{method="read",outcome="ok"}': 1,
    'sg_upstream_call_duration_seconds_bucket{method="read",le="+Inf"}': 1,
    'sg_cache_refused_total{reason="uncacheable: per-user field \\"x\\""}': 1,
  })
})

it('has figures of the process, and two servers in one process do not mix theirs', async () => {
  const of = (one: Figures) =>
    exposition({
      figures: one,
      backend,
      cache: { changesExamined: 0 },
      limitBytes: 1,
      follower: () => undefined,
      breakerIsOpen: () => false,
    })
  figures.stored = 5
  const [first, second] = [of(figures), of(new Figures())]
  expect(await first.metrics()).toMatch(/^sg_cache_stored_total 5$/m)
  expect(await second.metrics()).toMatch(/^sg_cache_stored_total 0$/m)
  expect(await second.metrics()).toContain('process_cpu_seconds_total')
})
