import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askPostgres, type PostgresServer, startPostgres } from './postgres.ts'
import { type StandbyServer, startStandby } from './postgres-standby.ts'
import { until } from './until.ts'

const STANDBYS = 'SELECT sync_state FROM pg_stat_replication'
const WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"

describe('a standby', () => {
  let primary: PostgresServer
  let standby: StandbyServer

  beforeAll(async () => {
    primary = await startPostgres()
    await askPostgres(primary.url, 'CREATE TABLE kept AS SELECT 1 AS one')
    standby = await startStandby(primary)
  })
  afterAll(async () => {
    await standby?.close()
    await primary?.close()
  })

  it('has what was there before it and what came after, and refuses writes', async () => {
    await askPostgres(primary.url, 'INSERT INTO kept VALUES (2)')
    await standby.caughtUp()
    expect(await askPostgres(standby.url, 'SELECT one FROM kept ORDER BY one')).toEqual([{ one: 1 }, { one: 2 }])
    await expect(askPostgres(standby.url, 'INSERT INTO kept VALUES (3)')).rejects.toThrow('read-only')
  })

  it('can be what a commit waits for', async () => {
    await askPostgres(primary.url, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    await askPostgres(primary.url, 'SELECT pg_reload_conf()')
    await until(async () => (await askPostgres(primary.url, STANDBYS))[0]?.sync_state === 'sync', {
      what: 'the primary waits for the standby',
    })
    standby.freeze()
    const commit = askPostgres(primary.url, 'INSERT INTO kept VALUES (4)')
    await until(async () => (await askPostgres(primary.url, WAITING)).length === 1, { what: 'the commit waits' })
    standby.thaw()
    await commit
  })

  it('takes over when the primary is killed', async () => {
    await primary.kill()
    await standby.promote()
    await askPostgres(standby.url, 'INSERT INTO kept VALUES (5)')
    expect(await askPostgres(standby.url, 'SELECT max(one) FROM kept')).toEqual([{ max: 5 }])
  })
})
