/**
 * Creates and upgrades the schema.
 *
 * A *migration* is SQL with a number, applied once, in order, in a transaction that also records it: what is
 * interrupted is as if it had not begun, and is begun again by the next start. An advisory lock lets one process at a
 * time do it, so that several may start at once.
 *
 * Two neighbouring versions of sgcache run side by side, so a migration adds and leaves alone what the one before it
 * uses. One that cannot says so (`compatibleFrom`), and programs that do not know it refuse the schema.
 *
 * To add one: a file `migrations/NNN-noun.ts` that exports a `Migration`, and its name at the end of `migrations/all.ts`.
 * One that was released is never changed.
 *
 * Migrations are modules rather than `.sql` files, as they need the name of the schema and have to be there wherever the
 * compiled program is.
 */
import { SgcacheError } from '../../errors.ts'
import type { PostgresPool, Query, Row } from './pool.ts'
import { stateOf } from './trouble.ts'

export interface Migration {
  /** One more than the one before; the first is 1. */
  readonly version: number
  readonly name: string
  /** Programs that know this version of the schema can go on using it when this migration has been applied. */
  readonly compatibleFrom: number
  /** Any number of statements. `schema` is quoted. */
  readonly sql: (schema: string) => string
}

type Migrated = Pick<PostgresPool, 'query' | 'transaction' | 'schema' | 'name'>

interface Applied extends Row {
  readonly version: number
  readonly compatible_from: number
}

const oldestServer = 15
const undefinedTable = '42P01'
const lockClass = 0x5347_6d67
/** For one migration, waiting for another process included. An index on a large table may take that long. */
const deadlineMs = 1_800_000

/** Resolves when the schema is as the migrations make it, or newer and compatible. Cheap if there is nothing to do. */
export async function migrate(pool: Migrated, migrations: readonly Migration[]): Promise<void> {
  for (const migration of await missingIn(pool, migrations)) {
    await pool.transaction((query) => apply(migration, query, pool.schema), deadlineMs)
  }
}

/** What is still to be applied. Rejects with BACKEND_UNFIT if the server or the schema can never be used. */
export async function missingIn(pool: Migrated, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  await checkServer(pool)
  const applied = await appliedIn(pool)
  checkCompatible(pool, migrations, applied)
  return migrations.filter(({ version }) => !applied.some((row) => row.version === version))
}

async function checkServer(pool: Migrated): Promise<void> {
  const [server] = await pool.query<{ version: string; number: number; encoding: string }>(`
    select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
      current_setting('server_encoding') as encoding`)
  const { version, number, encoding } = server! // always one row
  const refusal = (reason: string) => new SgcacheError('BACKEND_UNFIT', { what: pool.name, reason })
  if (number < oldestServer * 10_000) throw refusal(`it is PostgreSQL ${version}, and ${oldestServer} is needed`)
  if (encoding !== 'UTF8') throw refusal(`its database is encoded in ${encoding}, and UTF8 is needed`)
}

async function appliedIn(pool: Migrated): Promise<readonly Applied[]> {
  try {
    return await pool.query<Applied>(`select version, compatible_from from ${pool.schema}.migration`)
  } catch (error) {
    if (stateOf(error) === undefinedTable) return []
    throw error
  }
}

function checkCompatible(pool: Migrated, migrations: readonly Migration[], applied: readonly Applied[]): void {
  const known = migrations.at(-1)!.version
  if (applied.some((row) => row.compatible_from > known)) {
    const version = Math.max(...applied.map((row) => row.version))
    const reason = `the schema ${pool.schema} is of version ${version}, made by a newer sgcache; this one knows ${known}`
    throw new SgcacheError('BACKEND_UNFIT', { what: pool.name, reason })
  }
}

async function apply({ version, name, compatibleFrom, sql }: Migration, query: Query, schema: string): Promise<void> {
  await query('select pg_advisory_xact_lock($1, hashtext($2))', [lockClass, schema])
  await prepare(query, schema)
  const done = await query(`select from ${schema}.migration where version = $1`, [version])
  if (done.length > 0) return
  await query(sql(schema))
  const row = [version, name, compatibleFrom]
  await query(`insert into ${schema}.migration (version, name, compatible_from) values ($1, $2, $3)`, row)
}

async function prepare(query: Query, schema: string): Promise<void> {
  // Not `create schema if not exists`: that asks for the right to create one even where it exists.
  const existing = await query('select to_regnamespace($1) as schema where to_regnamespace($1) is not null', [schema])
  if (existing.length === 0) await query(`create schema ${schema}`)
  await query(`
    create table if not exists ${schema}.migration (
      version int primary key,
      name text not null,
      compatible_from int not null,
      applied_at timestamptz not null default now()
    )`)
}
