/** What the log in Postgres does when its server is killed, frozen, cut off from its standby, or replaced by it. */
import { setMaxListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PostgresLog } from '../../../src/backends/postgres/postgres-log.ts'
import { EpochEnded } from '../../../src/backends/shared/log-server.ts'
import type { Cursor } from '../../../src/cache/ports.ts'
import { makeRecord } from '../../support/cache-world.ts'
import { askPostgres, type PostgresServer, startPostgres } from '../../support/servers/postgres.ts'
import { type StandbyServer, startStandby } from '../../support/servers/postgres-standby.ts'
import { until } from '../../support/servers/until.ts'
import { openLog } from './log-for-tests.ts'

const deadlineMs = 1000
const cursor: Cursor = { lastId: 700, gaps: [], sweptAt: {} }

let postgres: PostgresServer
let standby: StandbyServer | undefined
let opened: PostgresLog[]

const open = (server: PostgresServer = postgres, changeLimit = 100) => {
  const log = openLog(server.url, { changeLimit }, { deadlineMs })
  opened.push(log)
  return log
}

beforeEach(async () => {
  opened = []
  // As careless as a server can be set up: the log asks for what it needs.
  postgres = await startPostgres({ args: ['-c', 'synchronous_commit=off', '-c', 'wal_writer_delay=10s'] })
})
afterEach(async () => {
  await Promise.all(opened.map((log) => log.close()))
  await standby?.close()
  await postgres.close()
  standby = undefined
})

describe('a server that is restarted', () => {
  test('goes on with the same epoch, changes, cursor, members and lease', async () => {
    const log = open()
    const { head } = await log.enter('e1')
    const fence = (await log.acquireLease('e1', 'a', 60_000))!
    const seq = await log.append('e1', [makeRecord()], 1, { cursor, fence })
    await log.renew('e1', 'a', head, 60_000)
    await postgres.stop()
    await postgres.restart()
    const again = await until(() => log.enter('e2'), { what: 'it answers' })
    expect(again).toMatchObject({ epoch: 'e1', head: seq })
    expect(await log.read('e1', head, 10)).toHaveLength(1)
    expect(await log.cursor('e1')).toEqual(cursor)
    expect(await log.behind('e1', seq)).toBe(1)
    expect(await log.acquireLease('e1', 'b', 1000)).toBeUndefined()
  })

  test('has everything that it had answered when it was killed, and nothing has been given twice', async () => {
    const log = open(postgres, 1_000_000)
    const { head } = await log.enter('e1')
    const answered: number[] = []
    let isOver = false
    const appending = [1, 2, 3, 4].map(async (who) => {
      while (!isOver) {
        try {
          answered.push(await log.append('e1', [makeRecord({ ids: [who] })], 1))
        } catch {
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    })
    await until(() => answered.length > 100, { what: 'they append' })
    await postgres.kill()
    const before = answered.length
    await postgres.restart()
    await until(() => answered.length > before + 100, { what: 'they append again' })
    isOver = true
    await Promise.all(appending)
    expect(new Set(answered).size).toBe(answered.length)
    expect(await log.enter('e2')).toMatchObject({ epoch: 'e1' })
    const highest = await log.append('e1', [], 1)
    const seqs = await askPostgres(postgres.url, 'select seq from sgcache.log_change order by seq')
    expect(seqs.map(({ seq }) => Number(seq))).toEqual(seqs.map((_, index) => head + 1 + index))
    expect(highest).toBe(head + seqs.length)
    expect(Math.max(...answered)).toBeLessThanOrEqual(highest)
  })
})

describe('a server that is frozen', () => {
  test('holds no call longer than its deadline, and goes on after', async () => {
    const log = open()
    const { head } = await log.enter('e1')
    const idle = new AbortController()
    setMaxListeners(0, idle.signal)
    await log.news('e1', head, idle.signal)
    postgres.freeze()
    const calls = await Promise.allSettled([
      log.enter('e2'),
      log.append('e1', [makeRecord()], 1),
      log.read('e1', head, 10),
      log.renew('e1', 'a', head, 1000),
      log.behind('e1', head),
      log.cursor('e1'),
      log.acquireLease('e1', 'a', 1000),
    ])
    for (const call of calls) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: expect.stringMatching(/^BACKEND_/) } })
    }
    await log.news('e1', head, idle.signal)
    postgres.thaw()
    await until(() => log.append('e1', [makeRecord()], 1), { what: 'it goes on' })
    expect(await log.enter('e2')).toMatchObject({ epoch: 'e1' })
  })

  test('holds nobody who wants to close it', async () => {
    const log = openLog(postgres.url, {}, { deadlineMs })
    const { head } = await log.enter('e1')
    await log.news('e1', head, new AbortController().signal)
    postgres.freeze()
    await log.close()
    postgres.thaw()
  })
})

describe('a standby', () => {
  test('gives no epoch, no change and no right', async () => {
    const { head } = await open().enter('e1')
    standby = await startStandby(postgres)
    await standby.caughtUp()
    const other = open(standby)
    const steps: (() => Promise<unknown>)[] = [
      () => other.enter('e2'),
      () => other.read('e1', head, 10),
      () => other.cursor('e1'),
      () => other.renew('e1', 'a', head, 1000),
      () => other.behind('e1', head),
      () => other.append('e1', [], 1),
    ]
    for (const step of steps) {
      const error = await step().catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(Error)
      expect(error).not.toBeInstanceOf(EpochEnded)
    }
  })

  test('rule 4: that takes over ends the epoch at once, over connections that it had already', async () => {
    const log = open()
    const { head } = await log.enter('e1')
    const fence = (await log.acquireLease('e1', 'a', 60_000))!
    const seq = await log.append('e1', [makeRecord()], 1, { cursor, fence })
    standby = await startStandby(postgres)
    await standby.caughtUp()
    const other = open(standby)
    // Asked all the time while it takes over: it never gives anything of the old epoch.
    let isPromoted = false
    const given: unknown[] = []
    const asking = (async () => {
      while (!isPromoted) {
        await other.read('e1', head, 10).then(
          (changes) => given.push(changes),
          () => {},
        )
      }
    })()
    await postgres.kill()
    await standby.promote()
    await expect(other.append('e1', [makeRecord()], 1)).rejects.toBeInstanceOf(EpochEnded)
    isPromoted = true
    await asking
    expect(given).toEqual([])
    for (const step of [
      () => other.renew('e1', 'a', seq, 1000),
      () => other.behind('e1', seq),
      () => other.cursor('e1'),
    ]) {
      await expect(step()).rejects.toBeInstanceOf(EpochEnded)
    }
    const next = await other.enter('e2')
    expect(next.epoch).toBe('e2')
    expect(next.opensInMs).toBeGreaterThan(0)
    expect(next.head).toBeGreaterThan(seq)
    expect(await other.cursor('e2')).toEqual(cursor)
  })

  test('an old primary that comes back is not believed by who has seen the new one', async () => {
    await open().enter('e1')
    standby = await startStandby(postgres)
    await standby.caughtUp()
    await postgres.kill()
    await standby.promote()
    const next = await open(standby).enter('e2')
    await postgres.restart()
    const back = await open().enter('e3', { epoch: next.epoch, seq: next.head })
    expect(back.epoch).toBe('e3')
    expect(back.head).toBeGreaterThan(next.head)
  })

  test('rule 8: that commits wait for has to confirm a right', async () => {
    const log = open()
    const { head } = await log.enter('e1')
    standby = await startStandby(postgres)
    await askPostgres(postgres.url, "alter system set synchronous_standby_names = 'standby'")
    await askPostgres(postgres.url, 'select pg_reload_conf()')
    const state = 'select sync_state from pg_stat_replication'
    await until(async () => (await askPostgres(postgres.url, state))[0]?.sync_state === 'sync', {
      what: 'it is waited for',
    })
    await log.renew('e1', 'a', head, 60_000)
    standby.freeze()
    await expect(log.renew('e1', 'a', head, 60_000)).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' })
    await expect(log.append('e1', [makeRecord()], 1)).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' })
    standby.thaw()
    await until(() => log.renew('e1', 'a', head, 60_000), { what: 'rights are given again' })
  })
})
