import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EndpointTotals } from '../../src/records/endpoint-counts.ts'
import { poolTo } from '../support/postgres-pools.ts'
import { breakable } from './support/broken-pool.ts'
import { openRecords, type Records, start } from './support/recorded.ts'

let records: Records
beforeAll(async () => {
  records = await openRecords()
})
beforeEach(() => records.reset())
afterAll(() => records.close())

const queries = () => records.sql('select * from sgcache.query_cache order by key')
const types = () => records.sql('select * from sgcache.cache_stats_by_type order by day, scope, entity_type')
const filters = [{ path: 'sg_status_list', relation: 'is', values: ['ip'] }]
const reply = (parts: Parameters<Records['reply']>[2] = {}, type = 'Shot') =>
  records.reply(type, [{ id: 1, code: 'sh010' }], { filters, ...parts })

describe('a query', () => {
  test('is there with what it asks, how often it was answered from cache and read, and until when it holds', async () => {
    const [one, other] = [records.recorder(), records.recorder()]
    const entry = reply()
    one.cacheEvent({ kind: 'stored', entry })
    for (let i = 0; i < 3; i += 1) one.hit(entry)
    other.hit(entry)
    await one.flush()
    await records.clock.advance(5000)
    one.hit(entry)
    await Promise.all([one.flush(), other.flush()])
    expect(await queries()).toMatchObject([
      {
        key: entry.key,
        scope: 'default',
        entity_type: 'Shot',
        operation: 'read',
        filters: { logical_operator: 'and', conditions: filters },
        fields: ['code', 'id'],
        options: { page: 1, perPage: 500, retired: false },
        created_at: new Date(start),
        fetched_at: new Date(entry.fetchedAt),
        expires_at: new Date(entry.freshUntil),
        last_accessed: new Date(start + 5000),
        hit_count: 5,
        fetch_count: 1,
        bytes: entry.body.length,
        dropped_at: null,
      },
    ])
  })

  test('is there when this process has only answered it, from the store of all', async () => {
    const recorder = records.recorder()
    recorder.hit(reply())
    await recorder.flush()
    expect(await queries()).toMatchObject([
      { hit_count: 1, fetch_count: 0, fetched_at: null, filters: { conditions: filters } },
    ])
  })

  test('says what made its answer untrue last', async () => {
    const recorder = records.recorder()
    const [change] = await records.append([{ eventId: 77, ids: [862], field: 'sg_status_list' }])
    recorder.cacheEvent({ kind: 'stored', entry: reply() })
    recorder.cacheEvent({ kind: 'dropped', entry: reply(), change: change! })
    await recorder.flush()
    expect(await queries()).toMatchObject([
      { drop_count: 1, dropped_at: new Date(start), dropped_reason: 'event 77: change of Shot 862, sg_status_list' },
    ])
  })

  test('of the newest fill is told, whoever writes last', async () => {
    const [late, early] = [records.recorder(), records.recorder()]
    early.cacheEvent({ kind: 'stored', entry: reply() })
    await records.clock.advance(60_000)
    const newer = reply()
    late.cacheEvent({ kind: 'stored', entry: newer })
    await late.flush()
    await early.flush()
    expect(await queries()).toMatchObject([{ fetch_count: 2, expires_at: new Date(newer.freshUntil) }])
  })

  test('may hold what Postgres cannot', async () => {
    const recorder = records.recorder()
    recorder.hit(reply({ filters: [{ path: 'code', relation: 'is', values: ['a\0b'] }] }))
    await recorder.flush()
    expect(await queries()).toMatchObject([{ filters: { conditions: [{ values: ['ab'] }] } }])
  })

  test('about the site itself is there as well', async () => {
    const recorder = records.recorder()
    const call = JSON.stringify({ operation: 'schema_read', type: null, field: null, project: 70 })
    recorder.hit({ ...reply(), key: 'default:Schema:schema_read:x', type: 'Schema', call })
    await recorder.flush()
    expect(await queries()).toMatchObject([{ operation: 'schema_read', filters: null, options: { project: 70 } }])
  })
})

describe('of a scope that does not see everything', () => {
  test('there are counts by type and operation, and nothing of what was asked', async () => {
    const recorder = records.recorder()
    const [change] = await records.append([{ ids: [862], field: 'code' }])
    const secret = reply({ scope: 'vendors', filters: [{ path: 'code', relation: 'is', values: ['classified'] }] })
    recorder.cacheEvent({ kind: 'stored', entry: secret })
    recorder.hit(secret)
    recorder.hit(reply({ scope: 'vendors' }))
    recorder.cacheEvent({ kind: 'dropped', entry: secret, change: change! })
    recorder.hit(reply({ scope: 'caller-3f9a' }))
    recorder.hit(reply({ scope: 'caller-77aa' }, 'Asset'))
    await recorder.flush()
    const hidden = { filters: null, fields: null, options: null, dropped_reason: null }
    expect(await queries()).toMatchObject([
      { key: 'personal:Asset:read', scope: 'personal', hit_count: 1, ...hidden },
      { key: 'personal:Shot:read', scope: 'personal', hit_count: 1, ...hidden },
      { key: 'vendors:Shot:read', scope: 'vendors', hit_count: 2, fetch_count: 1, drop_count: 1, ...hidden },
    ])
    const everything = await Promise.all(
      ['query_cache', 'cache_stats_by_type', 'entities'].map((table) => records.sql(`select * from sgcache.${table}`)),
    )
    for (const word of ['classified', secret.key.split(':').at(-1)!, 'caller-']) {
      expect(JSON.stringify(everything)).not.toContain(word)
    }
  })
})

describe('reads by type', () => {
  test('are counted by day, of all processes together', async () => {
    const [one, other] = [records.recorder(), records.recorder()]
    const question = reply()
    for (const reason of ['unknown', 'changed', 'no-cache'] as const) one.cacheEvent({ kind: 'miss', question, reason })
    one.cacheEvent({ kind: 'stored', entry: question })
    one.cacheEvent({ kind: 'stale-served', question, entry: question, error: new Error('down') })
    one.hit(question)
    other.hit(question)
    other.hit(reply({}, 'Asset'))
    await one.flush()
    await other.flush()
    expect(await types()).toMatchObject([
      { entity_type: 'Asset', hit_count: 1, miss_count: 0 },
      {
        entity_type: 'Shot',
        hit_count: 2,
        miss_count: 2,
        bypass_count: 1,
        stale_count: 1,
        fetch_count: 1,
        fetched_bytes: question.body.length,
      },
    ])
  })

  test('of another day are in rows of their own', async () => {
    const recorder = records.recorder()
    recorder.hit(reply())
    await recorder.flush()
    await records.clock.advance(12 * 3_600_000)
    recorder.hit(reply())
    await recorder.flush()
    const found = await records.sql('select day::text, hit_count from sgcache.cache_stats_by_type order by day')
    expect(found).toEqual([
      { day: '2026-11-28', hit_count: 1 },
      { day: '2026-11-29', hit_count: 1 },
    ])
  })
})

describe('requests by endpoint', () => {
  const totals = (requests: number): readonly EndpointTotals[] => [
    {
      endpoint: 'query',
      ...{
        requests,
        hits: requests - 1,
        misses: 1,
        stale: 0,
        errors: 0,
        bytes: 100 * requests,
        seconds: 0.01 * requests,
      },
      buckets: [
        { upperSeconds: 0.01, count: requests - 1 },
        { upperSeconds: 0.1, count: 1 },
        { upperSeconds: Number.POSITIVE_INFINITY, count: 0 },
      ],
    },
  ]

  test('are added as they come, each once', async () => {
    let requests = 10
    const one = records.recorder({ totals: () => totals(requests) })
    const other = records.recorder({ totals: () => totals(5) })
    await one.flush()
    await one.flush()
    requests = 30
    await one.flush()
    await other.flush()
    expect(await records.sql('select request_count, hit_count, miss_count, bytes from sgcache.cache_stats')).toEqual([
      { request_count: 35, hit_count: 33, miss_count: 2, bytes: 3500 },
    ])
    const latency = 'select upper_seconds as upper, request_count as count from sgcache.cache_latency order by 1'
    expect(await records.sql(latency)).toEqual([
      { upper: 0.01, count: 33 },
      { upper: 0.1, count: 2 },
      { upper: Number.POSITIVE_INFINITY, count: 0 },
    ])
  })
})

describe('counts', () => {
  test('are written once, though the answer that said so was lost, and none is lost while Postgres is away', async () => {
    const { pool, breakage } = breakable(poolTo(records.url))
    const recorder = records.recorder({ pool })
    const entry = reply()
    for (const when of ['at once', 'before the commit', 'after the commit', 'at once'] as const) {
      recorder.hit(entry)
      breakage.count = 3
      breakage.when = when
      await recorder.flush()
      await recorder.flush()
    }
    breakage.count = 0
    recorder.hit(entry)
    await recorder.flush()
    expect(await queries()).toMatchObject([{ hit_count: 5 }])
    expect(await types()).toMatchObject([{ hit_count: 5 }])
    const troubles = records.reports.filter(({ kind }) => kind === 'trouble' || kind === 'restored')
    expect(troubles).toContainEqual({ kind: 'restored', part: 'counts' })
  })

  test('of more questions than there is room for are kept by type, and told', async () => {
    const recorder = records.recorder({ settings: { queryLimit: 2 } })
    for (const code of ['a', 'b', 'c', 'c']) {
      recorder.hit(reply({ filters: [{ path: 'code', relation: 'is', values: [code] }] }))
    }
    await recorder.flush()
    expect(await queries()).toHaveLength(2)
    expect(await types()).toMatchObject([{ hit_count: 4 }])
    expect(records.reports).toContainEqual(expect.objectContaining({ kind: 'let go', part: 'counts', count: 2 }))
  })
})
