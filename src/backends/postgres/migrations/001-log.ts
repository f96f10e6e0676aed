/**
 * The change log and what belongs to it: who takes part, and where the follower is.
 *
 * Each step is a function, so that it is one round trip and one transaction, and can take the log's lock before it looks
 * at anything. *Alone*, a step sees all that others have done and nobody does anything meanwhile; renewals share the
 * lock among themselves only. So whoever appends, or asks who is behind, has either seen a renewal, or comes before it
 * and is seen by it (rules 8 and 13). The lock is given up after the commit.
 *
 * Every step is durable before it is answered, whatever the server's `synchronous_commit`: a server that was killed and
 * recovers goes on with the same epoch, so it must not have forgotten a change, a member or a lease. If the server waits
 * for a synchronous standby, so does every step.
 *
 * Times are the server's own. A clock that was set back would keep the dead in for that long, so times from the future
 * are moved to now. Nothing helps against a clock that is set forward by more than the slack of the leases: let the
 * server's clock be slewed.
 */
import type { Migration } from '../migrate.ts'

/** SQLSTATEs of ours. */
export const epochEnded = 'SG001'
export const fenced = 'SG002'

const lockClass = 0x5347_6c67

export const log: Migration = {
  version: 1,
  name: 'log',
  compatibleFrom: 1,
  sql: (schema) => `
create table ${schema}.site (
  only_row boolean primary key default true check (only_row),
  name text not null
);
comment on table ${schema}.site is 'The ShotGrid site that all here is of. Ids mean nothing at another.';

create table ${schema}.log_head (
  only_row boolean primary key default true check (only_row),
  epoch text not null,
  server text not null,
  head bigint not null,
  coverage bigint not null,
  begun_at timestamptz not null,
  opens_at timestamptz not null
) with (fillfactor = 20);
comment on table ${schema}.log_head is
  'Where the change log is. server: the identity that the epoch is bound to. Changes up to coverage are gone.';

create table ${schema}.log_change (
  seq bigint primary key,
  at double precision not null,
  change text not null
);
comment on table ${schema}.log_change is
  'The newest changes, as JSON, for the caches to follow. For people there is event_log.';

create table ${schema}.log_member (
  member text primary key,
  applied bigint not null,
  needed bigint not null,
  renewed_at timestamptz not null,
  until timestamptz not null
) with (fillfactor = 20);
comment on table ${schema}.log_member is
  'Processes that may answer from cache: what they have applied, and what they had to apply before they might answer.';

create table ${schema}.log_follower (
  only_row boolean primary key default true check (only_row),
  cursor jsonb,
  fence bigint not null default 0,
  holder text,
  held_since timestamptz,
  until timestamptz
) with (fillfactor = 20);
comment on table ${schema}.log_follower is 'Where the follower of ShotGrid''s event log is, and which process it is.';
insert into ${schema}.log_follower default values;

-- Errors on a standby, as nothing there may be relied on.
create function ${schema}.log_server() returns text language sql stable as $$
  select system_identifier::text || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) from pg_control_system()
$$;

create function ${schema}.log_lock(alone boolean) returns void language plpgsql as $$
begin
  -- With another isolation, what is read would be as of before the lock.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'the change log needs default_transaction_isolation = ''read committed''';
  end if;
  if current_setting('synchronous_commit') not in ('on', 'remote_apply') then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  if alone then
    perform pg_advisory_xact_lock(${lockClass}, hashtext('${schema}'));
  else
    perform pg_advisory_xact_lock_shared(${lockClass}, hashtext('${schema}'));
  end if;
end $$;

-- Takes the lock, and fails if the log is not in this epoch, or not on the server that the epoch is bound to.
create function ${schema}.log_in(in_epoch text, alone boolean) returns ${schema}.log_head language plpgsql as $$
declare
  found_head ${schema}.log_head;
begin
  perform ${schema}.log_lock(alone);
  select * into found_head from ${schema}.log_head where epoch = in_epoch and server = ${schema}.log_server();
  if not found then
    raise exception 'the epoch % has ended', in_epoch using errcode = '${epochEnded}';
  end if;
  return found_head;
end $$;

create function ${schema}.log_enter(
  new_epoch text, quarantine_ms double precision, known_seq bigint,
  out epoch text, out head bigint, out coverage bigint, out opens_in_ms double precision
) language plpgsql as $$
declare
  here ${schema}.log_head;
  now_at timestamptz;
begin
  perform ${schema}.log_lock(true);
  now_at := clock_timestamp();
  select * into here from ${schema}.log_head;
  -- Seqs grow from epoch to epoch, so one that is not reached shows that changes were lost, in whatever epoch.
  if not found or here.server <> ${schema}.log_server() or here.head < known_seq then
    here.only_row := true;
    here.epoch := new_epoch;
    here.server := ${schema}.log_server();
    here.head := greatest(here.head, known_seq, floor(extract(epoch from now_at) * 1000)::bigint) + 1;
    here.coverage := here.head;
    here.begun_at := now_at;
    here.opens_at := now_at + quarantine_ms * interval '1 millisecond';
    delete from ${schema}.log_head;
    insert into ${schema}.log_head values (here.*);
    delete from ${schema}.log_member;
    update ${schema}.log_follower set fence = fence + 1, holder = null, held_since = null, until = null;
  end if;
  epoch := here.epoch;
  head := here.head;
  coverage := here.coverage;
  opens_in_ms := greatest(0, extract(epoch from here.opens_at - now_at) * 1000);
end $$;

-- changes: JSON, one a line, or null. The seq of the last one, or the head.
create function ${schema}.log_append(
  in_epoch text, in_at double precision, changes text, in_fence bigint, in_cursor jsonb
) returns bigint language plpgsql as $$
declare
  last bigint := (${schema}.log_in(in_epoch, true)).head;
  added bigint;
begin
  if in_fence is not null then
    update ${schema}.log_follower set cursor = in_cursor, fence = in_fence where fence <= in_fence;
    if not found then
      raise exception 'fenced' using errcode = '${fenced}', detail = (select fence from ${schema}.log_follower);
    end if;
  end if;
  if changes is null then
    return last;
  end if;
  insert into ${schema}.log_change (seq, at, change)
    select last + place, in_at, line from string_to_table(changes, E'\\n') with ordinality as lines (line, place);
  get diagnostics added = row_count;
  last := last + added;
  update ${schema}.log_head set head = last;
  perform pg_notify('${channelOf(schema)}', last::text);
  return last;
end $$;

create function ${schema}.log_renew(
  in_epoch text, in_member text, in_applied bigint, forget_ms double precision,
  out head bigint, out opens_in_ms double precision, out joined boolean, out members bigint
) language plpgsql as $$
declare
  here ${schema}.log_head := ${schema}.log_in(in_epoch, false);
  known ${schema}.log_member;
  now_at timestamptz;
begin
  select * into known from ${schema}.log_member where member = in_member for update;
  -- After the row is locked: an earlier renewal of this member may have been under way.
  now_at := clock_timestamp();
  joined := known.member is null or known.until <= now_at;
  if joined then
    known.needed := here.head;
  end if;
  insert into ${schema}.log_member as old (member, applied, needed, renewed_at, until)
    values (in_member, in_applied, known.needed, now_at, now_at + forget_ms * interval '1 millisecond')
    on conflict (member) do update set
      applied = greatest(old.applied, excluded.applied), needed = excluded.needed,
      renewed_at = excluded.renewed_at, until = excluded.until;
  -- Said again until it is heeded: the answer that said it first may have been lost.
  joined := joined or in_applied < known.needed;
  head := here.head;
  opens_in_ms := greatest(0, extract(epoch from here.opens_at - now_at) * 1000);
  members := (select count(*) from ${schema}.log_member where until > now_at);
end $$;

create function ${schema}.log_behind(in_epoch text, in_seq bigint) returns bigint language plpgsql as $$
declare
  here ${schema}.log_head := ${schema}.log_in(in_epoch, true);
  now_at timestamptz := clock_timestamp();
begin
  return (select count(*) from ${schema}.log_member where until > now_at and applied < in_seq)
    + case when here.opens_at > now_at then 1 else 0 end;
end $$;

create function ${schema}.log_leave(in_epoch text, in_member text) returns void language plpgsql as $$
begin
  perform ${schema}.log_in(in_epoch, false);
  delete from ${schema}.log_member where member = in_member;
end $$;

-- The fence, or null if another member holds the lease. Also keeps the tables in order, as it is called now and then.
create function ${schema}.log_lease(
  in_epoch text, in_member text, hold_ms double precision
) returns bigint language plpgsql as $$
declare
  now_at timestamptz;
  lease ${schema}.log_follower;
begin
  perform ${schema}.log_in(in_epoch, true);
  now_at := clock_timestamp();
  update ${schema}.log_head set opens_at = now_at + (opens_at - begun_at), begun_at = now_at where begun_at > now_at;
  update ${schema}.log_member set until = now_at + (until - renewed_at), renewed_at = now_at where renewed_at > now_at;
  update ${schema}.log_follower set until = now_at + (until - held_since), held_since = now_at
    where held_since > now_at;
  delete from ${schema}.log_member where until < now_at - interval '1 minute';
  select * into lease from ${schema}.log_follower;
  if lease.until > now_at and lease.holder <> in_member then
    return null;
  end if;
  if lease.until > now_at then
    update ${schema}.log_follower set held_since = now_at, until = now_at + hold_ms * interval '1 millisecond';
    return lease.fence;
  end if;
  update ${schema}.log_follower set
    fence = fence + 1, holder = in_member, held_since = now_at, until = now_at + hold_ms * interval '1 millisecond';
  return lease.fence + 1;
end $$;

create function ${schema}.log_release(in_epoch text, in_member text) returns void language plpgsql as $$
begin
  perform ${schema}.log_in(in_epoch, true);
  update ${schema}.log_follower set holder = null, held_since = null, until = null where holder = in_member;
end $$;

-- Gives up all but the newest changes. The rows are deleted later, in batches.
create function ${schema}.log_trim(in_epoch text, keep bigint) returns void language plpgsql as $$
begin
  perform ${schema}.log_in(in_epoch, true);
  update ${schema}.log_head set coverage = greatest(coverage, head - keep);
end $$;
`,
}

/** Where an append is made known: channels and schemas have names of the same length. `schema` is quoted. */
export function channelOf(schema: string): string {
  return schema.slice(1, -1)
}
