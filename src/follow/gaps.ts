/**
 * Missing ids of the event log.
 *
 * Ids are given out when an entry is written and seen when its transaction commits, so an id that is missing below
 * the newest one may still appear: that is a *gap*. Some never do (the transaction was rolled back), and nobody can
 * tell which. So a gap is never given up, only asked for less and less often.
 */
export interface Gap {
  readonly id: number
  /** Wall time, ms, when it was first missed. */
  readonly since: number
}

/** The ids after `lastId` and below the last of `seen` that are not among them. `seen` ascends. */
export function missingIds(lastId: number, seen: readonly number[]): number[] {
  const missing: number[] = []
  let next = lastId + 1
  for (const id of seen) {
    for (; next < id; next += 1) missing.push(next)
    next = id + 1
  }
  return missing
}

/** How long after it was last asked for a gap of that age is due again: a quarter of its age, an hour at most. */
export function pauseBetweenAsks(ageMs: number): number {
  return Math.min(Math.max(ageMs, 0) / 4, LONGEST_PAUSE_MS)
}

const LONGEST_PAUSE_MS = 3_600_000

export function oldestSince(gaps: readonly Gap[]): number {
  return gaps.reduce((since, gap) => Math.min(since, gap.since), Number.POSITIVE_INFINITY)
}

/**
 * Remembers when each gap was asked for, and which have been found to outlive the longest transaction. Kept in memory
 * only: after a start all are due, and those that are old are found so once more.
 */
export class GapWatch {
  readonly #old = new Set<number>()
  readonly #askedAt = new Map<number, number>()

  /** Gaps due at `monotonic`, at most `limit`, those never asked for first, then those asked longest ago. */
  due(gaps: readonly Gap[], now: number, monotonic: number, limit: number): readonly number[] {
    const due = gaps.filter((gap) => {
      const askedAt = this.#askedAt.get(gap.id)
      return askedAt === undefined || monotonic - askedAt >= pauseBetweenAsks(now - gap.since)
    })
    const order = (gap: Gap) => this.#askedAt.get(gap.id) ?? Number.NEGATIVE_INFINITY
    const first = due.length > limit ? due.sort((a, b) => order(a) - order(b)).slice(0, limit) : due
    return first.map((gap) => gap.id)
  }

  asked(ids: readonly number[], monotonic: number): void {
    for (const id of ids) this.#askedAt.set(id, monotonic)
  }

  /** Forgets what is no longer a gap. */
  keep(gaps: readonly Gap[]): void {
    if (this.#askedAt.size <= gaps.length) return
    const ids = new Set(gaps.map((gap) => gap.id))
    for (const id of this.#askedAt.keys()) if (!ids.has(id)) this.#askedAt.delete(id)
  }

  /** Gaps that have become older than `ageMs` since this was last asked, with the greatest age among them. */
  newlyOld(gaps: readonly Gap[], now: number, ageMs: number): { count: number; oldestMs: number } | undefined {
    const old = gaps.filter((gap) => now - gap.since > ageMs)
    const found = old.filter((gap) => !this.#old.has(gap.id))
    this.#old.clear()
    for (const gap of old) this.#old.add(gap.id)
    return found.length > 0 ? { count: found.length, oldestMs: now - oldestSince(found) } : undefined
  }
}
