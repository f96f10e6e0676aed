/**
 * Deletes frames that nobody may read any more; the adapter of Keyv never does.
 *
 * Every process does it now and then, a batch at a time, and passes over what another is deleting. A frame that is
 * deleted too early, by a process whose clock is ahead, costs a read upstream.
 */
import type { Clock } from '../../clock.ts'
import type { PostgresPool } from './pool.ts'

export interface PurgeOptions {
  readonly pool: PostgresPool
  readonly clock: Clock
  readonly everyMs?: number
  /** Told of a failure; the next round makes up for it. */
  readonly onError: (error: unknown) => void
}

const batch = 500

/** Goes on until `signal` aborts. */
export async function keepPurging(options: PurgeOptions, signal: AbortSignal): Promise<void> {
  const { clock, everyMs = 60_000, onError } = options
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal)
    try {
      while (!signal.aborted && (await purgeBatch(options)) === batch);
    } catch (error) {
      onError(error)
    }
  }
}

/** Gives how many were deleted. */
async function purgeBatch({ pool, clock }: PurgeOptions): Promise<number> {
  const frame = `${pool.schema}.frame`
  const [row] = await pool.query<{ count: number }>(
    `with gone as (
      delete from ${frame} where key in (
        select key from ${frame} where keep_until < $1 order by keep_until limit ${batch} for update skip locked
      ) returning key
    ) select count(*) as count from gone`,
    [clock.now()],
  )
  return row!.count // always one row
}
