/**
 * The page for those who query: its columns are those of the tables, and its examples are run, by somebody who may only
 * read, against a month of a small studio of which the right answers are known.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readable } from '../../src/records/analyst-role.ts'
import type { Recorder } from '../../src/records/recorder.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { day, event, openRecords, type Records } from './support/recorded.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/history.md'), 'utf8')
const examples = [...page.matchAll(/^(.*)\n\n```sql\n([\s\S]*?)```/gm)].map(([, question, sql]) => ({
  question: question!,
  sql: sql!,
}))

const analyst = `analyst_${process.pid}`
const ann = { type: 'HumanUser', id: 88, name: 'Ann Lee' }
const importer = { type: 'ApiUser', id: 7, name: 'importer' }
const project = { type: 'Project', id: 70, name: 'Alpha' }
const shot = { type: 'Shot', id: 862, name: 'sh010' }

let records: Records
let reader: pg.Client

beforeAll(async () => {
  records = await openRecords()
  records.clock = new VirtualClock({ startsAt: Date.now() - 40 * day })
  await records.sql(`create role ${analyst}`)
  const recorder = records.recorder({ settings: { analystRole: analyst }, totals: () => requests })
  await fill(recorder)
  await recorder.flush()
  reader = new pg.Client({ connectionString: records.url })
  await reader.connect()
  await reader.query(`set role ${analyst}`)
})
afterAll(async () => {
  await reader?.end()
  await records.sql(`drop owned by ${analyst}; drop role ${analyst}`)
  await records.close()
})

const requests = [
  {
    endpoint: 'query',
    ...{ requests: 100, hits: 90, misses: 10, stale: 0, errors: 1, bytes: 5000, seconds: 2 },
    // Half of them within 10 ms, 40 evenly up to 100 ms, 10 up to a second.
    buckets: [
      { upperSeconds: 0.01, count: 50 },
      { upperSeconds: 0.1, count: 40 },
      { upperSeconds: 1, count: 10 },
      { upperSeconds: Number.POSITIVE_INFINITY, count: 0 },
    ],
  },
]

const inProgress = [{ path: 'sg_status_list', relation: 'is', values: ['ip'] }]

/** Shot 862 is waiting for 20 days, then in progress for 15, then done by Ann, and 863 is imported and retired. */
async function fill(recorder: Recorder): Promise<void> {
  const { clock } = records
  const query = records.reply('Shot', [{ id: 862, code: 'sh010', sg_status_list: 'wtg', project }], {
    filters: inProgress,
  })
  const tasks = { content: 'anim', entity: shot, task_assignees: [ann] }
  recorder.cacheEvent({ kind: 'miss', question: query, reason: 'unknown' })
  recorder.cacheEvent({ kind: 'stored', entry: query })
  recorder.cacheEvent({ kind: 'stored', entry: records.reply('Task', [{ id: 4, ...tasks }]) })
  await recorder.flush()
  await clock.advance(20 * day)
  await edit(recorder, 1, importer, 'wtg', 'ip')
  for (let hits = 0; hits < 3; hits += 1) recorder.hit(query)
  await recorder.flush()
  await clock.advance(15 * day)
  const born = { event_type: 'Shotgun_Shot_New', entity: { ...shot, id: 863, name: 'sh020' }, user: importer, project }
  const named = { attribute_name: 'code', meta: { in_create: true, new_value: 'sh020' }, entity: born.entity }
  await records.append(
    [{ kind: 'create', ids: [863], eventId: 2, values: { code: 'sh020' } }],
    [event(2, { ...born, ...now() }), event(3, { ...named, user: importer, ...now() })],
  )
  await clock.advance(4.99 * day)
  const gone = {
    event_type: 'Shotgun_Shot_Retirement',
    user: importer,
    project,
    meta: { entity_type: 'Shot', entity_id: 863 },
  }
  await records.append([{ kind: 'retire', ids: [863], eventId: 4 }], [event(4, { ...gone, ...now() })])
  await clock.advance(0.01 * day - 2000)
  const [change] = await edit(recorder, 5, ann, 'ip', 'fin')
  recorder.cacheEvent({ kind: 'dropped', entry: query, change: change! })
  await clock.advance(1000)
}

const now = () => ({ created_at: new Date(records.clock.now()).toISOString() })

async function edit(recorder: Recorder, id: number, user: typeof ann, old: string, value: string) {
  const meta = { old_value: old, new_value: value }
  const entry = event(id, { attribute_name: 'sg_status_list', meta, entity: shot, project, user, ...now() })
  const change = { ids: [862], eventId: id, eventAt: records.clock.now(), field: 'sg_status_list', old, new: value }
  const changes = await records.append([change], [entry])
  await recorder.flush()
  return changes
}

const ask = async (sql: string) => (await reader.query(sql)).rows
const answers = (question: RegExp) => ask(examples.find((example) => question.test(example.question))!.sql)

test('the examples are found', () => {
  expect(examples.length).toBeGreaterThan(12)
})

describe('the questions of the page', () => {
  test.each(examples.filter(({ sql }) => sql.startsWith('select')))('$question', async ({ sql }) => {
    expect(await ask(sql)).toBeInstanceOf(Array)
  })

  test('what is asked most', async () => {
    const [first] = await answers(/^What is asked most/)
    expect(first).toMatchObject({ entity_type: 'Shot', hit_count: '3', fetch_count: '1', hit_ratio: '0.7500' })
  })

  test('how well the cache works', async () => {
    const found = await answers(/^How well/)
    expect(found).toMatchObject([{ entity_type: 'Shot', hits: '3', misses: '0', hit_ratio: '1.0000' }])
  })

  test('who changed what: edits, births without their fields, retirements', async () => {
    const found = await ask(
      'select actor_name, kind, entity_id, field, new_value from sgcache.who_changed_what order by at',
    )
    expect(found.map((line) => Object.values(line))).toEqual([
      ['importer', 'change', '862', 'sg_status_list', 'ip'],
      ['importer', 'create', '863', null, null],
      ['importer', 'retire', '863', null, null],
      ['Ann Lee', 'change', '862', 'sg_status_list', 'fin'],
    ])
  })

  test('everything that happened to a row', async () => {
    const found = await answers(/^Everything that ever happened/)
    expect(found.map(({ actor_name, new_value }) => [actor_name, new_value])).toEqual([
      ['importer', 'ip'],
      ['Ann Lee', 'fin'],
    ])
  })

  test('which scripts make the most events', async () => {
    expect(await answers(/^Which scripts/)).toEqual([{ script: 'importer', events: '3', dropped: '0' }])
  })

  test('what a shot looked like last week', async () => {
    const [found] = await answers(/^What did a shot look like/)
    expect(found).toMatchObject({ data: { code: 'sh010', sg_status_list: 'ip' }, retired: false })
  })

  test('how the status of a shot moved', async () => {
    expect((await answers(/^How did the status/)).map(({ status }) => status)).toEqual(['wtg', 'ip', 'fin'])
  })

  test('which tasks somebody has been given', async () => {
    expect(await answers(/^Which tasks/)).toEqual([{ entity_id: '4', task: 'anim', of: 'sh010' }])
  })

  test('which shots are in progress now, as far as is certain', async () => {
    expect(await answers(/^Which shots are in progress now/)).toEqual([])
    const done = 'select data ->> \'code\' as code from sgcache.entities where data @> \'{"sg_status_list": "fin"}\''
    expect(await ask(done)).toEqual([{ code: 'sh010' }])
  })

  test('what made answers untrue', async () => {
    expect(await answers(/^What made cached answers untrue/)).toMatchObject([
      { source: 'event', kind: 'change', entity_type: 'Shot', field: 'sg_status_list', causes: '1', dropped: '1' },
    ])
    expect(await answers(/^Which queries lose/)).toMatchObject([
      { drop_count: '1', dropped_reason: 'event 5: change of Shot 862, sg_status_list' },
    ])
  })

  test('which endpoints are slow, in percentiles that may be added up over days and instances', async () => {
    const [found] = await ask("select * from sgcache.latency('2000-01-01', current_date)")
    expect(found).toMatchObject({ endpoint: 'query', requests: '100', p50_ms: 10 })
    expect(found!.p95_ms).toBeCloseTo(550)
    expect(found!.p99_ms).toBeCloseTo(910)
    expect(await ask('select endpoint from sgcache.slowest_endpoints')).toEqual([{ endpoint: 'query' }])
  })

  test('and the index that is recommended can be made', async () => {
    for (const { sql } of examples.filter(({ sql }) => sql.startsWith('create index'))) await records.sql(sql)
  })
})

describe('the tables of the page', () => {
  const sections = [...page.matchAll(/^### (\w+)\n([\s\S]*?)(?=^##|(?![\s\S]))/gm)].map(([, table, text]) => {
    const rows = [...text!.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell!)
    return { table: table!, columns: rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!)) }
  })

  test('are those that people may read, views aside', async () => {
    const found = await records.sql(
      "select relname as name from pg_class where relnamespace = 'sgcache'::regnamespace and relkind in ('r', 'p')",
    )
    const known = found.map(({ name }) => name as string)
    expect(sections.map(({ table }) => table).sort()).toEqual(readable.filter((name) => known.includes(name)).sort())
  })

  test.each(sections)('$table has these columns and no others', async ({ table, columns }) => {
    const found = await records.sql(
      "select column_name from information_schema.columns where table_schema = 'sgcache' and table_name = $1",
      [table],
    )
    expect([...columns].sort()).toEqual(found.map(({ column_name }) => column_name as string).sort())
  })

  test('and views of the schema are all on it', async () => {
    const views = await records.sql("select viewname from pg_views where schemaname = 'sgcache'")
    for (const { viewname } of views) {
      expect(readable as readonly string[]).toContain(viewname)
      expect(page).toContain(`${viewname}`)
    }
  })
})

describe('who may only read', () => {
  test('reads all that is for people, months that came later included', async () => {
    await records.clock.advance(40 * day)
    await records.append([], [event(9, now())])
    await records.recorder().flush()
    for (const name of readable) await ask(`select count(*) from sgcache.${name}`)
    expect(await ask('select count(*)::int as count from sgcache.event_log where sg_event_id = 9')).toEqual([
      { count: 1 },
    ])
  })

  test('reads nothing else of the schema: no replies, no log, no inbox, no months by themselves', async () => {
    const found = await records.sql(
      "select relname as name from pg_class where relnamespace = 'sgcache'::regnamespace and relkind in ('r', 'p', 'v', 'S', 'm')",
    )
    const others = found
      .map(({ name }) => name as string)
      .filter((name) => !(readable as readonly string[]).includes(name))
    expect(others).toContain('frame')
    for (const name of others) {
      await expect(ask(`select * from sgcache."${name}"`), name).rejects.toThrow('permission denied')
    }
  })

  test('writes nothing and makes nothing', async () => {
    for (const sql of [
      "insert into sgcache.cache_stats (day, endpoint) values (now(), 'x')",
      'update sgcache.entities set retired = true',
      'delete from sgcache.event_log',
      'truncate sgcache.query_cache',
      'create table sgcache.mine ()',
      "select sgcache.log_append_seen('e', 0, null, null, null, '')",
      "select sgcache.log_append('e', 0, null, null, null)",
    ]) {
      await expect(ask(sql), sql).rejects.toThrow('permission denied')
    }
  })
})

test('a role that is not there is reported, once, and served when it is', async () => {
  const role = `late_${process.pid}`
  const recorder = records.recorder({ settings: { analystRole: role } })
  records.reports.length = 0
  await recorder.flush()
  await recorder.flush()
  expect(records.reports.filter(({ kind }) => kind === 'analyst role missing')).toHaveLength(1)
  await records.sql(`create role ${role}`)
  await recorder.flush()
  const [found] = await records.sql(`select has_table_privilege('${role}', 'sgcache.entities', 'select') as may`)
  await records.sql(`drop owned by ${role}; drop role ${role}`)
  expect(found).toEqual({ may: true })
})
