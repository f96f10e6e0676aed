/** Which entity types all processes' entries depend on, each with the time until which it is kept, by the server. */
import type { SharedTypes } from '../../cache/ports.ts'
import type { PostgresPool } from './pool.ts'

export class PostgresTypes implements SharedTypes {
  readonly #pool: Pick<PostgresPool, 'query' | 'schema'>

  constructor(pool: Pick<PostgresPool, 'query' | 'schema'>) {
    this.#pool = pool
  }

  async note(types: readonly string[], keepMs: number): Promise<void> {
    const { schema } = this.#pool
    // In one order, so that two processes that note the same types do not wait for each other.
    const text = `insert into ${schema}.cached_type as old (type, until)
      select type, clock_timestamp() + $2 * interval '1 millisecond' from unnest($1::text[]) as new (type) order by type
      on conflict (type) do update set until = greatest(old.until, excluded.until)`
    await this.#pool.query({ name: 'note types', text }, [types, keepMs])
    await this.#pool.query(`delete from ${schema}.cached_type where until < clock_timestamp()`)
  }

  async all(): Promise<readonly string[]> {
    const text = `select type from ${this.#pool.schema}.cached_type where until >= clock_timestamp()`
    const rows = await this.#pool.query<{ type: string }>({ name: 'cached types', text })
    return rows.map(({ type }) => type)
  }
}
