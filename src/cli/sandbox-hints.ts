/** What a person can try with a sandbox: lines to copy into a terminal. Pure. */
import { formatDuration } from '../config/units.ts'

export interface SandboxHints {
  /** Where sgcache answers. */
  readonly address: string
  /** Where the simulated site answers. */
  readonly site: string
  /** A task to read and change, and a shot that it does not belong to. */
  readonly task: { readonly id: number; readonly status: string; readonly next: string }
  readonly otherShot: number
  readonly credentials: { readonly script: string; readonly key: string }
  readonly pollMs: number
  /** Whether callers need a token. */
  readonly needsToken: boolean
}

export function sandboxHints(hints: SandboxHints): string {
  const { address, site, task } = hints
  const bearer = hints.needsToken ? ' -H "authorization: Bearer $TOKEN"' : ''
  const query = {
    entity_type: 'Task',
    filters: [['entity', 'is', { type: 'Shot', id: hints.otherShot }]],
    fields: ['content', 'sg_status_list'],
  }
  const token = hints.needsToken ? '\n  TOKEN=$(sgcache token --subject me)' : ''
  return `
sgcache answers at ${address}, in front of a simulated ShotGrid site at ${site}.
${token}
Read a task, twice: "source" is "shotgrid" first, then "cache".
  curl -s${bearer} '${address}/entity/Task/${task.id}?fields=content,sg_status_list'

Ask for the tasks of a shot, twice as well.
  curl -s${bearer} ${address}/query -H 'content-type: application/json' -d '${JSON.stringify(query)}'

Change the first task at the site. The new value is served within ${formatDuration(hints.pollMs)} (events.poll); the query, which
the change cannot touch, stays a hit.
  curl -s ${site}/api3/json -H 'content-type: application/json' -d '${JSON.stringify(updateEnvelope(hints))}'

API reference: ${address}/docs   Figures: ${address}/metrics   Stop: Ctrl-C`
}

/** The call that a Python client makes for `sg.update("Task", id, {"sg_status_list": …})`. */
function updateEnvelope({ task, credentials }: SandboxHints): unknown {
  const auth = { script_name: credentials.script, script_key: credentials.key }
  const fields = [{ field_name: 'sg_status_list', value: task.next }]
  return { method_name: 'update', params: [auth, { type: 'Task', id: task.id, fields }] }
}
