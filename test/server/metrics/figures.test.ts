import { beforeEach, describe, expect, it, test } from 'vitest'
import { MemoryLog } from '../../../src/backends/memory-log.ts'
import type { Outcome } from '../../../src/cache/cache.ts'
import { createChangeWindow } from '../../../src/cache/change-window.ts'
import { Figures } from '../../../src/server/metrics/figures.ts'
import { makeChange, makeEntry, makeRecord, questionAbout } from '../../support/cache-world.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let figures: Figures
beforeEach(() => {
  figures = new Figures()
})

const entry = makeEntry()
const question = questionAbout([1])

describe('a reply', () => {
  test.each<[Outcome, object]>([
    ['hit', { hits: { entity: 0, query: 1 } }],
    ['miss', { misses: { entity: 0, query: 1 } }],
    ['bypass', { misses: { entity: 0, query: 1 } }],
    ['stale', { graceServed: { entity: 0, query: 1 } }],
  ])('of outcome %s is counted by what was asked for', (outcome, counted) => {
    figures.replied({ view: 'query', outcome, entry, ageMs: 2500 })
    const nothing = { entity: 0, query: 0 }
    expect(figures).toMatchObject({ hits: nothing, misses: nothing, graceServed: nothing, ...counted })
    expect(figures.ages.sum).toBe(2.5)
  })

  it('read by a clock that was set back meanwhile is of no age, not of less', () => {
    figures.replied({ view: 'entity', outcome: 'hit', entry, ageMs: -60_000 })
    figures.dropInEvent({ kind: 'read', outcome: 'hit', ageMs: -60_000, bytes: 10 })
    expect([figures.ages.sum, figures.ages.count]).toEqual([0, 2])
  })
})

it('counts what the cache reports, each kind where it belongs', () => {
  const change = makeChange(1, { source: 'write', kind: 'retire' })
  figures.cacheEvent({ kind: 'miss', question, reason: 'expired' })
  figures.cacheEvent({ kind: 'joined', question })
  figures.cacheEvent({ kind: 'revalidating', question })
  figures.cacheEvent({ kind: 'stored', entry })
  figures.cacheEvent({ kind: 'refused', question, reason: 'too large' })
  figures.cacheEvent({ kind: 'dropped', entry, change })
  figures.cacheEvent({ kind: 'store-failed', operation: 'get', key: 'k', error: new Error('down') })
  figures.cacheEvent({ kind: 'hit', question, entry }) // counted by its reply
  expect(figures).toMatchObject({ joined: 1, revalidations: 1, stored: 1 })
  expect(figures.missReasons.of('expired')).toBe(1)
  expect(figures.refused.of('too large')).toBe(1)
  expect(figures.dropped.of('write', 'retire')).toBe(1)
  expect(figures.storeFailures.of('get')).toBe(1)
  expect(figures.hits).toEqual({ entity: 0, query: 0 })
})

it('counts what following reports: rows found changed only when there are any', () => {
  const type = 'Shot'
  figures.followEvent({ event: 'swept', type, rows: 10, changed: 0 })
  expect([...figures.sweptChanges.entries()]).toEqual([])
  figures.followEvent({ event: 'swept', type, rows: 10, changed: 3 })
  figures.followEvent({ event: 'ids compared', type, rows: 10, appeared: 1, vanished: 2 })
  figures.followEvent({ event: 'ids compared', type, rows: 10, appeared: 0, vanished: 0 })
  figures.followEvent({ event: 'failed', part: 'sweep', error: new Error('down'), retryInMs: 1 })
  figures.followEvent({ event: 'audited', key: 'k', verdict: 'stale' })
  expect([figures.sweptChanges.of('sweep'), figures.sweptChanges.of('id sets')]).toEqual([3, 3])
  expect([figures.followFailures.of('sweep'), figures.audited.of('stale')]).toEqual([1, 1])
})

it('takes the site for down after a call that got no usable answer, and for up after one that did', () => {
  figures.upstreamCall({ method: 'read', outcome: 'ok', durationMs: 20 })
  expect(figures.upstreamIsDown).toBe(false)
  figures.upstreamCall({ method: 'read', outcome: 'outage', durationMs: 2000 })
  expect(figures.upstreamIsDown).toBe(true)
  figures.upstreamCall({ method: 'info', outcome: 'fault', durationMs: 10 })
  expect(figures.upstreamIsDown).toBe(false)
  expect(figures.upstreamCalls.of('read', 'outage')).toBe(1)
  expect(figures.upstreamDurations.get('read')).toMatchObject({ sum: 2.02 })
})

it('counts calls of the drop-in API by how they ended', () => {
  figures.dropInEvent({ kind: 'read', outcome: 'miss', ageMs: 1000, bytes: 10 })
  figures.dropInEvent({ kind: 'pass', detail: 'batch' })
  figures.dropInEvent({ kind: 'degraded', error: new Error('no log') })
  expect(['miss', 'pass', 'degraded'].map((outcome) => figures.dropIn.of(outcome))).toEqual([1, 1, 1])
  expect(figures.ages.count).toBe(1)
})

it('counts the changes that go through a log by their source, and lets them through', async () => {
  const clock = new VirtualClock()
  const log = figures.counting(new MemoryLog(createChangeWindow({ epoch: 'e1', clock }), clock))
  await log.append([makeRecord({ source: 'event' }), makeRecord({ source: 'event' }), makeRecord({ source: 'write' })])
  expect([figures.changes.of('event'), figures.changes.of('write')]).toEqual([2, 1])
  expect(log.window.head).toBe(3)
  expect(log.mayAnswer()).toBe(true)
})
