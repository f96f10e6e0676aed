/**
 * How far the tables have come in the change log. Whoever holds it writes `entities` and the trail, alone of all
 * processes, until the end of the transaction; so what changes say and what replies show are applied one after the
 * other, and nobody waits for somebody who waits.
 */
import type { Query } from '../backends/postgres/pool.ts'

export interface Progress {
  /** Empty before anything was recorded. */
  readonly epoch: string
  readonly seq: number
}

export async function holdProgress(query: Query, schema: string): Promise<Progress> {
  const [progress] = await query<{ epoch: string; seq: number }>(
    `select epoch, seq from ${schema}.record_progress for update`,
  )
  return progress! // the migration puts the row there
}

export async function readProgress(query: Query, schema: string): Promise<Progress> {
  const [progress] = await query<{ epoch: string; seq: number }>(`select epoch, seq from ${schema}.record_progress`)
  return progress!
}

export async function saveProgress(query: Query, schema: string, { epoch, seq }: Progress, at: number): Promise<void> {
  await query(`update ${schema}.record_progress set epoch = $1, seq = $2, recorded_at = to_timestamp($3 / 1000.0)`, [
    epoch,
    seq,
    at,
  ])
}
