/** Who was in trouble when: what a test may not expect of somebody who is dead, frozen or cut off. */

/** `site`: cut off from the site alone. `store`: from Redis or Postgres, or those themselves are in trouble. */
export type TroubleKind = 'killed' | 'frozen' | 'site' | 'store'

interface Trouble {
  readonly who: string
  readonly kind: TroubleKind
  readonly from: number
  to: number
}

export class Troubles {
  readonly #troubles: Trouble[] = []

  /** Returns what ends it. */
  begin(who: string, kind: TroubleKind): () => void {
    const trouble: Trouble = { who, kind, from: performance.now(), to: Number.POSITIVE_INFINITY }
    this.#troubles.push(trouble)
    return () => {
      trouble.to = performance.now()
    }
  }

  /** Whether it was in trouble of one of these kinds at some time between, or had just come out of it. */
  had(who: string, kinds: readonly TroubleKind[], from: number, to: number, graceMs: number): boolean {
    return this.#troubles.some(
      (trouble) =>
        trouble.who === who && kinds.includes(trouble.kind) && trouble.from <= to && trouble.to + graceMs >= from,
    )
  }

  /** When anybody was last in trouble before that: that moment itself if somebody was then. */
  lastBefore(at: number): number {
    return this.#troubles
      .filter(({ from }) => from <= at)
      .reduce((last, { to }) => Math.max(last, Math.min(to, at)), Number.NEGATIVE_INFINITY)
  }
}
