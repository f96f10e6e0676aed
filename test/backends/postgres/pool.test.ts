import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { PostgresPool } from '../../../src/backends/postgres/pool.ts'
import { connectionTo, poolTo } from '../../support/postgres-pools.ts'
import { askPostgres, type PostgresServer, startPostgres } from '../../support/servers/postgres.ts'
import { newDatabase } from '../../support/servers/shared.ts'
import { startProxy } from '../../support/servers/tcp-proxy.ts'
import { until } from '../../support/servers/until.ts'

describe('a pool', () => {
  let url: string
  const pools: PostgresPool[] = []
  const open = (...options: Parameters<typeof poolTo>) => {
    const pool = poolTo(...options)
    pools.push(pool)
    return pool
  }

  beforeAll(async () => {
    url = await newDatabase()
  })
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))

  test('gives rows, with BIGINT as numbers', async () => {
    const rows = await open(url).query('select $1::bigint as big, $2::text as text', [2 ** 50, 'Zoë'])
    expect(rows).toEqual([{ big: 2 ** 50, text: 'Zoë' }])
  })

  test('prepares a statement with a name', async () => {
    const pool = open(url, { connections: 1 })
    const statement = { name: 'twice', text: 'select $1::int * 2 as twice' }
    expect(await pool.query(statement, [2])).toEqual([{ twice: 4 }])
    expect(await pool.query(statement, [3])).toEqual([{ twice: 6 }])
    expect(await pool.query('select name from pg_prepared_statements')).toEqual([{ name: 'twice' }])
  })

  test('says who it is to the server', async () => {
    const pool = open(url, { applicationName: 'sgcache log' })
    expect(await pool.query("select current_setting('application_name') as name")).toEqual([{ name: 'sgcache log' }])
  })

  test('gives the error of the server, and the connection is used again', async () => {
    const pool = open(url, { connections: 1 })
    const [before] = await pool.query('select pg_backend_pid() as pid')
    await expect(pool.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
    expect(await pool.query('select pg_backend_pid() as pid')).toEqual([before])
  })

  test('does all of a transaction or nothing', async () => {
    const pool = open(url)
    await pool.query('create table counted (n int primary key)')
    const failed = pool.transaction(async (query) => {
      await query('insert into counted values (1)')
      await query('insert into counted values (1)')
    })
    await expect(failed).rejects.toMatchObject({ code: '23505' })
    expect(await pool.query('select n from counted')).toEqual([])
    const given = await pool.transaction((query) => query('insert into counted values ($1) returning n', [2]))
    expect(given).toEqual([{ n: 2 }])
    expect(await pool.query('select n from counted')).toEqual([{ n: 2 }])
  })

  test('ends a call at its deadline, and the server gives up as well', async () => {
    const pool = open(url, { deadlineMs: 100 })
    await expect(pool.query("select pg_sleep(60), 'too slow'")).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' })
    const running = `select from pg_stat_activity
      where query like '%too slow%' and state = 'active' and pid <> pg_backend_pid()`
    await until(async () => (await askPostgres(url, running)).length === 0, { what: 'the statement has ended' })
  })

  test('lets a transaction take longer if it says so', async () => {
    const pool = open(url, { deadlineMs: 100 })
    const slept = pool.transaction((query) => query("select 'done' as it from pg_sleep(0.3)"), 10_000)
    expect(await slept).toEqual([{ it: 'done' }])
  })

  test('leaves nothing behind that would keep the program from ending', async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const pool = poolTo(url, { deadlineMs: 120_000 })
    await Promise.all([pool.query('select 1'), pool.transaction((query) => query('select 1'), 600_000)])
    await pool.close()
    const timeouts = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    await until(() => timeouts() <= before, { what: 'its timers are gone', withinMs: 5000 })
  })

  test('the wait for a connection counts', async () => {
    const pool = open(url, { connections: 1, deadlineMs: 200 })
    const busy = pool.transaction((query) => query('select pg_sleep(1)'), 10_000)
    await expect(pool.query('select 1')).rejects.toMatchObject({
      code: expect.stringMatching(/BACKEND_(TIMEOUT|UNREACHABLE)/),
    })
    await busy
    expect(await pool.query('select 1 as one')).toEqual([{ one: 1 }])
  })

  test('names a server that is not there, without the password', async () => {
    const connection = { ...connectionTo(url), port: 1, password: 'hunter2' }
    const error = await open(url, { connection })
      .query('select 1')
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    expect(String(error)).toContain('Cannot reach Postgres at 127.0.0.1:1/')
    expect(String(error)).toContain('ECONNREFUSED')
    expect(inspected(error)).not.toContain('hunter2')
  })

  test('names a database that is not there', async () => {
    const connection = { ...connectionTo(url), database: 'nowhere' }
    const asked = open(url, { connection }).query('select 1')
    await expect(asked).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await expect(asked).rejects.toThrow('database "nowhere" does not exist')
  })

  test('survives that the server ends all connections, idle and busy', async () => {
    const pool = open(url)
    const busy = Promise.allSettled([1, 2, 3].map(() => pool.query('select pg_sleep(60)')))
    const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
    await until(async () => (await askPostgres(url, `select ${others}`)).length === 3, { what: 'they are busy' })
    await askPostgres(url, `select pg_terminate_backend(pid) ${others}`)
    for (const outcome of await busy) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'BACKEND_UNREACHABLE' } })
    }
    expect(await pool.query('select 1 as one')).toEqual([{ one: 1 }])
    await askPostgres(url, `select pg_terminate_backend(pid) ${others}`)
    await until(async () => (await askPostgres(url, `select ${others}`)).length === 0, { what: 'the idle one is gone' })
    await until(() => pool.query('select 1'), { what: 'it has made another' })
  })

  test('a connection that is cut in the middle of a transaction undoes it', async () => {
    await askPostgres(url, 'create table undone (n int)')
    const proxy = await startProxy(Number(new URL(url).port))
    const connection = { ...connectionTo(url), port: proxy.port }
    const cut = open(url, { connection }).transaction(async (query) => {
      await query('insert into undone values (1)')
      await proxy.cut()
      await query('insert into undone values (2)')
    })
    await expect(cut).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    expect(await askPostgres(url, 'select n from undone')).toEqual([])
    await proxy.close()
  })

  test('survives that a connection is ended in the moment that it is made', async () => {
    const message = (type: string, body: Buffer) => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(body.length + 4)
      return Buffer.concat([Buffer.from(type), length, body])
    }
    const welcome = [message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]
    const end = message('E', Buffer.from('SFATAL\0C57P01\0Mgoing down\0\0'))
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(Buffer.concat([...welcome, end])))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo // of TCP
    const connection = { ...connectionTo(url), port }
    await expect(open(url, { connection }).query('select 1')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    server.close()
  })

  test('a server that cannot speak TLS is not spoken to without', async () => {
    const connection = connectionTo(url, { tls: { rejectUnauthorized: false } })
    await expect(open(url, { connection }).query('select 1')).rejects.toThrow('does not support SSL')
  })
})

describe('a pool to a server in trouble', () => {
  let postgres: PostgresServer
  let pool: PostgresPool

  beforeAll(async () => {
    postgres = await startPostgres()
    pool = poolTo(postgres.url, { deadlineMs: 500 })
  })
  afterAll(async () => {
    await pool.close()
    await postgres.close()
  })

  test('hangs no call when the server is frozen, and goes on when it is not any more', async () => {
    await pool.query('select 1')
    postgres.freeze()
    const calls = await Promise.allSettled(Array.from({ length: 12 }, () => pool.query('select 1')))
    for (const call of calls) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: expect.stringMatching(/^BACKEND_/) } })
    }
    postgres.thaw()
    await until(() => pool.query('select 1'), { what: 'it answers again' })
  })

  test('survives that the server is killed, and finds it when it is back', async () => {
    await pool.query('select 1')
    const busy = pool.query('select pg_sleep(60)').catch((error: unknown) => error)
    await postgres.kill()
    expect(await busy).toMatchObject({ code: expect.stringMatching(/^BACKEND_/) })
    await expect(pool.query('select 1')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await postgres.restart()
    await until(() => pool.query('select 1'), { what: 'it answers again' })
  })
})

/** All that a log could show of an error, its causes included. */
function inspected(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = Object.getOwnPropertyNames(error).map((name) => Reflect.get(error, name))
  return [
    error.stack,
    ...own.map((value) => (value instanceof Error ? inspected(value) : JSON.stringify(value))),
  ].join()
}
