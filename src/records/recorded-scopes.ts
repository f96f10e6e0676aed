/**
 * Whose questions and rows people may read in the tables: those of one scope, which sees everything. Of the others
 * there are counts, by scope, type and operation, and nothing of what was asked.
 */
export interface RecordedScopes {
  /** The scope that is shown; undefined if none sees everything. */
  readonly shown: string | undefined
  /** Whether a scope is one of the configuration, rather than one caller's own. */
  readonly isNamed: (scope: string) => boolean
}

/** All scopes that are one caller's own bear this name. */
export const personalScope = 'personal'

export function scopeName({ isNamed }: RecordedScopes, scope: string): string {
  return isNamed(scope) ? scope : personalScope
}
