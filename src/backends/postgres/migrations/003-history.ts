/**
 * The tables that people query, and what fills them. `docs/history.md` describes them.
 *
 * `event_inbox` takes the entries of ShotGrid's event log in the transaction that appends their changes, so that none
 * is lost; everything else is written a little later, by `src/records`, which keeps its place in `record_progress` in
 * the transaction of what it writes.
 *
 * Seqs grow from epoch to epoch, so a place in the log is told by its seq alone.
 */
import type { Migration } from '../migrate.ts'

export const history: Migration = {
  version: 3,
  name: 'history',
  compatibleFrom: 1,
  sql: (schema) => `
create table ${schema}.entities (
  entity_type text not null,
  entity_id bigint not null,
  project_id bigint,
  data jsonb not null,
  unsure text[] not null,
  retired boolean not null,
  fetched_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  seq bigint not null,
  primary key (entity_type, entity_id)
) with (fillfactor = 80);
comment on table ${schema}.entities is
  'Rows as last known. A field named in unsure may have changed since; so may any field if unsure holds a star.';
create index entities_data on ${schema}.entities using gin (data jsonb_path_ops);
create index entities_project on ${schema}.entities (project_id, entity_type);

create table ${schema}.entity_history (
  entity_type text not null,
  entity_id bigint not null,
  project_id bigint,
  data jsonb not null,
  retired boolean not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null,
  seq bigint not null,
  primary key (entity_type, entity_id, valid_to)
) partition by range (valid_to);
comment on table ${schema}.entity_history is 'How rows looked before they looked as in entities.';

create table ${schema}.query_cache (
  key text primary key,
  scope text not null,
  entity_type text not null,
  operation text not null,
  filters jsonb,
  fields jsonb,
  options jsonb,
  created_at timestamptz not null,
  fetched_at timestamptz,
  expires_at timestamptz,
  last_accessed timestamptz,
  hit_count bigint not null default 0,
  fetch_count bigint not null default 0,
  drop_count bigint not null default 0,
  bytes bigint,
  dropped_at timestamptz,
  dropped_reason text
) with (fillfactor = 70);
comment on table ${schema}.query_cache is
  'What was asked, how often it was answered from cache, and what made the answers untrue. Not the answers.';
create index query_cache_type on ${schema}.query_cache (entity_type);

create sequence ${schema}.event_log_id;
create table ${schema}.event_log (
  id bigint not null default nextval('${schema}.event_log_id'),
  at timestamptz not null,
  source text not null,
  sg_event_id bigint,
  event_type text,
  kind text not null,
  entity_type text,
  entity_id bigint,
  entity_ids bigint[],
  entity_name text,
  field text,
  old_value jsonb,
  new_value jsonb,
  added jsonb,
  removed jsonb,
  project_id bigint,
  actor_type text,
  actor_id bigint,
  actor_name text,
  session_uuid text,
  meta jsonb,
  reason text,
  is_consequence boolean not null,
  seq bigint not null,
  changes int not null,
  appended_at timestamptz not null,
  processed_at timestamptz not null,
  dropped bigint not null default 0,
  primary key (id, at),
  unique (sg_event_id, at)
) partition by range (at);
comment on table ${schema}.event_log is
  'The audit trail: every entry of ShotGrid''s event log, and every change of the change log that no such entry tells of.';
create index event_log_at on ${schema}.event_log (at);
create index event_log_entity on ${schema}.event_log (entity_type, entity_id, at);
create index event_log_entities on ${schema}.event_log using gin (entity_ids) where entity_ids is not null;
create index event_log_actor on ${schema}.event_log (actor_type, actor_id, at);
create index event_log_project on ${schema}.event_log (project_id, at);
create index event_log_seq on ${schema}.event_log (seq);

create table ${schema}.cache_stats (
  day date not null,
  endpoint text not null,
  request_count bigint not null default 0,
  hit_count bigint not null default 0,
  miss_count bigint not null default 0,
  stale_count bigint not null default 0,
  error_count bigint not null default 0,
  bytes bigint not null default 0,
  seconds double precision not null default 0,
  primary key (day, endpoint)
) with (fillfactor = 50);
comment on table ${schema}.cache_stats is 'Requests by endpoint and day (UTC), of all instances together.';

create table ${schema}.cache_latency (
  day date not null,
  endpoint text not null,
  upper_seconds double precision not null,
  request_count bigint not null,
  primary key (day, endpoint, upper_seconds)
) with (fillfactor = 50);
comment on table ${schema}.cache_latency is
  'How many requests took up to so many seconds, and longer than the next lower bound. Sums of rows are as good as rows.';

create table ${schema}.cache_stats_by_type (
  day date not null,
  scope text not null,
  entity_type text not null,
  hit_count bigint not null default 0,
  miss_count bigint not null default 0,
  bypass_count bigint not null default 0,
  stale_count bigint not null default 0,
  fetch_count bigint not null default 0,
  fetched_bytes bigint not null default 0,
  drop_count bigint not null default 0,
  primary key (day, scope, entity_type)
) with (fillfactor = 50);
comment on table ${schema}.cache_stats_by_type is 'Reads by type and day (UTC), of all instances together.';

create table ${schema}.event_inbox (
  id bigint primary key,
  seq bigint not null,
  changes int not null,
  appended_at double precision not null,
  event text not null
);
comment on table ${schema}.event_inbox is 'Entries of ShotGrid''s event log that are not in event_log yet.';
create index event_inbox_seq on ${schema}.event_inbox (seq);

create table ${schema}.record_progress (
  only_row boolean primary key default true check (only_row),
  epoch text not null default '',
  seq bigint not null default 0,
  recorded_at timestamptz,
  kept_at timestamptz
);
comment on table ${schema}.record_progress is
  'How far event_log and entities have come in the change log, and when partitions were last looked after.';
insert into ${schema}.record_progress default values;

create table ${schema}.record_instance (
  instance text primary key,
  flush bigint not null,
  flushed_at timestamptz not null
);
comment on table ${schema}.record_instance is 'The last counts that each instance has added, so that none are added twice.';

-- Fields that are not known are not marked; nothing can be less sure than a star.
create function ${schema}.marked(unsure text[], data jsonb, fields text[]) returns text[]
language sql immutable parallel safe as $$
  select case when '*' = any(unsure) then unsure when '*' = any(fields) then array['*'] else array(
    select distinct name from unnest(unsure || fields) as name where data ? name or name = 'retired' order by name
  ) end
$$;

-- As log_append, and takes what the follower has seen into the inbox in the same transaction. events: JSON, one a line:
-- {id, place, changes, event}, where place is that of the event's first record, or of the last of all if it has none.
create function ${schema}.log_append_seen(
  in_epoch text, in_at double precision, changes text, in_fence bigint, in_cursor jsonb, events text
) returns bigint language plpgsql as $$
declare
  last bigint := ${schema}.log_append(in_epoch, in_at, changes, in_fence, in_cursor);
  added bigint := coalesce(array_length(string_to_array(changes, E'\\n'), 1), 0);
begin
  insert into ${schema}.event_inbox (id, seq, changes, appended_at, event)
    select seen.id, last - added + seen.place, seen.changes, in_at, seen.event::text
    from string_to_table(events, E'\\n') as lines (line),
      json_to_record(line::json) as seen (id bigint, place bigint, changes int, event json)
    on conflict (id) do nothing;
  return last;
end $$;
`,
}
