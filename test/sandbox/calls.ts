/** A tiny simulated site on a virtual clock, with short words for the calls that tests make. */
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import type { AuthParams, EventLogEntry, Fault, Row } from '../../src/shotgrid/wire.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

export const everything: AuthParams = { script_name: 'sgcache', script_key: 'sandbox-key' }
export const silentScript: AuthParams = { script_name: 'noisy-import', script_key: 'noisy-key' }
export const person = (login: string): AuthParams => ({ user_login: login, user_password: 'sandbox' })

export interface ReadMore {
  readonly [argument: string]: unknown
}

export class Calls {
  readonly clock: VirtualClock
  readonly site: Sandbox
  auth: AuthParams

  constructor(options: Partial<SandboxOptions> = {}, auth = everything) {
    this.clock = new VirtualClock({ startsAt: Date.UTC(2026, 0, 14, 12, 30, 0) })
    this.site = createSandbox({ size: 'tiny', clock: this.clock, ...options })
    this.auth = auth
  }

  /** The same site, asked by somebody else. */
  as(auth: AuthParams): Calls {
    return Object.assign(Object.create(Calls.prototype) as Calls, { clock: this.clock, site: this.site, auth })
  }

  /** The reply as it is on the wire: `{results}` or a fault. */
  raw(method: string, args?: unknown): unknown {
    return this.site.call({ method_name: method, params: args === undefined ? [this.auth] : [this.auth, args] })
  }

  /** The results; a fault fails the test. */
  call<T = unknown>(method: string, args?: unknown): T {
    const reply = this.raw(method, args) as { results: T } & Partial<Fault>
    if (reply.exception) throw new Error(`${reply.error_code}: ${reply.message}`)
    return reply.results
  }

  fault(method: string, args?: unknown): Fault {
    const reply = this.raw(method, args) as Fault
    if (!reply.exception) throw new Error(`No fault but ${JSON.stringify(reply)}`)
    return reply
  }

  read(type: string, fields: readonly string[], conditions: readonly unknown[] = [], more: ReadMore = {}): Row[] {
    return this.call<{ entities: Row[] }>('read', readArgs(type, fields, conditions, more)).entities
  }

  one(type: string, id: number, fields: readonly string[], more: ReadMore = {}): Row | undefined {
    return this.read(type, fields, [leaf('id', 'is', id)], more)[0]
  }

  create(type: string, values: Readonly<Record<string, unknown>>, returnFields: readonly string[] = []): Row {
    return this.call('create', { type, fields: fieldList(values), return_fields: returnFields })
  }

  update(type: string, id: number, values: Readonly<Record<string, unknown>>, mode?: string): Row {
    return this.call('update', { type, id, fields: fieldList(values, mode) })
  }

  delete(type: string, id: number): boolean {
    return this.call('delete', { type, id })
  }

  revive(type: string, id: number): boolean {
    return this.call('revive', { type, id })
  }

  /** Events after `id`, oldest first. */
  events(after = 0): EventLogEntry[] {
    const fields = ['event_type', 'attribute_name', 'meta', 'entity', 'project', 'user', 'session_uuid', 'created_at']
    const rows = this.as(everything).read('EventLogEntry', fields, [leaf('id', 'greater_than', after)])
    return rows as unknown as EventLogEntry[] // the fields above are all it has
  }

  lastEventId(): number {
    return this.events().at(-1)?.id ?? 0
  }

  /** The events of what `work` does. */
  eventsOf(work: () => void): EventLogEntry[] {
    const before = this.lastEventId()
    work()
    return this.events(before)
  }
}

export function readArgs(type: string, fields: readonly string[], conditions: readonly unknown[], more: ReadMore = {}) {
  return {
    type,
    return_fields: fields,
    filters: { logical_operator: 'and', conditions },
    return_only: 'active',
    paging: { entities_per_page: 500, current_page: 1 },
    ...more,
  }
}

export function leaf(path: string, relation: string, ...values: unknown[]) {
  return { path, relation, values }
}

export function link(type: string, id: number) {
  return { type, id }
}

export function fieldList(values: Readonly<Record<string, unknown>>, mode?: string) {
  return Object.entries(values).map(([name, value]) => ({
    field_name: name,
    value,
    ...(mode && { multi_entity_update_mode: mode }),
  }))
}
