/**
 * The workloads: which requests are sent, and which bytes a bare server answers them with.
 *
 * Rows are made up with text of several scripts, so that they do not flatter anybody's string handling.
 */
import { SignJWT } from 'jose'

export type WorkloadName = 'entity' | 'query' | 'large' | '304' | 'row' | 'find_one' | 'find'

export interface Workload {
  readonly name: WorkloadName
  readonly title: string
  readonly method: 'GET' | 'POST'
  readonly connections: number
  /** CPU per request over the bare server's: what has to be reached, and what is aimed at. */
  readonly limit: number
  readonly aim: number
}

export const workloads: readonly Workload[] = [
  { name: 'entity', title: 'entity of 1.5 KB, GET, 1000 ids', method: 'GET', connections: 64, limit: 1.45, aim: 1.25 },
  {
    name: 'query',
    title: 'query reply of 60 KB, POST, 100 bodies',
    method: 'POST',
    connections: 64,
    limit: 1.65,
    aim: 1.25,
  },
  { name: 'large', title: 'reply of 1.5 MB, POST, 8 bodies', method: 'POST', connections: 16, limit: 1.4, aim: 1.2 },
  { name: '304', title: '304 on an entity, against the bare 200', method: 'GET', connections: 64, limit: 1, aim: 1 },
]

export const jwtKey = 'a-key-for-measuring-only-32-bytes-long'

export const entityFields = [
  'code',
  'description',
  'sg_status_list',
  'project',
  'sg_sequence',
  'assets',
  'tags',
  'updated_at',
]

const text = 'Плащ на ветру, 夕暮れの海辺で風が強い。 Rim light from the left, mist in the valley. '

export function entityRow(id: number): object {
  return {
    type: 'Shot',
    id,
    code: `sq${String(id % 97).padStart(3, '0')}_sh${String(id).padStart(4, '0')}`,
    description: `${id}: ${text.repeat(10)}`,
    sg_status_list: ['wtg', 'ip', 'rev', 'fin'][id % 4],
    project: { type: 'Project', id: 70, name: 'Northern Lights' },
    sg_sequence: { type: 'Sequence', id: (id % 97) + 1, name: `sq${id % 97}` },
    assets: [id % 50, (id % 50) + 1].map((asset) => ({ type: 'Asset', id: asset + 1, name: `asset${asset}` })),
    tags: [],
    updated_at: '2026-11-01T10:00:00Z',
  }
}

/** As many rows as a query of this workload gives. */
export const queryRows = { query: 40, large: 1000 } as const

/** One row, asked for as a query. */
function rowBody(id: number): string {
  const asked = { entity_type: 'Shot', filters: [['id', 'is', id]], fields: entityFields, limit: 1, page: 1 }
  return JSON.stringify(asked)
}

/** What `shotgun_api3` sends for the same two questions. */
function callBody(name: 'find_one' | 'find', index: number): string {
  const leaf = (path: string, relation: string, ...values: unknown[]) => ({ path, relation, values })
  const many = [
    leaf('project', 'is', { type: 'Project', id: 70 }),
    leaf('sg_status_list', 'in', 'ip', 'rev'),
    leaf('code', 'contains', `sh${index}`),
    {
      logical_operator: 'or',
      conditions: [leaf('id', 'greater_than', index), leaf('description', 'is_not', null)],
    },
  ]
  const args = {
    type: 'Shot',
    return_fields: entityFields,
    filters: { logical_operator: 'and', conditions: name === 'find' ? many : [leaf('id', 'is', index + 1)] },
    return_only: 'active',
    paging: { entities_per_page: name === 'find' ? queryRows.query : 1, current_page: 1 },
    ...(name === 'find' && { sorts: [{ field_name: 'code', direction: 'asc' }] }),
    api_return_image_urls: true,
    return_paging_info_without_counts: false,
  }
  const auth = { script_name: 'bench', script_key: 'bench-key' }
  return JSON.stringify({ method_name: 'read', params: [auth, args] })
}

export function queryBody(name: 'query' | 'large', index: number): string {
  return JSON.stringify({
    entity_type: 'Shot',
    filters: [
      ['project', 'is', { type: 'Project', id: 70 }],
      ['sg_status_list', 'in', ['ip', 'rev']],
      ['code', 'contains', `sh${index}`],
      {
        filter_operator: 'any',
        filters: [
          ['id', 'greater_than', index],
          ['description', 'is_not', null],
        ],
      },
    ],
    fields: entityFields,
    order: [{ field_name: 'code', direction: 'asc' }],
    limit: queryRows[name],
    page: 1,
  })
}

/** The body of a hit, for the bare server. */
export function replyBody(name: WorkloadName): Buffer {
  if (name === 'find_one' || name === 'find') {
    const rows = name === 'find' ? queryRows.query : 1
    const entities = Array.from({ length: rows }, (_, at) => entityRow(at + 1))
    const results = { entities, paging_info: { current_page: 1, entities_per_page: rows } }
    return Buffer.from(JSON.stringify({ results }))
  }
  if (name === 'row') {
    return Buffer.from(JSON.stringify({ data: [entityRow(1)], has_more: false, source: 'cache' }))
  }
  if (name === 'entity' || name === '304') {
    return Buffer.from(JSON.stringify({ data: entityRow(1), source: 'cache' }))
  }
  const data = Array.from({ length: queryRows[name] }, (_, at) => entityRow(at + 1))
  return Buffer.from(JSON.stringify({ data, has_more: false, source: 'cache' }))
}

/** `etagOf`: the validator of an entity, for 304. */
export function requestsOf(name: WorkloadName, token: string, etagOf: (id: number) => string = () => ''): Buffer[] {
  const client = 'Host: 127.0.0.1\r\nUser-Agent: bench\r\n'
  const common = `${client}Authorization: Bearer ${token}\r\n`
  const post = (path: string, body: string, headers = common) => {
    const length = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
    return Buffer.from(`POST ${path} HTTP/1.1\r\n${headers}${length}\r\n${body}`)
  }
  if (name === 'query' || name === 'large') {
    return Array.from({ length: name === 'query' ? 100 : 8 }, (_, index) => post('/query', queryBody(name, index)))
  }
  if (name === 'row') return Array.from({ length: 1000 }, (_, index) => post('/query', rowBody(index + 1)))
  if (name === 'find_one' || name === 'find') {
    return Array.from({ length: name === 'find' ? 100 : 1000 }, (_, index) =>
      post('/api3/json', callBody(name, index), client),
    )
  }
  return Array.from({ length: 1000 }, (_, index) => {
    const condition = name === '304' ? `If-None-Match: ${etagOf(index + 1)}\r\n` : ''
    return Buffer.from(`GET ${entityPath(index + 1)} HTTP/1.1\r\n${common}${condition}\r\n`)
  })
}

export function entityPath(id: number): string {
  return `/entity/Shot/${id}?fields=${entityFields.join(',')}`
}

export function mint(): Promise<string> {
  return new SignJWT({ scope: 'default' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject('bench')
    .setAudience('sgcache')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(jwtKey))
}
