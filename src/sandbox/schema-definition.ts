/**
 * The built-in schema of the simulated site: the types that pipelines use, with the fields they use. Syntax: see
 * `field-spec.ts`. A type's line ends with the sets of fields it shares with others.
 */

/** Fields that several types have. */
export const sharedFields: Readonly<Record<string, string>> = {
  project: 'project entity required indexed > Project',
  audit: `
    created_at date_time readonly
    created_by entity readonly > HumanUser ApiUser
    updated_at date_time readonly
    updated_by entity readonly > HumanUser ApiUser`,
  birth: `
    created_at date_time readonly
    created_by entity readonly > HumanUser ApiUser`,
  image: `
    image image
    filmstrip_image image`,
  tags: 'tags multi_entity > Tag',
}

export const typeDefinitions = `
Project: audit image tags
  name text required unique
  tank_name text
  code text
  sg_status list [ Active Bidding Hold Lost Archive ] = "Active"
  sg_description text
  archived checkbox
  is_template checkbox
  is_demo checkbox
  start_date date
  end_date date
  billboard image
  users multi_entity > HumanUser via ProjectUserConnection.project.user
  last_accessed_by_current_user date_time readonly perUser
  current_user_favorite checkbox perUser
  duration duration

ProjectUserConnection:
  project entity required indexed > Project
  user entity required indexed > HumanUser

Episode: project audit tags
  code text required
  sg_status_list status_list [ wtg ip fin omt ] = "wtg"
  description text
  sequences multi_entity > Sequence inverse Sequence.episode

Sequence: project audit image tags
  code text required
  description text
  sg_status_list status_list [ wtg ip fin omt ] = "wtg"
  episode entity indexed > Episode
  shots multi_entity > Shot inverse Shot.sg_sequence
  tasks multi_entity > Task inverse Task.entity
  notes multi_entity > Note inverse Note.note_links
  task_template entity > TaskTemplate
  shot_count summary computed

Shot: project audit image tags
  code text required
  description text
  sg_status_list status_list [ wtg rdy ip rev fin hld omt ] = "wtg"
  sg_sequence entity indexed > Sequence
  sg_shot_type list [ Regular VFX Full_CG ]
  sg_cut_in number
  sg_cut_out number
  sg_cut_duration number
  sg_cut_order number
  sg_complexity float
  sg_bid currency
  sg_progress percent
  sg_timecode_in timecode
  sg_length footage
  sg_delivery_date date
  sg_turnover_at date_time
  sg_is_hero checkbox
  color color
  assets multi_entity > Asset via AssetShotConnection.shot.asset
  tasks multi_entity > Task inverse Task.entity
  sg_versions multi_entity > Version inverse Version.entity
  notes multi_entity > Note inverse Note.note_links
  parent_shots multi_entity > Shot
  task_template entity > TaskTemplate
  tag_list tag_list
  open_notes_count summary computed
  smart_cut_summary calculated computed
  step_0 pivot_column computed

AssetShotConnection:
  asset entity required indexed > Asset
  shot entity required indexed > Shot

Asset: project audit image tags
  code text required
  description text
  sg_status_list status_list [ wtg rdy ip rev fin hld omt ] = "wtg"
  sg_asset_type list [ Character Prop Environment Vehicle FX ] = "Prop"
  shots multi_entity > Shot via AssetShotConnection.asset.shot
  parents multi_entity > Asset
  tasks multi_entity > Task inverse Task.entity
  sg_versions multi_entity > Version inverse Version.entity
  notes multi_entity > Note inverse Note.note_links
  task_template entity > TaskTemplate
  linked_projects multi_entity > Project via Asset_linked_projects_Connection.asset.project
  open_notes_count summary computed

Asset_linked_projects_Connection:
  asset entity required indexed > Asset
  project entity required indexed > Project

TaskTemplate: audit
  code text required
  entity_type entity_type
  tasks multi_entity > Task inverse Task.task_template

Task: audit image tags
  project entity indexed > Project
  content text required
  entity entity indexed > Shot Asset Sequence
  step entity indexed > Step
  sg_status_list status_list [ wtg rdy ip rev fin hld omt ] = "wtg"
  sg_description text
  sg_priority_1 list [ Low Normal High ]
  start_date date
  due_date date
  duration duration
  est_in_mins duration
  milestone checkbox
  pinned checkbox
  dependency_violation checkbox readonly
  color color = "pipeline_step"
  splits serializable
  sg_sort_order number
  task_assignees multi_entity > HumanUser Group
  task_reviewers multi_entity > HumanUser Group
  upstream_tasks multi_entity > Task via TaskDependency.dependent_task.task
  downstream_tasks multi_entity > Task via TaskDependency.task.dependent_task
  task_template entity indexed > TaskTemplate
  template_task entity > Task
  sg_versions multi_entity > Version inverse Version.sg_task
  notes multi_entity > Note inverse Note.tasks
  open_notes_count summary computed
  workload calculated computed

TaskDependency: audit
  task entity required indexed > Task
  dependent_task entity required indexed > Task
  offset_days number = 0
  dependency_type list [ finish-to-start start-to-start ] = "finish-to-start"

Step: audit
  code text required
  short_name text
  entity_type entity_type
  list_order number
  color color
  department entity > Department

Version: project audit image tags
  code text required
  description text
  sg_status_list status_list [ na rev vwd apr ] = "rev"
  entity entity indexed > Shot Asset Sequence
  sg_task entity indexed > Task
  user entity > HumanUser ApiUser
  sg_first_frame number
  sg_last_frame number
  frame_count number
  frame_range text
  frame_rate float
  sg_path_to_frames text
  sg_path_to_movie text
  sg_uploaded_movie url
  sg_uploaded_movie_mp4 url
  sg_uploaded_movie_webm url
  sg_uploaded_movie_frame_rate float
  client_approved checkbox
  playlists multi_entity > Playlist via PlaylistVersionConnection.version.playlist
  published_files multi_entity > PublishedFile inverse PublishedFile.version
  notes multi_entity > Note inverse Note.note_links
  viewed_by_current_user checkbox perUser
  viewed_by_current_user_at date_time readonly perUser
  open_notes_count summary computed

PublishedFileType: audit
  code text required
  short_name text

PublishedFile: project audit image tags
  code text required
  name text
  description text
  version_number number
  sg_status_list status_list [ wtg ip cmpt ] = "cmpt"
  entity entity indexed > Shot Asset Sequence
  task entity indexed > Task
  version entity indexed > Version
  published_file_type entity > PublishedFileType
  path url
  path_cache text
  path_cache_storage entity > LocalStorage
  upstream_published_files multi_entity > PublishedFile via PublishedFileDependency.published_file.dependent_published_file
  downstream_published_files multi_entity > PublishedFile via PublishedFileDependency.dependent_published_file.published_file

PublishedFileDependency: audit
  published_file entity required indexed > PublishedFile
  dependent_published_file entity required indexed > PublishedFile

Playlist: project audit image tags
  code text required
  description text
  sg_date_and_time date_time
  locked checkbox
  versions multi_entity > Version via PlaylistVersionConnection.playlist.version by sg_sort_order
  notes multi_entity > Note inverse Note.note_links
  media_center_viewed_by_current_user date_time readonly perUser

PlaylistVersionConnection:
  playlist entity required indexed > Playlist
  version entity required indexed > Version
  sg_sort_order number

HumanUser: audit image tags
  login text required unique
  firstname text
  lastname text
  name text readonly
  email text
  sg_status_list status_list [ act dis ] = "act"
  password_proxy password
  permission_rule_set entity indexed > PermissionRuleSet
  department entity > Department
  groups multi_entity > Group via GroupUserConnection.user.group
  projects multi_entity > Project via ProjectUserConnection.user.project

ApiUser: audit image
  firstname text required unique
  lastname text
  description text
  email text
  generate_event_log_entries checkbox
  permission_rule_set entity indexed > PermissionRuleSet
  salted_password password
  projects multi_entity > Project

Group: audit
  code text required
  users multi_entity > HumanUser via GroupUserConnection.group.user

GroupUserConnection:
  group entity required indexed > Group
  user entity required indexed > HumanUser

Department: audit
  code text
  name text required
  color color

PermissionRuleSet: audit
  code text required
  display_name text
  entity_type entity_type

Note: project audit tags
  subject text
  content text
  sg_status_list status_list [ opn ip clsd ] = "opn"
  sg_note_type list [ Client Internal ]
  user entity > HumanUser ApiUser
  note_links multi_entity indexed > Shot Asset Sequence Version Playlist
  tasks multi_entity indexed > Task
  addressings_to addressing > HumanUser Group
  addressings_cc addressing > HumanUser Group
  replies multi_entity > Reply inverse Reply.entity retires
  attachments multi_entity > Attachment
  client_note checkbox
  suppress_email_notif checkbox

Reply: birth
  content text required
  entity entity indexed > Note
  user entity > HumanUser ApiUser

Attachment: audit image
  project entity indexed > Project
  display_name text
  filename text readonly
  description text
  file_size number readonly
  this_file url
  attachment_links multi_entity indexed > Shot Asset Version Note PublishedFile Project Task

LocalStorage: audit
  code text required
  linux_path text
  mac_path text
  windows_path text

PipelineConfiguration: project audit
  code text required
  linux_path text
  mac_path text
  windows_path text
  plugin_ids text
  descriptor text
  users multi_entity > HumanUser

FilesystemLocation: project audit
  code text
  entity entity indexed > Shot Asset Sequence Project
  path url
  is_primary checkbox

Software: audit image
  code text required
  engine text
  version_names text
  linux_path text
  windows_path text
  sg_status_list status_list [ act dis ] = "act"
  projects multi_entity > Project

Status: audit
  code text required unique
  name text
  bg_color color
  icon text

Tag: audit
  name text required unique

Delivery: project audit
  title text required
  sg_status_list status_list [ wtg dlvr ] = "wtg"
  sg_due_date date

EventLogEntry:
  event_type text
  attribute_name text
  meta serializable
  entity entity
  project entity > Project
  user entity > HumanUser ApiUser
  session_uuid uuid
  created_at date_time
  description text
`
