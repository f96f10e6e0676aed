/**
 * Sends exactly what `shotgun_api3` v3.10 sends, and takes answers as it does: the handshake, the pages of `find`, the
 * envelopes, which arguments are left out, the trimming of links in filters, the tries after a failure.
 *
 * Written from the protocol, not from the client's code. `keyOrder` stands for Python's hash seed: it decides the order
 * of keys in trimmed links, which differs from one process to the next.
 */
import type { AuthParams } from '../../src/shotgrid/wire.ts'
import {
  decoded,
  type FindOptions,
  fieldList,
  type HttpReply,
  isEntity,
  type Post,
  ProtocolError,
  PythonFault,
  type PythonFilter,
  type PythonRow,
  pythonJson,
  type Table,
} from './python-wire.ts'

export interface PythonClientOptions {
  readonly post: Post
  readonly auth: AuthParams
  readonly sudoAsLogin?: string
  readonly sessionUuid?: string
  readonly extraAuth?: Readonly<Record<string, unknown>>
  readonly localized?: boolean
  /** Send again as the real client does: on 502 and 504, and once when the connection closes unanswered. */
  readonly retries?: boolean
  readonly keyOrder?: 'forward' | 'backward'
}

interface Page {
  readonly entities: readonly PythonRow[]
  readonly paging_info?: { readonly has_next_page?: boolean }
}

const shown = ['id', 'type', 'url', 'name', 'content_type', 'local_path', 'storage', 'relative_path']
const trimmedRelations = ['is', 'is_not', 'in', 'not_in']

export class PythonClient {
  readonly #options: PythonClientOptions
  #pageSize: number | undefined
  /** Headers of the last reply. */
  lastHeaders: HttpReply['headers'] = {}

  constructor(options: PythonClientOptions) {
    this.#options = options
  }

  /** What the constructor of the real client asks. */
  async info(): Promise<Table> {
    const info = (await this.call('info')) as Table
    this.#pageSize = Number(info.api_max_entities_per_page ?? 500)
    return info
  }

  async find(
    type: string,
    filters: readonly PythonFilter[] | Table,
    fields: readonly string[] = [],
    options: FindOptions = {},
  ): Promise<PythonRow[]> {
    if (this.#pageSize === undefined) await this.info()
    const most = this.#pageSize!
    const { limit = 0, page } = options
    const isOnePage = (limit > 0 && limit <= most) || page !== undefined
    const rows: PythonRow[] = []
    for (let current = page ?? 1; ; current += 1) {
      const perPage = limit > 0 && limit <= most ? limit : most
      const args = this.#readArgs(type, filters, fields, options, perPage, current, !isOnePage)
      const { entities, paging_info: paging } = (await this.call('read', args)) as Page
      rows.push(...entities)
      if (isOnePage || !paging?.has_next_page || (limit > 0 && rows.length >= limit)) break
    }
    return limit > 0 ? rows.slice(0, limit) : rows
  }

  async findOne(
    type: string,
    filters: readonly PythonFilter[],
    fields: readonly string[] = [],
    options: Omit<FindOptions, 'limit'> = {},
  ): Promise<PythonRow | null> {
    return (await this.find(type, filters, fields, { ...options, limit: 1 }))[0] ?? null
  }

  /** An ordinary read with that person's credentials: the login check of applications. */
  async authenticateHumanUser(login: string, password: string): Promise<PythonRow | null> {
    const person = new PythonClient({ ...this.#options, auth: { user_login: login, user_password: password } })
    const filters = [
      ['sg_status_list', 'is', 'act'],
      ['login', 'is', login],
    ]
    try {
      return await person.findOne('HumanUser', filters, ['id', 'login'])
    } catch (error) {
      if (error instanceof PythonFault) return null
      throw error
    }
  }

  async create(type: string, values: Table, returnFields: readonly string[] = []): Promise<PythonRow> {
    const args = { type, fields: fieldList(values), return_fields: ['id', ...returnFields] }
    const row = await this.call('create', args)
    return (Array.isArray(row) ? row[0] : row) as PythonRow
  }

  update(type: string, id: number, values: Table, modes: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return this.call('update', { type, id, fields: fieldList(values, modes) })
  }

  delete(type: string, id: number): Promise<unknown> {
    return this.call('delete', { type, id })
  }

  revive(type: string, id: number): Promise<unknown> {
    return this.call('revive', { type, id })
  }

  /** Requests as the caller of the real client writes them. Links are not trimmed in a batch. */
  batch(requests: readonly Table[]): Promise<unknown> {
    const wire = requests.map(({ request_type: request, entity_type: type, entity_id: id, data }) => {
      if (request === 'create')
        return { request_type: request, type, fields: fieldList(data as Table), return_fields: ['id'] }
      if (request === 'update') return { request_type: request, type, id, fields: fieldList(data as Table) }
      return { request_type: request, type, id }
    })
    return this.call('batch', wire)
  }

  summarize(
    type: string,
    filters: readonly PythonFilter[],
    summaries: readonly Table[],
    grouping?: readonly Table[],
    includeArchivedProjects = true,
  ): Promise<unknown> {
    return this.call('summarize', {
      type,
      summaries,
      filters: this.#tree(filters, 'all'),
      ...(grouping && { grouping }),
      ...(!includeArchivedProjects && { include_archived_projects: false }),
    })
  }

  schemaRead(project?: Table): Promise<unknown> {
    return this.call('schema_read', project && { project })
  }

  schemaEntityRead(project?: Table): Promise<unknown> {
    return this.call('schema_entity_read', project && { project })
  }

  schemaFieldRead(type: string, field?: string, project?: Table): Promise<unknown> {
    return this.call('schema_field_read', { type, ...(field && { field_name: field }), ...(project && { project }) })
  }

  /** Any method by its name on the wire. */
  async call(method: string, args?: unknown): Promise<unknown> {
    const isEmpty = args === undefined || (typeof args === 'object' && args !== null && Object.keys(args).length === 0)
    const params = method === 'info' ? [] : isEmpty ? [this.#auth()] : [this.#auth(), args]
    const reply = await this.#send(Buffer.from(pythonJson({ method_name: method, params })))
    this.lastHeaders = reply.headers
    if (reply.status >= 300) throw new ProtocolError(reply.status)
    return decoded(reply)
  }

  #auth(): AuthParams {
    const { auth, sudoAsLogin, sessionUuid, extraAuth } = this.#options
    return {
      ...auth,
      ...(auth.session_token !== undefined && { reject_if_expired: true }),
      ...(sessionUuid && { session_uuid: sessionUuid }),
      ...(sudoAsLogin && { sudo_as_login: sudoAsLogin }),
      ...extraAuth,
    }
  }

  #readArgs(
    type: string,
    filters: readonly PythonFilter[] | Table,
    fields: readonly string[],
    options: FindOptions,
    perPage: number,
    page: number,
    asksForMore: boolean,
  ): Table {
    return {
      type,
      return_fields: fields.length > 0 ? fields : ['id'],
      filters: Array.isArray(filters) ? this.#tree(filters, options.filterOperator ?? 'all') : filters,
      return_only: options.retiredOnly ? 'retired' : 'active',
      paging: { entities_per_page: perPage, current_page: page },
      return_paging_info_without_counts: asksForMore,
      ...(options.order && {
        sorts: options.order.map(({ field_name, direction = 'asc' }) => ({ field_name, direction })),
      }),
      ...(options.includeArchivedProjects === false && { include_archived_projects: false }),
      ...(options.presets && { additional_filter_presets: options.presets }),
      api_return_image_urls: true,
    }
  }

  #tree(filters: readonly PythonFilter[], operator: string): Table {
    const isAny = operator === 'any' || operator === 'or'
    return { logical_operator: isAny ? 'or' : 'and', conditions: filters.map((filter) => this.#node(filter)) }
  }

  #node(filter: PythonFilter): Table {
    if ('filters' in filter) return this.#tree(filter.filters, filter.filter_operator)
    const [path, relation, ...rest] = filter
    const values: readonly unknown[] = rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest
    const isTrimmed = path !== 'id' && trimmedRelations.includes(String(relation)) && isEntity(values[0])
    return { path, relation, values: isTrimmed ? values.map((value) => this.#trimmed(value)) : values }
  }

  #trimmed(value: unknown): unknown {
    if (!isEntity(value)) return value
    const entries = Object.entries(value).filter(([key]) => shown.includes(key))
    return Object.fromEntries(this.#options.keyOrder === 'backward' ? entries.reverse() : entries)
  }

  async #send(body: Buffer): Promise<HttpReply> {
    const { post, retries, localized } = this.#options
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      connection: 'keep-alive',
      'user-agent': 'shotgun-json (3.10.0); Python 3.11 (Linux); ssl OpenSSL 3.0.0 (no-validate)',
      'accept-encoding': 'gzip, deflate',
      ...(localized && { locale: 'auto' }),
    }
    for (let tries = 1; ; tries += 1) {
      const reply = await post(body, headers).catch((error: unknown) => {
        if (!retries || tries > 1) throw error
        return undefined
      })
      if (reply && !(retries && tries < 3 && (reply.status === 502 || reply.status === 504))) return reply
    }
  }
}
