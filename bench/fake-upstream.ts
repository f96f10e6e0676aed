/**
 * A site that costs nothing: canned rows, a small schema, and an event log that grows by one event at each look, so
 * that the change log moves while hits are measured. In the process of the server, behind its transport.
 */

import type { WireField } from '../src/shotgrid/schema.ts'
import type { Transport } from '../src/shotgrid/transport.ts'
import type { Envelope, ReadArgs } from '../src/shotgrid/wire.ts'
import { entityRow } from './workloads.ts'

export function fakeUpstream(): Transport {
  let lastEvent = 3
  return async ({ body }) => {
    const { method_name, params } = JSON.parse(body.toString()) as Envelope
    const args = params[1] as ReadArgs // of a read; other methods do not look at it
    const results =
      method_name === 'schema_read' ? benchSchema : { entities: rowsOf(args), paging_info: pagingOf(args) }
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ results })),
    }
  }

  function rowsOf(args: ReadArgs): readonly object[] {
    if (args.type === 'EventLogEntry') return events(args)
    if (args.type !== 'Shot') return []
    const [leaf] = args.filters.conditions
    const isEntity = leaf && 'path' in leaf && leaf.path === 'id'
    if (isEntity) return [entityRow(Number(leaf.values[0]))]
    return Array.from({ length: args.paging.entities_per_page }, (_, at) => entityRow(at + 1))
  }

  /** A follower that asks for what is after the last event gets one more. */
  function events(args: ReadArgs): readonly object[] {
    const text = JSON.stringify(args.filters)
    if (args.sorts?.some((sort) => sort.direction === 'desc')) return [event(lastEvent)]
    const after = Number(/"greater_than","values":\[(\d+)\]/.exec(text)?.[1] ?? Number.NaN)
    if (!(after >= 0)) return []
    if (after >= lastEvent - 1) lastEvent += 1 // it asks from the one it has, to see that it is still there
    return Array.from({ length: lastEvent - after }, (_, at) => event(after + at + 1))
  }
}

/** Somebody writes the description of a shot that nobody has cached: of the type, of a field that is shown, of no row. */
function event(id: number): object {
  return {
    type: 'EventLogEntry',
    id,
    event_type: 'Shotgun_Shot_Change',
    attribute_name: 'sg_cut_order',
    meta: {
      type: 'attribute_change',
      entity_type: 'Shot',
      entity_id: 500_000 + id,
      attribute_name: 'sg_cut_order',
      field_data_type: 'number',
      old_value: 1,
      new_value: 2,
    },
    entity: { type: 'Shot', id: 500_000 + id, name: 'other' },
    project: { type: 'Project', id: 70, name: 'Northern Lights' },
    user: { type: 'HumanUser', id: 5, name: 'somebody' },
    session_uuid: null,
    created_at: new Date(Math.floor(Date.now() / 1000) * 1000).toISOString().replace('.000', ''),
  }
}

function pagingOf(args: ReadArgs): object {
  const { current_page, entities_per_page } = args.paging
  return { current_page, entities_per_page, ...(args.return_paging_info_without_counts && { has_next_page: false }) }
}

const field = (value: string, validTypes: readonly string[] = []): WireField => ({
  data_type: { value, editable: false },
  editable: { value: true },
  properties: { valid_types: { value: validTypes } },
})

const named = { id: field('number'), code: field('text'), name: field('text'), updated_at: field('date_time') }

export const benchSchema = {
  Shot: {
    ...named,
    description: field('text'),
    sg_status_list: field('status_list'),
    sg_cut_order: field('number'),
    project: field('entity', ['Project']),
    sg_sequence: field('entity', ['Sequence']),
    assets: field('multi_entity', ['Asset']),
    tags: field('multi_entity', ['Tag']),
  },
  Project: named,
  Sequence: { ...named, project: field('entity', ['Project']) },
  Asset: { ...named, project: field('entity', ['Project']) },
  Tag: named,
  HumanUser: { ...named, login: field('text') },
  EventLogEntry: { ...named, event_type: field('text'), meta: field('serializable') },
}
