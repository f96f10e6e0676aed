/** What people ask of their tables, as views and functions. `docs/history.md` shows how to ask them. */
import type { Migration } from '../migrate.ts'

export const questions: Migration = {
  version: 4,
  name: 'questions',
  compatibleFrom: 1,
  sql: (schema) => `
-- Bounds ascend; the last may be infinite. Within a bucket, values are taken as spread evenly.
create function ${schema}.latency_percentile(
  share double precision, bounds double precision[], counts bigint[]
) returns double precision language sql immutable parallel safe as $$
  with bucket as (
    select bound, lag(bound, 1, 0::double precision) over spread as lower, count,
      sum(count) over spread as upto, sum(count) over () as total
    from unnest(bounds, counts) as given (bound, count)
    window spread as (order by bound)
  )
  select case when bound = 'infinity' then lower else lower + (bound - lower) * (share * total - (upto - count)) / count end
  from bucket where upto >= share * total and count > 0 order by bound limit 1
$$;

create view ${schema}.entity_versions as
  select entity_type, entity_id, project_id, data, retired, updated_at as valid_from, null::timestamptz as valid_to, seq
    from ${schema}.entities
  union all
  select entity_type, entity_id, project_id, data, retired, valid_from, valid_to, seq from ${schema}.entity_history;
comment on view ${schema}.entity_versions is 'How rows look (valid_to is null) and looked.';

create function ${schema}.entities_at(of_type text, at timestamptz) returns table (
  entity_type text, entity_id bigint, project_id bigint, data jsonb, retired boolean,
  valid_from timestamptz, valid_to timestamptz
) language sql stable parallel safe as $$
  select entity_type, entity_id, project_id, data, retired, updated_at, null::timestamptz
    from ${schema}.entities where entity_type = of_type and updated_at <= at
  union all
  select entity_type, entity_id, project_id, data, retired, valid_from, valid_to
    from ${schema}.entity_history where entity_type = of_type and valid_to > at and valid_from <= at
$$;

create function ${schema}.entity_at(of_type text, of_id bigint, at timestamptz) returns table (
  entity_type text, entity_id bigint, project_id bigint, data jsonb, retired boolean,
  valid_from timestamptz, valid_to timestamptz
) language sql stable parallel safe as $$
  select entity_type, entity_id, project_id, data, retired, updated_at, null::timestamptz
    from ${schema}.entities where entity_type = of_type and entity_id = of_id and updated_at <= at
  union all
  select entity_type, entity_id, project_id, data, retired, valid_from, valid_to
    from ${schema}.entity_history
    where entity_type = of_type and entity_id = of_id and valid_to > at and valid_from <= at
$$;

create view ${schema}.top_queries as
  select key, scope, entity_type, operation, filters, fields, options, hit_count, fetch_count,
    round(hit_count::numeric / nullif(hit_count + fetch_count, 0), 4) as hit_ratio, bytes, last_accessed
  from ${schema}.query_cache order by hit_count desc;
comment on view ${schema}.top_queries is 'What is asked, the most often answered from cache first.';

create view ${schema}.hit_ratio as
  select day, entity_type, sum(hit_count)::bigint as hits, sum(miss_count + bypass_count)::bigint as misses,
    sum(stale_count)::bigint as stale,
    round(sum(hit_count) / nullif(sum(hit_count + miss_count + bypass_count), 0), 4) as hit_ratio
  from ${schema}.cache_stats_by_type group by day, entity_type having sum(hit_count + miss_count + bypass_count) > 0;
comment on view ${schema}.hit_ratio is 'How many reads were answered from cache, by day and type.';

create view ${schema}.who_changed_what as
  select at, actor_type, actor_id, actor_name, kind, entity_type, entity_id, entity_name, field,
    old_value, new_value, added, removed, project_id, sg_event_id
  from ${schema}.event_log
  where source = 'event' and kind in ('create', 'change', 'retire', 'revive')
    and (meta -> 'in_create') is distinct from 'true'::jsonb
    and coalesce(meta -> 'actual_attribute_changed', 'null'::jsonb) = 'null'::jsonb;
comment on view ${schema}.who_changed_what is
  'Edits by people and scripts: without the fields set at a birth, and without the far sides of links.';

create view ${schema}.busiest_scripts as
  select (at at time zone 'UTC')::date as day, actor_id as script_id, actor_name as script, count(*) as events,
    count(*) filter (where kind = 'create') as creates, count(*) filter (where kind = 'change') as changes,
    count(*) filter (where kind = 'retire') as retirements, sum(dropped)::bigint as dropped
  from ${schema}.event_log where source = 'event' and actor_type = 'ApiUser' group by 1, 2, 3;
comment on view ${schema}.busiest_scripts is 'Events that scripts caused, by day (UTC), and answers these made untrue.';

create view ${schema}.what_was_dropped as
  select (at at time zone 'UTC')::date as day, source, kind, entity_type, field, count(*) as causes,
    sum(dropped)::bigint as dropped
  from ${schema}.event_log where dropped > 0 group by 1, 2, 3, 4, 5;
comment on view ${schema}.what_was_dropped is 'Cached answers that became untrue, by day (UTC) and by what made them so.';

create view ${schema}.dropped_queries as
  select key, scope, entity_type, operation, filters, fields, drop_count, dropped_at, dropped_reason
  from ${schema}.query_cache where dropped_at is not null order by dropped_at desc;
comment on view ${schema}.dropped_queries is 'Queries whose answer a change has made untrue, the latest first.';

create function ${schema}.latency(from_day date, to_day date) returns table (
  endpoint text, requests bigint, p50_ms double precision, p95_ms double precision, p99_ms double precision
) language sql stable parallel safe as $$
  with merged as (
    select endpoint, upper_seconds, sum(request_count)::bigint as count
    from ${schema}.cache_latency where day between from_day and to_day group by endpoint, upper_seconds
  ), series as (
    select endpoint, sum(count)::bigint as requests, array_agg(upper_seconds order by upper_seconds) as bounds,
      array_agg(count order by upper_seconds) as counts
    from merged group by endpoint
  )
  select endpoint, requests, 1000 * ${schema}.latency_percentile(0.5, bounds, counts),
    1000 * ${schema}.latency_percentile(0.95, bounds, counts), 1000 * ${schema}.latency_percentile(0.99, bounds, counts)
  from series
$$;

create view ${schema}.slowest_endpoints as
  select day, series.* from (select distinct day from ${schema}.cache_latency) as days,
    lateral ${schema}.latency(day, day) as series;
comment on view ${schema}.slowest_endpoints is 'How long requests took, by day (UTC) and endpoint, in milliseconds.';
`,
}
