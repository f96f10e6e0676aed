/** The schema of the tiny site: few types, but every kind of link, inverse and data type that freshness knows. */
import { Schema, type WireField } from '../../../src/shotgrid/schema.ts'

const field = (dataType: string, ...validTypes: string[]): WireField => ({
  data_type: { value: dataType, editable: true },
  properties: { valid_types: { value: validTypes } },
})

const audited = {
  project: field('entity', 'Project'),
  updated_at: field('date_time'),
  updated_by: field('entity', 'HumanUser'),
}

export const tinySchema = new Schema({
  Project: { name: field('text'), archived: field('checkbox'), sg_status_list: field('status_list') },
  Sequence: { code: field('text'), shots: field('multi_entity', 'Shot'), project: audited.project },
  Shot: {
    ...audited,
    code: field('text'),
    description: field('text'),
    sg_status_list: field('status_list'),
    sg_cut_order: field('number'),
    sg_speed: field('float'),
    due: field('date'),
    sg_sequence: field('entity', 'Sequence'),
    assets: field('multi_entity', 'Asset'),
    tasks: field('multi_entity', 'Task'),
  },
  Asset: { code: field('text'), project: audited.project, shots: field('multi_entity', 'Shot') },
  Task: {
    ...audited,
    content: field('text'),
    cached_display_name: field('text'),
    sg_status_list: field('status_list'),
    entity: field('entity', 'Shot', 'Asset'),
    task_assignees: field('multi_entity', 'HumanUser'),
    upstream_tasks: field('multi_entity', 'Task'),
    downstream_tasks: field('multi_entity', 'Task'),
    start: field('date_time'),
    milestone: field('checkbox'),
  },
  HumanUser: { name: field('text'), firstname: field('text'), lastname: field('text') },
})

/** Pairs of link fields that are two sides of one fact. */
export const inversePairs: readonly (readonly [string, string])[] = [
  ['Shot.sg_sequence', 'Sequence.shots'],
  ['Shot.assets', 'Asset.shots'],
  ['Task.entity', 'Shot.tasks'],
  ['Task.upstream_tasks', 'Task.downstream_tasks'],
]

/** Values to choose from, by field; links are chosen among the rows. */
export const vocabulary: Readonly<Record<string, readonly unknown[]>> = {
  name: ['Alpha', 'Beta'],
  code: ['sh_010', 'SH_010', 'shx010', 'tree', 'Trêe'],
  description: [null, 'a_b', 'axb', 'done'],
  content: ['anim', 'Anim', 'comp'],
  firstname: ['Ann', 'Bob'],
  lastname: ['Lee', 'Ray'],
  archived: [true, false],
  milestone: [true, false],
  sg_status_list: ['wtg', 'ip', 'fin', null],
  sg_cut_order: [null, 0, 10, 20],
  sg_speed: [null, 1, 1.5, 2.25],
  due: [null, '2026-03-09', '2026-03-12', '2026-04-01'],
  start: [null, '2026-03-09T12:00:00Z', '2026-03-12T00:00:00Z', '2026-04-01T09:30:00Z'],
  updated_at: ['2026-03-01T00:00:00Z'],
}
