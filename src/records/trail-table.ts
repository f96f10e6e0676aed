/** The table `event_log`: lines are added once, and told later how many cached answers they made untrue. */
import type { Query } from '../backends/postgres/pool.ts'
import { ensurePartitions } from './partitions.ts'
import type { TrailLine } from './trail-line.ts'

/** How many entries a change made untrue. `eventId`: the event that told it, whose line bears the count. */
export interface Drops {
  readonly seq: number
  readonly eventId: number | null
  readonly count: number
}

export class TrailTable {
  readonly #schema: string
  readonly #partitions = new Set<string>()

  constructor(schema: string) {
    this.#schema = schema
  }

  /** Lines that are there already are left as they are. */
  async add(query: Query, lines: readonly TrailLine[], now: number): Promise<void> {
    if (lines.length === 0) return
    const times = lines.map(({ at }) => Date.parse(at))
    await ensurePartitions(query, this.#schema, 'event_log', times, this.#partitions)
    await query(
      `insert into ${this.#schema}.event_log (${names}, processed_at)
       select ${names.replace(jsonColumns, '$1::jsonb')}, to_timestamp($2 / 1000.0)
       from json_to_recordset($1) as line (${columns})
       order by appended_at, seq, sg_event_id
       on conflict do nothing`,
      [JSON.stringify(lines), now],
    )
  }

  async addDrops(query: Query, drops: readonly Drops[]): Promise<void> {
    const add = (key: string, given: readonly Drops[], condition: string) =>
      query(
        `update ${this.#schema}.event_log line set dropped = dropped + given.count
         from json_to_recordset($1) as given (seq bigint, "eventId" bigint, count bigint)
         where line.${key} and ${condition}`,
        [JSON.stringify(given)],
      )
    const ofEvents = drops.filter(({ eventId }) => eventId !== null)
    const others = drops.filter(({ eventId }) => eventId === null)
    if (ofEvents.length > 0) await add('sg_event_id = given."eventId"', ofEvents, 'true')
    if (others.length > 0) await add('seq = given.seq', others, 'line.sg_event_id is null')
  }

  forgetPartitions(): void {
    this.#partitions.clear()
  }
}

const types = {
  at: 'timestamptz',
  source: 'text',
  sg_event_id: 'bigint',
  event_type: 'text',
  kind: 'text',
  entity_type: 'text',
  entity_id: 'bigint',
  entity_ids: 'bigint[]',
  entity_name: 'text',
  field: 'text',
  // JSON text: a JSON null in the line would be SQL's null, which stands for what is not known.
  old_value: 'text',
  new_value: 'text',
  added: 'text',
  removed: 'text',
  project_id: 'bigint',
  actor_type: 'text',
  actor_id: 'bigint',
  actor_name: 'text',
  session_uuid: 'text',
  meta: 'text',
  reason: 'text',
  is_consequence: 'boolean',
  seq: 'bigint',
  changes: 'int',
  appended_at: 'timestamptz',
} as const satisfies { readonly [column in keyof TrailLine]: string }

const names = Object.keys(types).join(', ')
const columns = Object.entries(types)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ')
const jsonColumns = /\b(old_value|new_value|added|removed|meta)\b/g
