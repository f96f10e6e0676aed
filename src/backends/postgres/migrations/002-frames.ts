/**
 * Entries, as frames (`cache/frame.ts`), in the table that `@keyv/postgres` works with: it writes `key` and `value`.
 *
 * When a frame may go is taken out of its first line, so that the expired can be found by an index. Within JSON text the
 * quotes of a name are escaped, so nothing but the member itself looks like `"keepUntil":`. A frame without one, of a
 * version to come, stays until that version takes care of it.
 */
import type { Migration } from '../migrate.ts'

export const frames: Migration = {
  version: 2,
  name: 'frames',
  compatibleFrom: 1,
  sql: (schema) => `
create table ${schema}.frame (
  key varchar(1024) collate "C" primary key,
  value text not null,
  keep_until bigint generated always as
    (substring(left(value, 8192) from '^sgc[^\\n]*"keepUntil":([0-9]{1,18})')::bigint) stored
);
create index frame_keep_until on ${schema}.frame (keep_until);
comment on table ${schema}.frame is
  'Cached replies, for the caches to read. keep_until: ms since 1970. For people there are entities and query_cache.';

create table ${schema}.cached_type (
  type text primary key,
  until timestamptz not null
);
comment on table ${schema}.cached_type is
  'Entity types that cached replies depend on, of all processes, for the one that looks for silent changes.';

-- Quicker in both directions than the default, where the server was built with it.
do $$
begin
  if exists (select from pg_settings where name = 'default_toast_compression' and 'lz4' = any (enumvals)) then
    alter table ${schema}.frame alter column value set compression lz4;
  end if;
end $$;
`,
}
