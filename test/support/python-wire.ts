/** How `shotgun_api3` puts calls on the wire and takes replies off it, call by call. */

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** One POST to `/api3/json`. Rejects if the connection closes without an answer. */
export type Post = (body: Buffer, headers: Readonly<Record<string, string>>) => Promise<HttpReply>

export type Table = Readonly<Record<string, unknown>>

export type PythonRow = Table & { readonly type: string; readonly id: number }
/** `['code', 'is', 'sh010']`, or a group. */
export type PythonFilter =
  | readonly unknown[]
  | { readonly filter_operator: string; readonly filters: readonly PythonFilter[] }

export interface FindOptions {
  readonly order?: readonly { readonly field_name: string; readonly direction?: 'asc' | 'desc' }[]
  readonly filterOperator?: 'all' | 'any'
  readonly limit?: number
  readonly page?: number
  readonly retiredOnly?: boolean
  readonly includeArchivedProjects?: boolean
  readonly presets?: readonly Table[]
}

/** What the client raises when the site refuses. */
export class PythonFault extends Error {
  readonly code: number | undefined

  constructor(message: string, code: number | undefined) {
    super(message)
    this.name = code === 102 ? 'AuthenticationFault' : 'Fault'
    this.code = code
  }
}

/** What the client raises on a status of 300 and above. */
export class ProtocolError extends Error {
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.name = 'ProtocolError'
    this.status = status
  }
}

export function decoded({ headers, body }: HttpReply): unknown {
  const type = String(headers['content-type'] ?? 'application/json')
  if (body.length === 0 || !/^(application\/json|text\/javascript)/.test(type)) return body.toString()
  const reply = JSON.parse(body.toString()) as unknown
  if (typeof reply !== 'object' || reply === null || Array.isArray(reply)) return reply
  const { exception, message, error_code: code } = reply as Table
  if (exception) throw new PythonFault(String(message), typeof code === 'number' ? code : undefined)
  return 'results' in reply ? reply.results : reply
}

export function fieldList(values: Table, modes: Readonly<Record<string, string>> = {}): readonly Table[] {
  return Object.entries(values).map(([name, value]) => ({
    field_name: name,
    value,
    ...(modes[name] && { multi_entity_update_mode: modes[name] }),
  }))
}

export function isEntity(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value
}

/** JSON as Python writes it: a blank after each comma and colon, letters as they are. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item)}`).join(', ')}}`
}
