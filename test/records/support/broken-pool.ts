/** A pool whose transactions fail when a test says so: before they are committed, or after, so that nobody knows. */
import type { PostgresPool } from '../../../src/backends/postgres/pool.ts'
import { SgcacheError } from '../../../src/errors.ts'

export interface Breakage {
  /** How many transactions more end so. */
  count: number
  when: 'at once' | 'before the commit' | 'after the commit'
}

export function breakable(pool: PostgresPool): { readonly pool: PostgresPool; readonly breakage: Breakage } {
  const breakage: Breakage = { count: 0, when: 'at once' }
  const away = () => new SgcacheError('BACKEND_UNREACHABLE', { backend: 'Postgres', reason: 'cut off by the test' })
  const transaction: PostgresPool['transaction'] = async (work, deadlineMs) => {
    if (breakage.count <= 0) return pool.transaction(work, deadlineMs)
    breakage.count -= 1
    if (breakage.when === 'at once') throw away()
    const broken = async (query: Parameters<typeof work>[0]) => {
      const result = await work(query)
      if (breakage.when === 'before the commit') throw away()
      return result
    }
    await pool.transaction(broken, deadlineMs)
    throw away()
  }
  const broken = new Proxy(pool, {
    get(target, name) {
      if (name === 'transaction') return transaction
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return { pool: broken, breakage }
}
