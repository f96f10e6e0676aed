/**
 * What a request beside the JSON-RPC may change: uploads, and the REST API. Pure; judged by method, path and the
 * beginning of the body, since bodies of gigabytes are not read.
 */
import type { ChangeRecord } from '../../cache/change.ts'
import { consequencesOf } from '../../freshness/consequences.ts'
import { changeOf, flushOf } from '../../freshness/side-effects-of-writes.ts'
import { isLink, type Schema } from '../../shotgrid/schema.ts'

export interface PassedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: string
  readonly contentType: string
  /** The first part of the body. */
  readonly head: Buffer
}

/** Whether what the request changes is told by the beginning of its body. */
export function tellsInBody({ method, path }: Pick<PassedRequest, 'method' | 'path'>): boolean {
  return method === 'POST' && fileWrites.has(path)
}

export function effectsOfPass(request: PassedRequest, schema: Schema | undefined): readonly ChangeRecord[] {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return []
  if (request.path.startsWith(signIn)) return []
  if (request.path.startsWith('/upload/')) return effectsOfUpload(request, schema)
  return request.path.startsWith('/api/v1') ? effectsOfRest(request, schema) : [unclear(request)]
}

/** How Toolkit signs somebody in with the browser: a request is made, and asked about until it is approved there. */
const signIn = '/internal_api/app_session_request'

function unclear({ method, path }: PassedRequest): ChangeRecord {
  return flushOf('*', `${method} ${path.slice(0, 100)}, of which it is not known what it changes`)
}

const fileWrites = new Set([
  '/upload/publish_thumbnail',
  '/upload/upload_file',
  '/upload/api_link_file',
  '/upload/share_thumbnail',
])

/** Steps on the way to a file that no row knows of yet. */
const filePreparations = new Set([
  '/upload/api_get_upload_link_info',
  '/upload/api_get_upload_link_for_part',
  '/upload/api_complete_multipart_upload',
  '/upload/get_thumbnail_url',
])

function effectsOfUpload(request: PassedRequest, schema: Schema | undefined): readonly ChangeRecord[] {
  if (filePreparations.has(request.path)) return []
  const targets = fileWrites.has(request.path) ? targetsOf(request) : []
  if (targets.length === 0 || !schema) return [unclear(request)]
  return [flushOf('Attachment', 'upload'), ...targets.flatMap((target) => fileChanges(target, schema))]
}

interface Target {
  readonly type: string
  readonly id: number
}

/** The fields that show files, of the row that got one. */
function fileChanges({ type, id }: Target, schema: Schema): readonly ChangeRecord[] {
  if (!schema.has(type)) return [flushOf(type, 'upload')]
  const fields = [...schema.fields(type).values()].filter(
    ({ dataType, validTypes }) =>
      dataType === 'url' || dataType === 'image' || (isLink(dataType) && validTypes.includes('Attachment')),
  )
  const changes = fields.map((field) => changeOf(type, field.name, 'upload', [id]))
  return changes.flatMap((change) => [change, ...consequencesOf(change, schema)])
}

function targetsOf(request: PassedRequest): readonly Target[] {
  const value = (name: string) => formValue(request, name)
  const shared = value('entities')
  if (request.path === '/upload/share_thumbnail') {
    const targets = (shared ?? '').split(',').map((text) => /^(\w+)_(\d+)$/.exec(text.trim()))
    return targets.every((target) => target !== null)
      ? targets.map(([, type, id]) => ({ type: type!, id: Number(id) }))
      : []
  }
  const [type, id] = [value('entity_type'), value('entity_id')]
  return type !== undefined && id !== undefined && /^\d+$/.test(id) ? [{ type, id: Number(id) }] : []
}

/** A field of a form, of either encoding, if it stands in the part of the body at hand. */
function formValue({ contentType, head }: PassedRequest, name: string): string | undefined {
  const text = head.toString('utf8')
  if (!contentType.startsWith('multipart/')) return new URLSearchParams(text).get(name) ?? undefined
  const part = new RegExp(`name="${name}"[^\\r\\n]*\\r?\\n(?:[^\\r\\n]+\\r?\\n)*\\r?\\n([^\\r\\n]*)\\r?\\n`).exec(text)
  return part?.[1]
}

/** Reads of the REST API that are sent as POST. */
const restReads = /\/(_search|_text_search|_summarize|_expand|auth\/access_token)$/

/** What it moves is each person's own, and in no cached answer. */
const personal = /\/_update_last_accessed$/

function effectsOfRest(request: PassedRequest, schema: Schema | undefined): readonly ChangeRecord[] {
  const { method, path } = request
  if ((method === 'POST' && restReads.test(path)) || personal.test(path)) return []
  if (/^\/api\/v1(\.\d+)?\/schema\//.test(path)) {
    return [{ source: 'write', kind: 'schema', type: '*', ids: 'any', field: 'any', reason: `REST ${method} ${path}` }]
  }
  const name = /^\/api\/v1(?:\.\d+)?\/entity\/(\w+)(?:\/\d+)?(?:\/|$)/.exec(path)?.[1]
  const type = name !== undefined && schema?.types.find((known) => restNames(known).includes(name))
  if (!type || !schema) return [unclear(request)]
  const mayCascade = method === 'DELETE' || request.query.includes('revive')
  return rowChanges(type, mayCascade, schema, `REST ${method} of a ${type}`)
}

/** Anything about any row of the type. */
function rowChanges(type: string, mayCascade: boolean, schema: Schema, reason: string): readonly ChangeRecord[] {
  const links = [...schema.fields(type).values()].filter((field) => isLink(field.dataType))
  const changes = ['any', ...links.map((field) => field.name)].map((field) => changeOf(type, field, reason))
  const retired: ChangeRecord = { source: 'write', kind: 'retire', type, ids: 'any', field: 'any', reason }
  return [
    ...[...new Set([type, 'Attachment', 'Task', 'TaskDependency'])].map((name) => flushOf(name, reason)),
    ...[...changes, ...(mayCascade ? [retired] : [])].flatMap((change) => consequencesOf(change, schema)),
  ]
}

/** `PublishedFile` is `published_files` in paths, and may be spelled as it is. */
function restNames(type: string): readonly string[] {
  const snake = type.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
  const plural = snake.endsWith('y')
    ? `${snake.slice(0, -1)}ies`
    : /(s|x|ch|sh)$/.test(snake)
      ? `${snake}es`
      : `${snake}s`
  return [type, snake, plural, `${snake}s`]
}
