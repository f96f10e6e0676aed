/**
 * `@keyv/postgres` on a pool of ours.
 *
 * By itself the adapter has one pool for the whole process, whose first broken idle connection ends that process, whose
 * calls wait for ever, and which makes its table when it is constructed. All of that is in `connect`, which it calls for
 * a function that runs SQL: here that function is the pool's, and the table is a migration's. The class is extended, as
 * there is no other way in: the adapter takes no pool.
 *
 * Cost of what is left as it is: `delete` reads the row that it deletes.
 */
import KeyvPostgres, { type KeyvPostgresOptions } from '@keyv/postgres'
import type { PostgresPool, Row, Statement } from './pool.ts'

type RunSql = (sql: string, values?: readonly unknown[]) => Promise<Row[]>

interface Options extends KeyvPostgresOptions {
  readonly run: RunSql
}

class KeyvOnPool extends KeyvPostgres {
  /** Called by the constructor of the adapter, which has set `opts` by then. */
  override async connect(): Promise<RunSql> {
    return (this.opts as Options).run // what `keyvOnPool` gave it
  }

  /** The pool is closed by whoever opened it. */
  override async disconnect(): Promise<void> {}
}

/** `table` has the columns `key` and `value`. */
export function keyvOnPool(pool: PostgresPool, table: string): KeyvPostgres {
  // The texts that the adapter sends are few and always the same.
  const statements = new Map<string, Statement>()
  const statement = (text: string) => {
    const known = statements.get(text) ?? { name: `${table}_${statements.size}`, text }
    statements.set(text, known)
    return known
  }
  const run: RunSql = async (sql, values = []) => (sql.startsWith('CREATE ') ? [] : pool.query(statement(sql), values))
  const options: Options = { dialect: 'postgres', schema: pool.schema, table, run }
  const keyv = new KeyvOnPool(options)
  keyv.on('error', () => {}) // every failure is thrown as well
  return keyv
}
