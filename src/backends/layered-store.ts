/**
 * Several stores as one, the nearest first: Redis before Postgres, a replica before its primary.
 *
 * Levels hold copies of different age: one that could not be written for a while, or lags behind, has an old one. So a
 * copy that does not suit the reader is as good as none, and the next level is asked; what an old copy could hide is a
 * hit, never the truth, which stamps decide. A copy that suits goes back into the levels before the one it came from.
 *
 * Always true: trouble of a level is told, and is trouble of the whole only when no other level did the work.
 *
 * Cost: a hit is one look into the first level; something that is nowhere is looked for in all.
 */
import type { Entry } from '../cache/entry.ts'
import type { Store } from '../cache/ports.ts'

export interface Level {
  readonly store: Store
  /** A replica is only read. */
  readonly isReadOnly?: true
}

export interface LayeredStoreOptions {
  /** One at least. The last has everything, and is not read only. */
  readonly levels: readonly Level[]
  /** Told of trouble that another level made up for. */
  readonly onError: (error: unknown) => void
}

export function createLayeredStore({ levels, onError }: LayeredStoreOptions): Store {
  const written = levels.filter(({ isReadOnly }) => !isReadOnly)
  const last = levels.at(-1)!.store

  return {
    async get(key, suits) {
      const troubles: unknown[] = []
      const asked: { readonly level: Level; readonly copy: Entry | undefined }[] = []
      for (const level of levels) {
        try {
          const copy = await level.store.get(key)
          if (copy && (!suits || suits(copy))) {
            troubles.forEach(onError)
            for (const before of asked) if (lacks(before, copy)) before.level.store.set(copy).catch(onError)
            return copy
          }
          asked.push({ level, copy })
        } catch (error) {
          troubles.push(error)
        }
      }
      const youngest = asked.flatMap(({ copy }) => copy ?? []).sort(youngestFirst)[0]
      // Where a copy might have been is not known.
      if (!youngest && troubles.length > 0) throw troubles.at(-1)
      troubles.forEach(onError)
      return youngest
    },

    async set(entry) {
      const outcomes = await Promise.allSettled(written.map(({ store }) => store.set(entry)))
      const troubles = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      if (outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value)) {
        troubles.forEach(onError)
        return true
      }
      if (troubles.length > 0) throw troubles.at(-1)
      return false
    },

    async delete(key) {
      await Promise.all(written.map(({ store }) => store.delete(key)))
    },

    entries: () => last.entries(),
  }
}

function lacks({ level, copy }: { readonly level: Level; readonly copy: Entry | undefined }, other: Entry): boolean {
  return !level.isReadOnly && (!copy || youngestFirst(copy, other) > 0)
}

/** Seqs grow from epoch to epoch where stores are shared. */
function youngestFirst(one: Entry, other: Entry): number {
  return other.stamp.seq - one.stamp.seq
}
