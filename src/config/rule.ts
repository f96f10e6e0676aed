/** A rule between settings: what none of them can tell alone. */
export interface Rule {
  /** The settings it speaks of; the problem is placed at the first that somebody gave. */
  readonly settings: readonly string[]
  /** What is wrong, or nothing. Values come in the order of `settings`. */
  readonly problem: (...values: never[]) => string | undefined
}
