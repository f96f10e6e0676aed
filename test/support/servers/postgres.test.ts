import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askPostgres, type PostgresServer, startPostgres } from './postgres.ts'
import { isAlive } from './process-tree.ts'
import { newDatabase } from './shared.ts'

describe('a Postgres of a test', () => {
  let postgres: PostgresServer
  let url: string

  beforeAll(async () => {
    postgres = await startPostgres()
    url = await postgres.newDatabase()
  })
  afterAll(() => postgres?.close())

  it('answers, waits for the disk, and sorts as people do', async () => {
    const [settings] = await askPostgres(url, "SELECT current_setting('fsync') AS fsync, 'a' < 'B' AS sorted")
    expect(settings).toEqual({ fsync: 'on', sorted: true })
    await askPostgres(url, 'CREATE EXTENSION pg_trgm')
  })

  it('keeps what was committed when it is killed with all its processes and restarted', async () => {
    const { pid } = postgres
    await askPostgres(url, 'CREATE TABLE kept AS SELECT 1 AS one')
    await postgres.kill()
    expect(isAlive(pid)).toBe(false)
    await expect(askPostgres(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
    await postgres.restart()
    expect(await askPostgres(url, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
  })

  it('answers nothing while it is frozen, and then what it was asked', async () => {
    const other = await newDatabase()
    const order: unknown[] = []
    postgres.freeze()
    const late = askPostgres(url, "SELECT 'late'").then(() => order.push('late'))
    await askPostgres(other, "SELECT 'early'").then(() => order.push('early'))
    postgres.thaw()
    await late
    expect(order).toEqual(['early', 'late'])
  })

  it('stops in good order', async () => {
    await postgres.stop()
    expect(postgres.isRunning).toBe(false)
    await postgres.restart()
    expect(await askPostgres(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe('the shared Postgres', () => {
  it('gives each caller an empty database of its own', async () => {
    const [one, other] = await Promise.all([newDatabase(), newDatabase()])
    await askPostgres(one, 'CREATE TABLE mine ()')
    await askPostgres(other, 'CREATE TABLE mine ()')
    await expect(askPostgres(one, 'CREATE TABLE mine ()')).rejects.toThrow('already exists')
  })
})
