/**
 * The change log in Postgres: see `migrations/001-log.ts` for what is where, and why each step is a function there.
 *
 * The log is read from the primary only; a server that is not one refuses every step. It is bounded: now and then, after
 * an append of its own, a process gives up what is older than the newest `changeLimit` changes.
 */
import type { ChangeRecord } from '../../cache/change.ts'
import type { Change, Cursor, CursorMove } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'
import { EpochEnded, type LogServer, type LogState, type Renewal } from '../shared/log-server.ts'
import { readChange, writtenChange } from '../shared/written-change.ts'
import { epochEnded, fenced } from './migrations/001-log.ts'
import { News } from './news.ts'
import type { PostgresPool, Row } from './pool.ts'
import { seenLines } from './seen-events.ts'
import { stateOf } from './trouble.ts'

export interface PostgresLogOptions {
  /** Its own; closed with it. */
  readonly pool: PostgresPool
  readonly clock: Clock
  /** Makes or upgrades the schema, if that is needed. */
  readonly prepare: () => Promise<void>
  /** How many changes are kept, about. */
  readonly changeLimit: number
  /** How long a new epoch stays closed. */
  readonly quarantineMs: number
  /**
   * Whether the tables that people query are kept up from this log: what the follower has seen is kept for them, and
   * changes that they have not taken up yet stay for a day. Default false.
   */
  readonly isRecorded?: boolean
}

/** The schema, or what is in it, was taken away: so was the log. */
const gone = new Set(['42P01', '42883', '3F000'])
/** Rows that a statement deletes at the most. */
const batch = 5000

type Step = 'append' | 'read' | 'renew' | 'behind' | 'leave' | 'cursor' | 'acquire' | 'release' | 'trim' | 'sweep'

export class PostgresLog implements LogServer {
  readonly #options: PostgresLogOptions
  readonly #sql: Readonly<Record<Step | 'enter', string>>
  readonly #news: News

  constructor(options: PostgresLogOptions) {
    this.#options = options
    this.#sql = statements(options.pool.schema, options.isRecorded ?? false)
    this.#news = new News(options)
  }

  async enter(newEpoch: string, known?: { readonly epoch: string; readonly seq: number }): Promise<LogState> {
    const { pool, prepare, quarantineMs } = this.#options
    await prepare()
    const [state] = await pool.query<LogState & Row>(this.#sql.enter, [newEpoch, quarantineMs, known?.seq])
    return state! // a function without a table gives one row
  }

  async append(epoch: string, records: readonly ChangeRecord[], at: number, move?: CursorMove): Promise<number> {
    // JSON text has no line breaks of its own.
    const changes = records.length === 0 ? null : records.map(writtenChange).join('\n')
    const cursor = move && JSON.stringify(move.cursor)
    const seen = this.#options.isRecorded && move?.seen?.length ? seenLines(records, move.seen) : null
    const values = [at, changes, move?.fence, cursor, seen]
    const [row] = await this.#step('append', epoch, values).catch((error: unknown) => {
      throw stateOf(error) === fenced ? fencedBy(error, move) : error
    })
    const seq = row!.seq as number
    this.#trimSometimes(epoch, seq, records.length)
    return seq
  }

  async read(epoch: string, after: number, limit: number): Promise<readonly Change[]> {
    const rows = await this.#step('read', epoch, [after, limit])
    if (rows.length === 0) throw new EpochEnded(epoch)
    return (
      rows
        .filter(({ seq }) => seq !== null)
        // Text and numbers, as the function says.
        .map(({ seq, at, change }) => readChange(change as string, { epoch, seq: seq as number }, at as number))
    )
  }

  news(_epoch: string, after: number, signal: AbortSignal): Promise<void> {
    return this.#news.after(after, signal)
  }

  async renew(epoch: string, member: string, applied: number, forgetMs: number): Promise<Renewal> {
    const [row] = await this.#step('renew', epoch, [member, applied, forgetMs])
    return row as unknown as Renewal // as the statement says
  }

  async behind(epoch: string, seq: number): Promise<number> {
    const [row] = await this.#step('behind', epoch, [seq])
    return row!.count as number
  }

  async leave(epoch: string, member: string): Promise<void> {
    await this.#step('leave', epoch, [member])
  }

  async cursor(epoch: string): Promise<Cursor | undefined> {
    const [row] = await this.#step('cursor', epoch, [])
    if (!row) throw new EpochEnded(epoch)
    // Written by `append`. One of another version is a cursor all the same: members are only ever added.
    return (row.cursor as Cursor | null) ?? undefined
  }

  async acquireLease(epoch: string, member: string, holdMs: number): Promise<number | undefined> {
    const [row] = await this.#step('acquire', epoch, [member, holdMs])
    return (row!.fence as number | null) ?? undefined
  }

  async releaseLease(epoch: string, member: string): Promise<void> {
    await this.#step('release', epoch, [member])
  }

  async close(): Promise<void> {
    await this.#news.close()
    await this.#options.pool.close()
  }

  async #step(step: Step, epoch: string, values: readonly unknown[]): Promise<Row[]> {
    try {
      return await this.#options.pool.query({ name: `log_${step}`, text: this.#sql[step] }, [epoch, ...values])
    } catch (error) {
      const state = stateOf(error) ?? ''
      throw state === epochEnded || gone.has(state) ? new EpochEnded(epoch) : error
    }
  }

  /** Each time that a tenth of what is kept has been added. A failure is made up for by the next time. */
  #trimSometimes(epoch: string, seq: number, added: number): void {
    const stride = Math.max(1, Math.floor(this.#options.changeLimit / 10))
    if (Math.floor(seq / stride) > Math.floor((seq - added) / stride)) this.#trim(epoch).catch(() => {})
  }

  async #trim(epoch: string): Promise<void> {
    await this.#step('trim', epoch, [this.#options.changeLimit])
    let deleted: number
    do {
      const [row] = await this.#step('sweep', epoch, [batch])
      deleted = row!.deleted as number
    } while (deleted === batch)
  }
}

function statements(schema: string, isRecorded: boolean): Readonly<Record<Step | 'enter', string>> {
  const inEpoch = `h.epoch = $1 and h.server = ${schema}.log_server()`
  const waits = isRecorded
    ? `and (c.seq <= (select seq from ${schema}.record_progress) or c.at < (extract(epoch from now()) - 86400) * 1000)`
    : ''
  return {
    enter: `select epoch, head, coverage, opens_in_ms as "opensInMs" from ${schema}.log_enter($1, $2, $3)`,
    append: `select ${schema}.log_append_seen($1, $2, $3, $4, $5, $6) as seq`,
    // Without a row, the epoch is another. One without a change, if there is none.
    read: `select c.seq, c.at, c.change from ${schema}.log_head h left join lateral (
      select * from ${schema}.log_change where seq > greatest($2, h.coverage) order by seq limit $3
    ) c on true where ${inEpoch}`,
    renew: `select head, opens_in_ms as "opensInMs", joined, members from ${schema}.log_renew($1, $2, $3, $4)`,
    behind: `select ${schema}.log_behind($1, $2) as count`,
    leave: `select ${schema}.log_leave($1, $2)`,
    cursor: `select f.cursor from ${schema}.log_follower f, ${schema}.log_head h where ${inEpoch}`,
    acquire: `select ${schema}.log_lease($1, $2, $3) as fence`,
    release: `select ${schema}.log_release($1, $2)`,
    trim: `select ${schema}.log_trim($1, $2)`,
    sweep: `with old as (
      delete from ${schema}.log_change where seq in (
        select c.seq from ${schema}.log_head h, ${schema}.log_change c where c.seq <= h.coverage and ${inEpoch} ${waits}
        order by c.seq limit $2
      ) returning seq
    ) select count(*) as deleted from old`,
  }
}

function fencedBy(error: unknown, move: CursorMove | undefined): SgcacheError {
  const { detail } = error as { detail?: string } // of the client library
  return new SgcacheError('FENCED', { fence: move?.fence, lastFence: Number(detail) })
}
