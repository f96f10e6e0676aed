/** The types and fields that pipelines ask of most sites. */
import { Schema, type WireField } from '../../../src/shotgrid/schema.ts'

const field = (dataType: string, ...validTypes: string[]): WireField => ({
  data_type: { value: dataType, editable: true },
  properties: { valid_types: { value: validTypes } },
})
const text = field('text')
const number = field('number')
const date = field('date_time')
const image = field('image')
const project = field('entity', 'Project')
const person = field('entity', 'HumanUser')
const status = field('status_list')
const item = {
  code: text,
  project,
  sg_status_list: status,
  image,
  updated_at: date,
  updated_by: person,
  created_at: date,
}

export const pipelineSchema = new Schema({
  Project: {
    name: text,
    tank_name: text,
    archived: field('checkbox'),
    is_template: field('checkbox'),
    last_accessed_by_current_user: date,
    users: field('multi_entity', 'HumanUser'),
    image,
  },
  HumanUser: { login: text, name: text, firstname: text, lastname: text, image, sg_status_list: status },
  PipelineConfiguration: {
    code: text,
    project,
    linux_path: text,
    users: field('multi_entity', 'HumanUser'),
    plugin_ids: text,
  },
  LocalStorage: { code: text, linux_path: text, windows_path: text, mac_path: text },
  Shot: {
    ...item,
    sg_sequence: field('entity', 'Sequence'),
    assets: field('multi_entity', 'Asset'),
    tasks: field('multi_entity', 'Task'),
    sg_cut_in: number,
    open_notes_count: field('summary'),
    followers: field('multi_entity', 'HumanUser'),
  },
  Asset: { ...item, sg_asset_type: field('list'), shots: field('multi_entity', 'Shot') },
  Sequence: { ...item, shots: field('multi_entity', 'Shot') },
  Task: {
    content: text,
    project,
    entity: field('entity', 'Shot', 'Asset', 'Sequence'),
    step: field('entity', 'Step'),
    task_assignees: field('multi_entity', 'HumanUser'),
    sg_status_list: status,
    due_date: field('date'),
  },
  Version: {
    ...item,
    entity: field('entity', 'Shot', 'Asset'),
    sg_task: field('entity', 'Task'),
    sg_uploaded_movie: field('url'),
  },
  PublishedFile: {
    ...item,
    entity: field('entity', 'Shot', 'Asset'),
    task: field('entity', 'Task'),
    published_file_type: field('entity', 'PublishedFileType'),
    version_number: number,
    path: field('url'),
    path_cache: text,
    created_by: person,
  },
  Playlist: { ...item, versions: field('multi_entity', 'Version') },
  PublishedFileType: { code: text },
  Step: { code: text, short_name: text, color: field('color') },
  Status: { code: text, name: text },
  Software: { code: text, windows_path: text, projects: field('multi_entity', 'Project') },
  FilesystemLocation: {
    code: text,
    project,
    path: field('url'),
    entity: field('entity', 'Shot', 'Asset'),
    is_primary: field('checkbox'),
  },
  EventLogEntry: { event_type: text, project },
  Attachment: { this_file: field('url'), filename: text },
  PlaylistVersionConnection: {
    sg_sort_order: number,
    playlist: field('entity', 'Playlist'),
    version: field('entity', 'Version'),
  },
})
