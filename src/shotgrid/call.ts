/**
 * A *call*: what a client asks, in canonical form, so that the same question asked in two ways is one call.
 *
 * Canonical means: object keys sorted, links trimmed to `{type, id}` (only these select), return fields sorted and
 * unique, defaults filled in, empty groups kept. The order of filter values and sorts is meaningful and stays.
 */

import type { FilterGroup, FilterLeaf, FilterNode, ReadArgs, SummarizeArgs } from './wire.ts'
import { isGroup } from './wire.ts'

export interface ReadCall {
  readonly operation: 'read'
  readonly type: string
  readonly fields: readonly string[]
  readonly filters: FilterGroup
  readonly sorts: readonly { readonly path: string; readonly direction: 'asc' | 'desc' }[]
  readonly page: number
  readonly perPage: number
  readonly retired: boolean
  readonly includeArchived: boolean
  readonly presets: readonly Record<string, unknown>[]
  readonly imageUrls: boolean
  /** What the reply says about further pages: nothing, `has_next_page`, or totals. */
  readonly paging: 'none' | 'next' | 'counts'
}

export interface SummarizeCall {
  readonly operation: 'summarize'
  readonly type: string
  readonly filters: FilterGroup
  readonly summaries: readonly { readonly field: string; readonly type: string }[]
  readonly grouping: readonly { readonly field: string; readonly type: string; readonly direction: 'asc' | 'desc' }[]
  readonly includeArchived: boolean
}

export type Call = ReadCall | SummarizeCall

export function readCall(args: ReadArgs): ReadCall {
  return {
    operation: 'read',
    type: args.type,
    fields: [...new Set(args.return_fields)].sort(),
    filters: canonicalFilters(args.filters) as FilterGroup, // a group stays a group
    sorts: (args.sorts ?? []).map((sort) => ({ path: sort.field_name, direction: sort.direction ?? 'asc' })),
    page: args.paging.current_page,
    perPage: args.paging.entities_per_page,
    retired: args.return_only === 'retired',
    includeArchived: args.include_archived_projects ?? true,
    presets: args.additional_filter_presets ?? [],
    imageUrls: args.api_return_image_urls ?? false,
    paging: args.return_paging_info ? 'counts' : args.return_paging_info_without_counts ? 'next' : 'none',
  }
}

/** The arguments that ask the call: what `find` of the Python client would send. */
export function readArgs(call: ReadCall): ReadArgs {
  return {
    type: call.type,
    return_fields: call.fields,
    filters: call.filters,
    return_only: call.retired ? 'retired' : 'active',
    paging: { entities_per_page: call.perPage, current_page: call.page },
    ...(call.sorts.length > 0 && {
      sorts: call.sorts.map(({ path, direction }) => ({ field_name: path, direction })),
    }),
    ...(!call.includeArchived && { include_archived_projects: false }),
    ...(call.presets.length > 0 && { additional_filter_presets: call.presets }),
    ...(call.imageUrls && { api_return_image_urls: true }),
    ...(call.paging === 'counts' ? { return_paging_info: true } : {}),
    ...(call.paging !== 'counts' && { return_paging_info_without_counts: call.paging === 'next' }),
  }
}

export function summarizeCall(args: SummarizeArgs): SummarizeCall {
  return {
    operation: 'summarize',
    type: args.type,
    filters: canonicalFilters(args.filters) as FilterGroup, // a group stays a group
    summaries: args.summaries.map(({ field, type }) => ({ field, type })),
    grouping: (args.grouping ?? []).map(({ field, type, direction }) => ({
      field,
      type,
      direction: direction ?? 'asc',
    })),
    includeArchived: args.include_archived_projects ?? true,
  }
}

export function summarizeArgs(call: SummarizeCall): SummarizeArgs {
  return {
    type: call.type,
    filters: call.filters,
    summaries: call.summaries,
    ...(call.grouping.length > 0 && { grouping: call.grouping }),
    ...(!call.includeArchived && { include_archived_projects: false }),
  }
}

/** What to send for a call whose operation is the method's name. */
export function callArgs(call: Call): ReadArgs | SummarizeArgs {
  return call.operation === 'read' ? readArgs(call) : summarizeArgs(call)
}

/** Canonical text: equal for equal calls, and JSON again when parsed. */
export function callText(call: Call): string {
  return JSON.stringify(sortKeys(call))
}

/** Back from `callText`. Only ever given text that `callText` made. */
export function parseCall(text: string): Call {
  return JSON.parse(text) as Call
}

function canonicalFilters(node: FilterNode): FilterNode {
  if (isGroup(node)) {
    return { logical_operator: node.logical_operator, conditions: node.conditions.map(canonicalFilters) }
  }
  const leaf: FilterLeaf = { path: node.path, relation: node.relation, values: node.values.map(trimLink) }
  return leaf
}

/** Links select by `type` and `id` alone; older clients send whole rows. */
function trimLink(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { type, id } = value as { type?: unknown; id?: unknown }
  return type !== undefined && id !== undefined ? { type, id } : value
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  )
}
