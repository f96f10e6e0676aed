/**
 * The tables `entities` and `entity_history`: rows read and written many at a time, and marks set on rows that are not
 * read. All of it in the transaction of the caller, who holds the progress.
 *
 * A row that only became more or less sure is written without its `data`, which leaves the index of the data alone.
 */
import { plainJson } from '../backends/postgres/plain.ts'
import type { Query } from '../backends/postgres/pool.ts'
import type { RowRef } from '../cache/change.ts'
import type { Mark, MarkOfAll, MarkOfLinks } from './marks.ts'
import { ensurePartitions } from './partitions.ts'
import { looksOther, type RowState } from './row-state.ts'

/** How a row looked, until when (ms). */
export interface PastRow {
  readonly state: RowState
  readonly until: number
}

/** A row before and after what happened to it, and how it looked in between. */
export interface MovedRow {
  readonly before: RowState | undefined
  readonly after: RowState
  readonly past: readonly PastRow[]
}

export function rowKey({ type, id }: RowRef): string {
  return `${type} ${id}`
}

export class EntitiesTable {
  readonly #schema: string
  readonly #partitions = new Set<string>()

  constructor(schema: string) {
    this.#schema = schema
  }

  /** What is known of these rows, by `rowKey`. */
  async load(query: Query, refs: readonly RowRef[]): Promise<Map<string, RowState>> {
    const rows = await query<StoredRow>(
      `select e.entity_type as type, e.entity_id as id, project_id as project, data, unsure, retired as "isRetired",
         ${millis('fetched_at')} as "seenAt", ${millis('updated_at')} as since, seq
       from ${this.#schema}.entities e
       join json_to_recordset($1) as given (type text, id bigint) on e.entity_type = given.type and e.entity_id = given.id`,
      [JSON.stringify(refs.map(({ type, id }) => ({ type, id })))],
    )
    return new Map(rows.map((row) => [rowKey(row), row]))
  }

  /** `isAll`: also rows to which nothing has happened. */
  async save(query: Query, rows: readonly MovedRow[], now: number, isAll = false): Promise<void> {
    const isOther = ({ before, after }: MovedRow) => before === undefined || looksOther(before, after)
    await this.#keepPast(
      query,
      rows.flatMap(({ past }) => past),
    )
    await this.#write(query, rows.filter(isOther), now)
    await this.#touch(
      query,
      rows.filter((row) => !isOther(row) && (isAll || isWorthTouching(row))),
    )
  }

  /** Forgets which partitions are there, after they were found to be gone. */
  forgetPartitions(): void {
    this.#partitions.clear()
  }

  async #keepPast(query: Query, past: readonly PastRow[]): Promise<void> {
    if (past.length === 0) return
    const times = past.map(({ until }) => until)
    await ensurePartitions(query, this.#schema, 'entity_history', times, this.#partitions)
    await query(
      `insert into ${this.#schema}.entity_history
         (entity_type, entity_id, project_id, data, retired, valid_from, valid_to, seq)
       select type, id, project, data, "isRetired", ${fromMillis('since')}, ${fromMillis('until')}, seq
       from json_to_recordset($1) as given (type text, id bigint, project bigint, data jsonb, "isRetired" boolean,
         since double precision, until double precision, seq bigint)
       on conflict do nothing`,
      [plainJson(past.map(({ state, until }) => ({ ...state, until })))],
    )
  }

  async #write(query: Query, rows: readonly MovedRow[], now: number): Promise<void> {
    if (rows.length === 0) return
    await query(
      `insert into ${this.#schema}.entities
         (entity_type, entity_id, project_id, data, unsure, retired, fetched_at, created_at, updated_at, seq)
       select type, id, project, data, unsure, "isRetired", ${fromMillis('"seenAt"')}, ${fromMillis('$2')},
         ${fromMillis('since')}, seq
       from json_to_recordset($1) as given (${columns}, data jsonb)
       on conflict (entity_type, entity_id) do update set project_id = excluded.project_id, data = excluded.data,
         unsure = excluded.unsure, retired = excluded.retired, fetched_at = excluded.fetched_at,
         updated_at = excluded.updated_at, seq = excluded.seq`,
      [plainJson(rows.map(({ after }) => after)), now],
    )
  }

  async #touch(query: Query, rows: readonly MovedRow[]): Promise<void> {
    if (rows.length === 0) return
    await query(
      `update ${this.#schema}.entities e set project_id = given.project, unsure = given.unsure,
         fetched_at = ${fromMillis('given."seenAt"')}, seq = given.seq
       from json_to_recordset($1) as given (${columns})
       where e.entity_type = given.type and e.entity_id = given.id`,
      [JSON.stringify(rows.map(({ after: { data: _data, ...rest } }) => rest))],
    )
  }

  /** Marks rows that are not read. Rows that are written in the same transaction are written after it, marked or not. */
  async mark(query: Query, marks: readonly Mark[]): Promise<void> {
    for (const mark of marks) if (mark.kind === 'all') await this.#markAll(query, mark)
    await this.#markLinks(
      query,
      marks.filter((mark) => mark.kind === 'links'),
    )
  }

  async #markAll(query: Query, { type, fields, values }: MarkOfAll): Promise<void> {
    const held = Object.entries(values).map(([field, value]) => ({ field, probe: { [field]: value } }))
    await query(
      `update ${this.#schema}.entities e set unsure = ${this.#schema}.marked(unsure, data, $2)
       where (entity_type = $1 or $1 = '*') and unsure is distinct from ${this.#schema}.marked(unsure, data, $2)
         and not exists (select from json_to_recordset($3) as held (field text, probe jsonb)
           where e.data ? held.field and not e.data @> held.probe)`,
      [type, fields, plainJson(held)],
    )
  }

  async #markLinks(query: Query, marks: readonly MarkOfLinks[]): Promise<void> {
    if (marks.length === 0) return
    const probes = marks.flatMap((mark) =>
      mark.fields.map((field) => ({ type: mark.type, field, probe: probeOf(mark) })),
    )
    await query(
      `with holder as (
         select e.entity_type, e.entity_id, array_agg(link.field) as fields
         from json_to_recordset($1) as link (type text, field text, probe jsonb), lateral (
           select entity_type, entity_id from ${this.#schema}.entities
           where data @> link.probe and entity_type || '' = link.type
           offset 0 -- with the above, one look into the index of the data for each link; nothing else is as quick
         ) e
         group by 1, 2
       )
       update ${this.#schema}.entities e set unsure = ${this.#schema}.marked(e.unsure, e.data, holder.fields)
       from holder where e.entity_type = holder.entity_type and e.entity_id = holder.entity_id
         and e.unsure is distinct from ${this.#schema}.marked(e.unsure, e.data, holder.fields)`,
      [plainJson(probes)],
    )
  }
}

type StoredRow = RowState & Readonly<Record<string, unknown>>

const columns = `type text, id bigint, project bigint, unsure text[], "isRetired" boolean, "seenAt" double precision,
  since double precision, seq bigint`

function probeOf({ link, isList, to: { type, id } }: MarkOfLinks) {
  return { [link]: isList ? [{ type, id }] : { type, id } }
}

/** That a reply has shown a row again as it was is written now and then only. */
function isWorthTouching({ before, after }: MovedRow): boolean {
  if (!before || before.unsure.join() !== after.unsure.join() || before.project !== after.project) return true
  return (after.seenAt ?? 0) - (before.seenAt ?? 0) >= seenAgainMs
}

const seenAgainMs = 60_000

function millis(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::double precision`
}

function fromMillis(value: string): string {
  return `to_timestamp(${value}::double precision / 1000)`
}
