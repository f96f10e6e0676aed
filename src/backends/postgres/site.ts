/** Whose schema it is: one of another ShotGrid site, where the same ids are other rows, must never be written to. */
import { SgcacheError } from '../../errors.ts'
import type { PostgresPool } from './pool.ts'

/** Makes the schema the site's if it is nobody's. Rejects with BACKEND_UNFIT if it is another's. */
export async function claimSchema(pool: PostgresPool, site: string): Promise<void> {
  const ownerNow = async () => (await pool.query<{ name: string }>(`select name from ${pool.schema}.site`))[0]?.name
  let owner = await ownerNow()
  if (owner === undefined) {
    await pool.query(`insert into ${pool.schema}.site (name) values ($1) on conflict do nothing`, [site])
    owner = await ownerNow()
  }
  if (owner === site) return
  const reason = `the schema ${pool.schema} is of the site ${owner}; ${site} needs one of its own (postgres.schema)`
  throw new SgcacheError('BACKEND_UNFIT', { what: pool.name, reason })
}
