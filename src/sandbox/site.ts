/**
 * The simulated site itself, without a network: who calls is verified, reads see a consistent view, writes happen in a
 * transaction. Refusals come out as the site's fault objects, never as exceptions.
 */
import type { AuthParams, Envelope, Fault } from '../shotgrid/wire.ts'
import type { Caller } from './caller.ts'
import { isoSeconds } from './dates.ts'
import { malformed, notAuthenticated, SiteFault } from './fault.ts'
import { info } from './info.ts'
import { readMethods, writeMethods } from './methods.ts'
import type { Args } from './read.ts'
import type { Reading } from './reading.ts'
import type { View } from './row.ts'
import { Transaction } from './transaction.ts'
import type { World } from './world.ts'
import type { Writing } from './writing.ts'

export type Reply = { readonly results: unknown } | Fault

export class Site {
  readonly world: World
  #signatures = 0

  constructor(world: World) {
    this.world = world
  }

  /** One call, done at once. With `open`, a write joins that transaction and is not committed here. */
  call(envelope: Envelope, open?: Transaction): Reply {
    try {
      return { results: this.perform(envelope, open) }
    } catch (error) {
      return faultOf(error)
    }
  }

  /** The caller of an envelope; a fault is thrown if there is none. */
  caller(envelope: Envelope): Caller {
    const [auth] = envelope.params
    if (typeof auth !== 'object' || auth === null) throw notAuthenticated("Can't authenticate: no credentials given.")
    return this.world.credentials.authenticate(auth as AuthParams) // its fields are looked at one by one
  }

  /** A transaction of its own for one thing that the site or a test does; `actor` has to be somebody. */
  transact<T>(caller: Caller, work: (writing: Writing) => T): T {
    const tx = new Transaction(this.world, caller)
    try {
      const result = work(this.writing(tx, caller))
      tx.commit()
      return result
    } catch (error) {
      tx.rollback()
      throw error
    }
  }

  writing(tx: Transaction, caller: Caller): Writing {
    const reading = this.reading(tx.view, caller, true)
    const now = isoSeconds(this.world.clock.now())
    return { world: this.world, tx, caller, reading, now, silent: caller.silent, consequence: false }
  }

  reading(view: View, caller: Caller, imageUrls: boolean): Reading {
    const { schema, perUser, switches, siteUrl } = this.world
    const nowMs = this.world.clock.now()
    const sight = caller.sight(view)
    const { linkNameLagMs } = switches
    const names = linkNameLagMs > 0 ? this.world.store.asOf(this.world.clock.monotonic() - linkNameLagMs) : view
    return { view, names, schema, caller, sight, perUser, nowMs, siteUrl, sign: this.#sign, switches, imageUrls }
  }

  /** As `call`, but a refusal is thrown. */
  perform(envelope: Envelope, open?: Transaction): unknown {
    const { method_name: method } = envelope
    if (method === 'info') return info(this.world)
    const caller = this.caller(envelope)
    const args = (envelope.params[1] ?? {}) as Args // each method looks at what it uses
    this.world.eventLog.release(this.world.clock.monotonic())
    const readMethod = readMethods[method]
    if (readMethod) {
      const view = open?.view ?? this.#viewFor(args)
      return readMethod(this.reading(view, caller, args.api_return_image_urls === true), args, this.world)
    }
    const writeMethod = writeMethods[method]
    if (!writeMethod) throw malformed(`API: there is no method '${String(method)}'.`)
    if (open) return writeMethod(this.writing(open, caller), args)
    return this.transact(caller, (writing) => writeMethod(writing, args))
  }

  /** What reads see: the present, or a moment ago where reads come from a replica. The event log is never behind. */
  #viewFor(args: Args): View {
    const { readLagMs } = this.world.switches
    if (readLagMs <= 0 || args.type === 'EventLogEntry') return this.world.store
    return this.world.store.asOf(this.world.clock.monotonic() - readLagMs)
  }

  /** Different on every call, as signatures are. */
  readonly #sign = (path: string): string => {
    this.#signatures += 1
    const expires = Math.floor((this.world.clock.now() + this.world.switches.signatureMs) / 1000)
    return `${this.world.siteUrl}${path}?expires=${expires}&signature=${signature(this.#signatures)}`
  }
}

function signature(serial: number): string {
  return (Math.imul(serial, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0') + serial.toString(16).padStart(8, '0')
}

export function faultOf(error: unknown): Fault {
  if (error instanceof SiteFault) return error.wire
  throw error
}
