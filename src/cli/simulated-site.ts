/** Starts the simulated site on a port of this machine, and picks rows of it to show what sgcache does. */
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts'
import type { ReadResults, Row } from '../shotgrid/wire.ts'

/** The built-in script of the sandbox; it sees everything. */
export const sandboxCredentials = { script: 'sgcache', key: 'sandbox-key' }

export interface SiteOptions {
  readonly seed: number
  readonly size: 'studio' | 'large'
  /** Writes per second that the studio makes by itself; 0 for a quiet one. */
  readonly activity: number
  readonly port: number
  readonly host: string
}

export interface SimulatedSite {
  readonly address: string
  examples(): SiteExamples
  close(): Promise<void>
}

/** Rows to try things with. */
export interface SiteExamples {
  readonly task: { readonly id: number; readonly status: string; readonly next: string }
  /** A shot that the task does not belong to. */
  readonly otherShot: number
}

export async function openSite({ seed, size, activity, port, host }: SiteOptions): Promise<SimulatedSite> {
  const sandbox = createSandbox({ seed, size, activity })
  const { address, close } = await sandbox.listen({ port, host })
  return { address, close, examples: () => examplesOf(sandbox) }
}

/** The settings of a server in front of the site, whatever else is configured. */
export function settingsFor(site: SimulatedSite): Readonly<Record<string, unknown>> {
  return {
    'shotgrid.url': site.address,
    'shotgrid.script': sandboxCredentials.script,
    'shotgrid.key': sandboxCredentials.key,
    'shotgrid.sees': 'everything',
    'shotgrid.ca_file': undefined,
    'shotgrid.proxy': undefined,
  }
}

function examplesOf(sandbox: Sandbox): SiteExamples {
  const ofShots = { path: 'entity', relation: 'type_is', values: ['Shot'] }
  const tasks = find(sandbox, 'Task', ['sg_status_list', 'entity'], [ofShots])
  const [task] = tasks
  const other = tasks.find((one) => shotOf(one) !== shotOf(task))
  if (!task || !other) throw new Error('the simulated site has no tasks of two shots')
  const status = String(task.sg_status_list)
  return { task: { id: task.id, status, next: status === 'fin' ? 'ip' : 'fin' }, otherShot: shotOf(other)! }
}

function shotOf(task: Row | undefined): number | undefined {
  return (task?.entity as Row | null | undefined)?.id // the filter asks for tasks of shots
}

function find(sandbox: Sandbox, type: string, fields: readonly string[], conditions: readonly unknown[]) {
  const auth = { script_name: sandboxCredentials.script, script_key: sandboxCredentials.key }
  const args = {
    type,
    return_fields: fields,
    filters: { logical_operator: 'and', conditions },
    return_only: 'active',
    paging: { entities_per_page: 200, current_page: 1 },
  }
  const reply = sandbox.call({ method_name: 'read', params: [auth, args] })
  return (reply as { results: ReadResults }).results.entities // the site's own words for this call
}
