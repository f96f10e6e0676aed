/** Whether Postgres refuses what was to be written, rather than being in trouble itself. */
import { stateOf } from '../backends/postgres/trouble.ts'

/** Data exceptions, broken constraints, limits of the program. The same would be refused again. */
export function isRefusal(error: unknown): boolean {
  return /^(22|23|54)/.test(stateOf(error) ?? '')
}
