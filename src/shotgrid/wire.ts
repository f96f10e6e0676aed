/**
 * The shapes of ShotGrid's JSON-RPC (`POST /api3/json`), as the Python client sends and expects them.
 *
 * Source of every shape: the public `shotgun_api3` client, v3.10. Errors are HTTP 200 with `exception: true`.
 */

/** A row reference on the wire. `name` is the target's display name at read time. */
export interface EntityLink {
  readonly type: string
  readonly id: number
  readonly name?: string
}

export interface FilterGroup {
  readonly logical_operator: 'and' | 'or'
  readonly conditions: readonly FilterNode[]
}

export interface FilterLeaf {
  /** A field, or a dotted path `field.Type.field`. */
  readonly path: string
  readonly relation: string
  readonly values: readonly unknown[]
}

export type FilterNode = FilterGroup | FilterLeaf

export function isGroup(node: FilterNode): node is FilterGroup {
  return 'conditions' in node
}

export interface SortKey {
  readonly field_name: string
  readonly direction?: 'asc' | 'desc'
}

/** The arguments of `read`, which `find` and `find_one` send. */
export interface ReadArgs {
  readonly type: string
  readonly return_fields: readonly string[]
  readonly filters: FilterGroup
  readonly return_only: 'active' | 'retired'
  readonly paging: { readonly entities_per_page: number; readonly current_page: number }
  readonly sorts?: readonly SortKey[]
  readonly include_archived_projects?: boolean
  readonly additional_filter_presets?: readonly Record<string, unknown>[]
  readonly api_return_image_urls?: boolean
  /** Asks for `has_next_page`. */
  readonly return_paging_info_without_counts?: boolean
  /** Asks for totals (servers before 7.4). */
  readonly return_paging_info?: boolean
}

export interface SummarizeArgs {
  readonly type: string
  readonly filters: FilterGroup
  readonly summaries: readonly { readonly field: string; readonly type: string }[]
  readonly grouping?: readonly { readonly field: string; readonly type: string; readonly direction?: 'asc' | 'desc' }[]
  readonly include_archived_projects?: boolean
}

/** The first element of `params`. Other keys (`session_uuid`, `product`, …) travel along untouched. */
export interface AuthParams {
  readonly script_name?: string
  readonly script_key?: string
  readonly user_login?: string
  readonly user_password?: string
  readonly auth_token?: string
  readonly session_token?: string
  readonly sudo_as_login?: string
  readonly session_uuid?: string
  readonly [extra: string]: unknown
}

export interface Envelope {
  readonly method_name: string
  /** `[]` (info), `[auth]`, or `[auth, args]`. */
  readonly params: readonly unknown[]
}

/** A row as `read` returns it: always `type` and `id`, then the fields asked for. */
export type Row = { readonly type: string; readonly id: number } & Readonly<Record<string, unknown>>

export interface PagingInfo {
  readonly current_page: number
  readonly entities_per_page: number
  readonly has_next_page?: boolean
  readonly entity_count?: number
  readonly page_count?: number
}

export interface ReadResults {
  readonly entities: readonly Row[]
  readonly paging_info?: PagingInfo
}

export interface Fault {
  readonly exception: true
  readonly message: string
  readonly error_code?: number
}

/** Fault codes of the site: see the client's exception classes. */
export const faultCode = {
  unexpected: 100,
  authentication: 102,
  malformed: 103,
  refused: 104,
  twoFactorMissing: 106,
  ssoLogin: 108,
  autodeskIdentity: 110,
} as const

/** A row of ShotGrid's event log, with the fields the follower asks for. */
export interface EventLogEntry {
  readonly type: 'EventLogEntry'
  readonly id: number
  /** `<App>_<EntityType>_<Action>`; the type may itself contain underscores and digits. */
  readonly event_type: string
  readonly attribute_name: string | null
  readonly meta: Readonly<Record<string, unknown>> | null
  /** The row concerned, resolved at read time: null as soon as that row is retired, also on old events. */
  readonly entity: EntityLink | null
  readonly project: EntityLink | null
  readonly user: EntityLink | null
  readonly session_uuid: string | null
  /** `YYYY-MM-DDTHH:MM:SSZ`, whole seconds. */
  readonly created_at: string
}
