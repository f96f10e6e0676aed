/** What a write needs to know: its transaction, who writes, and the site as that transaction sees it. */
import type { Caller } from './caller.ts'
import type { Reading } from './reading.ts'
import type { Transaction } from './transaction.ts'
import type { World } from './world.ts'

export interface Writing {
  readonly world: World
  readonly tx: Transaction
  readonly caller: Caller
  readonly reading: Reading
  /** The second in which it happens, as rows spell it. */
  readonly now: string
  /** No events are written: the caller's doing, or a cascade that leaves none. */
  readonly silent: boolean
  /** The write follows from another one. */
  readonly consequence: boolean
}
