import { afterEach, describe, expect, test } from 'vitest'
import { type Migration, migrate } from '../../../src/backends/postgres/migrate.ts'
import { migrations } from '../../../src/backends/postgres/migrations/all.ts'
import type { PostgresPool } from '../../../src/backends/postgres/pool.ts'
import { connectionTo, poolTo } from '../../support/postgres-pools.ts'
import { askPostgres } from '../../support/servers/postgres.ts'
import { newDatabase } from '../../support/servers/shared.ts'

const first: Migration = {
  version: 1,
  name: 'first',
  compatibleFrom: 1,
  sql: (schema) => `create table ${schema}.first (n int); insert into ${schema}.first values (1)`,
}
const second: Migration = {
  version: 2,
  name: 'second',
  compatibleFrom: 1,
  sql: (schema) => `create table ${schema}.second (n int)`,
}

const pools: PostgresPool[] = []
const open = (...options: Parameters<typeof poolTo>) => {
  const pool = poolTo(...options)
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))

const applied = async (pool: PostgresPool) =>
  (await pool.query(`select version from ${pool.schema}.migration order by version`)).map(({ version }) => version)

describe('the migrations of this version', () => {
  test('are numbered one by one, and the last one can be used by who knows it', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
    for (const { version, compatibleFrom } of migrations) expect(compatibleFrom).toBeLessThanOrEqual(version)
  })

  test('make a schema in an empty database, and again nothing', async () => {
    const pool = open(await newDatabase())
    await migrate(pool, migrations)
    await migrate(pool, migrations)
    expect(await applied(pool)).toEqual(migrations.map(({ version }) => version))
  })

  test('make schemas beside each other', async () => {
    const url = await newDatabase()
    for (const schema of ['one', 'user']) {
      const pool = open(url, { connection: connectionTo(url, { schema }) })
      await migrate(pool, migrations)
      expect(await applied(pool)).toContain(1)
    }
  })
})

describe('migrating', () => {
  test('several processes at once do it once', async () => {
    const url = await newDatabase()
    await Promise.all(Array.from({ length: 6 }, () => migrate(open(url), [first, second])))
    const pool = open(url)
    expect(await applied(pool)).toEqual([1, 2])
    expect(await pool.query('select n from sgcache.first')).toEqual([{ n: 1 }])
  })

  test('goes on where it was interrupted; the one that failed has done nothing', async () => {
    const pool = open(await newDatabase())
    const broken: Migration = { ...second, sql: (schema) => `${second.sql(schema)}; select 1/0` }
    await expect(migrate(pool, [first, broken])).rejects.toMatchObject({ code: '22012' })
    expect(await applied(pool)).toEqual([1])
    await migrate(pool, [first, second])
    expect(await applied(pool)).toEqual([1, 2])
  })

  test('a program goes on with a newer schema that is compatible', async () => {
    const pool = open(await newDatabase())
    await migrate(pool, [first, second])
    await migrate(pool, [first])
    expect(await applied(pool)).toEqual([1, 2])
  })

  test('a program refuses a newer schema that it cannot use, and says what to do', async () => {
    const pool = open(await newDatabase())
    await migrate(pool, [first, { ...second, compatibleFrom: 2 }])
    const refused = migrate(pool, [first])
    await expect(refused).rejects.toMatchObject({ code: 'BACKEND_UNFIT' })
    await expect(refused).rejects.toThrow('version 2, made by a newer sgcache; this one knows 1')
  })

  test('an empty schema that is there already is used by a role that may not make one', async () => {
    const url = await newDatabase()
    const role = `r${new URL(url).pathname.slice(-20)}`
    await askPostgres(url, `create role ${role} login; create schema authorization ${role}`)
    const pool = open(url, { connection: connectionTo(url, { user: role, schema: role }) })
    await migrate(pool, [first])
    expect(await applied(pool)).toEqual([1])
    await askPostgres(url, `drop owned by ${role} cascade; drop role ${role}`)
  })

  test('refuses a server that is too old', async () => {
    const old = {
      name: 'Postgres at db:5432/sgcache',
      schema: '"sgcache"',
      query: async () => [{ version: '14.11', number: 140_011, encoding: 'UTF8' }],
      transaction: () => Promise.reject(new Error('nothing is asked of it')),
    } as unknown as PostgresPool // what is asked of it
    const refused = migrate(old, [first])
    await expect(refused).rejects.toMatchObject({ code: 'BACKEND_UNFIT' })
    await expect(refused).rejects.toThrow('it is PostgreSQL 14.11, and 15 is needed')
  })

  test('refuses a database that cannot hold every text', async () => {
    const url = await newDatabase()
    const name = `${new URL(url).pathname.slice(1)}_latin`
    await askPostgres(url, `create database ${name} template template0 encoding latin1 locale 'C' locale_provider libc`)
    const connection = { ...connectionTo(url), database: name }
    await expect(migrate(open(url, { connection }), [first])).rejects.toThrow('encoded in LATIN1, and UTF8 is needed')
  })
})
