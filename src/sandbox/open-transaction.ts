/**
 * A transaction in a test's hands: calls made through it see each other's writes and nobody else does, until `commit`.
 * A refused call spoils it, as in a database: then it can only be rolled back.
 */
import type { Envelope } from '../shotgrid/wire.ts'
import { faultOf, type Reply, type Site } from './site.ts'
import { Transaction } from './transaction.ts'

export class OpenTransaction {
  readonly #site: Site
  #tx: Transaction | undefined
  #spoilt = false

  constructor(site: Site) {
    this.#site = site
  }

  call(envelope: Envelope): Reply {
    try {
      this.#tx ??= new Transaction(this.#site.world, this.#site.caller(envelope))
      return { results: this.#site.perform(envelope, this.#tx) }
    } catch (error) {
      this.#spoilt = true
      return faultOf(error)
    }
  }

  commit(): void {
    if (this.#spoilt) throw new Error('A call of the transaction was refused: it can only be rolled back.')
    this.#tx?.commit()
  }

  /** The ids it has taken stay taken: they are gaps for good. */
  rollback(): void {
    this.#tx?.rollback()
  }
}
