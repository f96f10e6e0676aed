/**
 * The simulated site of a run, served over HTTP by this process, so that it can be written to past sgcache and asked for
 * the truth at any moment.
 *
 * Rows carry *marks*: every write puts a number that was never used before into a text field of the row, so that an
 * answer shows how new each row in it is.
 */
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import type { AuthParams, EntityLink } from '../../src/shotgrid/wire.ts'
import { timing } from './settings.ts'
import { openTunnel } from './tunnel.ts'

export interface Caller {
  readonly name: string
  readonly auth: AuthParams
}

/** By type: the field that carries the mark. Only rows of these types are written to with marks. */
export const markFields: Readonly<Record<string, string>> = {
  Shot: 'description',
  Task: 'sg_description',
  Version: 'description',
  Asset: 'description',
  Sequence: 'description',
}

export const sgcache: Caller = { name: 'sgcache', auth: { script_name: 'sgcache', script_key: 'sandbox-key' } }
export const farm: Caller = { name: 'renderfarm', auth: { script_name: 'renderfarm', script_key: 'farm-key' } }
export const ivy: Caller = { name: 'ivy', auth: { user_login: 'ivy', user_password: 'sandbox' } }
/** Its writes leave no events. */
export const noisy: Caller = { name: 'noisy-import', auth: { script_name: 'noisy-import', script_key: 'noisy-key' } }

export interface Site {
  readonly sandbox: Sandbox
  readonly url: string
  /** Of an HTTP proxy through which it is reached. */
  readonly proxyPort: number
  /** Scripts of the writers through sgcache, each its own. They share the answers of `sgcache`. */
  readonly tools: readonly Caller[]
  /** Asks the site itself; throws on a fault. */
  call(caller: Caller, method: string, args: unknown): unknown
  ids(type: string, condition?: unknown): readonly number[]
  close(): Promise<void>
}

export async function openSite(seed: number, tools: number): Promise<Site> {
  const sandbox = createSandbox({ size: 'tiny', seed, switches: { eventLagMs: timing.eventLagMs } })
  const call = (caller: Caller, method: string, args: unknown): unknown => {
    const reply = sandbox.call({ method_name: method, params: [caller.auth, args] }) as Reply
    if (reply.exception) throw new Error(`${method} as ${caller.name}: ${reply.message}`)
    return reply.results
  }
  const { address, close } = await sandbox.listen({ port: 0 })
  const tunnel = await openTunnel()
  return {
    sandbox,
    url: address,
    proxyPort: tunnel.port,
    tools: Array.from({ length: tools }, (_, index) => addScript(call, `tool-${index + 1}`)),
    call,
    ids: (type, condition) => {
      const results = call(sgcache, 'read', {
        type,
        return_fields: ['id'],
        filters: { logical_operator: 'and', conditions: condition === undefined ? [] : [condition] },
        return_only: 'active',
        paging: { entities_per_page: 500, current_page: 1 },
      })
      return (results as { entities: EntityLink[] }).entities.map(({ id }) => id)
    },
    close: async () => {
      await tunnel.close()
      await close()
    },
  }
}

interface Reply {
  readonly exception?: boolean
  readonly message?: string
  readonly results?: unknown
}

/** A script that sees everything and leaves events. */
function addScript(call: Site['call'], name: string): Caller {
  const key = `${name}-key`
  const fields = {
    firstname: name,
    lastname: '1',
    salted_password: key,
    generate_event_log_entries: true,
    permission_rule_set: { type: 'PermissionRuleSet', id: 5 },
  }
  const list = Object.entries(fields).map(([field_name, value]) => ({ field_name, value }))
  call(sgcache, 'create', { type: 'ApiUser', fields: list })
  return { name, auth: { script_name: name, script_key: key } }
}
