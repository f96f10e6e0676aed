/**
 * Which tier fits a studio, by its size and by what it needs: pure.
 *
 * Needs weigh more than size: one process answers thousands of reads a second, more than any studio asks. A tier is
 * climbed for what it survives and for what it remembers.
 */
export interface Needs {
  /** People whose tools read ShotGrid. */
  readonly people: number
  /** Several instances, so that one may fail or be updated while the others answer. */
  readonly availability: boolean
  /** What is cached survives a restart. */
  readonly durability: boolean
  /** A lasting history of changes that can be queried. */
  readonly audit: boolean
}

export interface Recommendation {
  readonly tier: 'memory' | 'redis' | 'postgres'
  /** A whole sentence. */
  readonly because: string
}

export function recommendTier({ people, availability, durability, audit }: Needs): Recommendation {
  if (audit) return { tier: 'postgres', because: 'An audit trail and history need a database that keeps them.' }
  if (people > 200) {
    return {
      tier: 'postgres',
      because: `A studio of ${people} people usually needs history and several sites of failure covered.`,
    }
  }
  if (availability) {
    return { tier: 'redis', because: 'Several instances that stand in for each other need a store that they share.' }
  }
  if (durability)
    return { tier: 'redis', because: 'A cache that survives a restart needs a store outside the process.' }
  if (people > 50) {
    return {
      tier: 'redis',
      because: `With ${people} people waiting for it, two instances are worth their shared store.`,
    }
  }
  return { tier: 'memory', because: 'One process on one machine is the simplest thing that does all of this.' }
}

/** What to say of it to who has chosen. */
export function recommendationText({ tier, because }: Recommendation, chosen: Recommendation['tier']): string {
  if (chosen === tier) return `Tier: ${tier}. ${because}`
  return `Tier: ${chosen}, as you chose. Your answers point to ${tier}: ${because}`
}
