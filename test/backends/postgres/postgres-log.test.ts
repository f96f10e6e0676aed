import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PostgresLog } from '../../../src/backends/postgres/postgres-log.ts'
import { EpochEnded } from '../../../src/backends/shared/log-server.ts'
import { makeRecord } from '../../support/cache-world.ts'
import { connectionTo } from '../../support/postgres-pools.ts'
import { askPostgres } from '../../support/servers/postgres.ts'
import { newDatabase } from '../../support/servers/shared.ts'
import { startProxy } from '../../support/servers/tcp-proxy.ts'
import { until } from '../../support/servers/until.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { describeLogServer } from '../log-server-contract.ts'
import { logSettings, openLog } from './log-for-tests.ts'

let database: Promise<string> | undefined
let count = 0

describeLogServer('Postgres', async () => {
  database ??= newDatabase()
  const url = await database
  const schema = `log_${++count}`
  return { ...logSettings, connect: () => openLog(url, {}, { connection: connectionTo(url, { schema }) }) }
})

describe('the log in Postgres', () => {
  let url: string
  let opened: PostgresLog[]
  const open = (...options: Parameters<typeof openLog>) => {
    const log = openLog(...options)
    opened.push(log)
    return log
  }

  beforeEach(async () => {
    url = await newDatabase()
    opened = []
  })
  afterEach(() => Promise.all(opened.map((log) => log.close())))

  test('tells news at once, over the connection that listens', async () => {
    // On a clock that stands still, nobody is woken to look for himself.
    const log = open(url, { clock: new VirtualClock() })
    const { head } = await log.enter('e1')
    const news = log.news('e1', head, new AbortController().signal)
    const listening = "select from pg_stat_activity where datname = current_database() and query like 'listen%'"
    await until(async () => (await askPostgres(url, listening)).length === 1, { what: 'it listens' })
    await open(url).append('e1', [makeRecord()], 1)
    await news
    await log.news('e1', head, new AbortController().signal) // told already
  })

  test('listens again after its connection was lost', async () => {
    const log = open(url)
    const { head } = await log.enter('e1')
    const listeners = () =>
      askPostgres(url, "select pid from pg_stat_activity where datname = current_database() and query like 'listen%'")
    await log.news('e1', head, new AbortController().signal)
    const [first] = await until(async () => (await listeners()).length === 1 && listeners(), { what: 'it listens' })
    await askPostgres(url, `select pg_terminate_backend(${first!.pid})`)
    await until(async () => (await listeners()).some(({ pid }) => pid !== first!.pid), { what: 'it listens again' })
  })

  test('a cursor moves with its changes or not at all, wherever the connection is cut', async () => {
    const log = open(url)
    const { head } = await log.enter('e1')
    const fence = (await log.acquireLease('e1', 'a', 60_000))!
    const proxy = await startProxy(Number(new URL(url).port))
    let attempts = 0
    for (let n = 1; n <= 25; n++) {
      const connection = { ...connectionTo(url), port: proxy.port }
      const cut = open(url, {}, { connection, deadlineMs: 1000 })
      await cut.cursor('e1')
      const before = await log.append('e1', [], 1)
      const move = { cursor: { lastId: before + 1 - head, gaps: [], sweptAt: {} }, fence }
      const appended = cut.append('e1', [makeRecord()], 1, move).catch(() => {})
      if (n % 2) await new Promise((resolve) => setImmediate(resolve))
      await proxy.cut()
      await appended
      await proxy.mend()
      attempts++
      const [state] = await askPostgres(
        url,
        `select h.head - ${head} as changes, coalesce((f.cursor->>'lastId')::int, 0) as cursor,
          (select count(*) from sgcache.log_change) as rows from sgcache.log_head h, sgcache.log_follower f`,
      )
      expect(Number(state!.changes)).toBe(Number(state!.cursor))
      expect(Number(state!.rows)).toBe(Number(state!.cursor))
    }
    expect(attempts).toBe(25)
    await proxy.close()
  })

  test('is the same for programs that come after the schema was taken away', async () => {
    const log = open(url)
    const { head } = await log.enter('e1')
    await askPostgres(url, 'drop schema sgcache cascade')
    await expect(log.read('e1', head, 10)).rejects.toBeInstanceOf(EpochEnded)
    await expect(log.append('e1', [makeRecord()], 1)).rejects.toBeInstanceOf(EpochEnded)
    expect(await log.enter('e2', { epoch: 'e1', seq: head })).toMatchObject({ epoch: 'e2' })
    await log.append('e2', [makeRecord()], 1)
  })

  test('is durable where the server is not', async () => {
    await askPostgres(
      url,
      "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$",
    )
    const log = open(url, {}, { connections: 1 })
    await log.enter('e1')
    await askPostgres(
      url,
      `create table seen (setting text);
       create function see() returns trigger language plpgsql as $$
         begin insert into seen values (current_setting('synchronous_commit')); return null; end $$;
       create trigger seen after insert or update on sgcache.log_member for each row execute function see();
       create trigger seen after insert on sgcache.log_change for each row execute function see();`,
    )
    await log.append('e1', [makeRecord()], 1)
    await log.renew('e1', 'a', 0, 1000)
    expect(await askPostgres(url, 'select setting from seen')).toEqual([{ setting: 'on' }, { setting: 'on' }])
    expect(await askPostgres(url, "select current_setting('synchronous_commit') as setting")).toEqual([
      { setting: 'off' },
    ])
  })

  test('says so when the database reads as of the beginning of each transaction', async () => {
    await askPostgres(
      url,
      "do $$ begin execute format('alter database %I set default_transaction_isolation = ''repeatable read''', current_database()); end $$",
    )
    await expect(open(url).enter('e1')).rejects.toThrow("needs default_transaction_isolation = 'read committed'")
  })

  test('times from the future, of a clock that was set back, are moved to now', async () => {
    const log = open(url, { quarantineMs: 200 })
    const { head } = await log.enter('e1')
    await log.renew('e1', 'dead', head, 200)
    await log.acquireLease('e1', 'dead', 200)
    const seq = await log.append('e1', [makeRecord()], 1)
    await askPostgres(
      url,
      `update sgcache.log_head set begun_at = begun_at + interval '1 hour', opens_at = opens_at + interval '1 hour';
       update sgcache.log_member set renewed_at = renewed_at + interval '1 hour', until = until + interval '1 hour';
       update sgcache.log_follower set held_since = held_since + interval '1 hour', until = until + interval '1 hour'`,
    )
    expect(await log.behind('e1', seq)).toBe(2)
    const fence = await until(() => log.acquireLease('e1', 'b', 1000), { what: 'the lease has passed on' })
    expect(fence).toBeGreaterThan(0)
    await until(async () => (await log.behind('e1', seq)) === 0, { what: 'the dead member is forgotten' })
    expect(await log.enter('e2')).toMatchObject({ epoch: 'e1', opensInMs: 0 })
  })

  test('forgets dead members for good', async () => {
    const log = open(url)
    const { head } = await log.enter('e1')
    await log.renew('e1', 'dead', head, 10)
    await askPostgres(url, "update sgcache.log_member set until = until - interval '1 hour'")
    await log.acquireLease('e1', 'a', 1000)
    expect(await askPostgres(url, 'select from sgcache.log_member')).toEqual([])
  })
})
