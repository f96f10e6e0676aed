/** What the recorder tells the outside as it works; logs and metrics listen. */

/** `changes`: the trail and what changes say of rows. `replies`: rows that replies show. `counts`: hits and requests. */
export type RecorderPart = 'changes' | 'replies' | 'counts' | 'upkeep'

export type RecorderEvent =
  | { readonly kind: 'recorded'; readonly changes: number; readonly events: number }
  | { readonly kind: 'rows kept'; readonly rows: number }
  /** It is tried again at the next interval. */
  | { readonly kind: 'trouble'; readonly part: RecorderPart; readonly error: unknown }
  /** It works again, for the first time after trouble. */
  | { readonly kind: 'restored'; readonly part: RecorderPart }
  /** Left out of the tables for good: there was too much of it, or Postgres does not take it. */
  | { readonly kind: 'let go'; readonly part: RecorderPart; readonly count: number; readonly reason: string }
  /** The log is another one, or was trimmed before it was recorded: every row is unsure until it is seen again. */
  | { readonly kind: 'hole'; readonly after: number; readonly next: number }
  | { readonly kind: 'partitions dropped'; readonly names: readonly string[] }
  | { readonly kind: 'analyst role missing'; readonly role: string }

export type Report = (event: RecorderEvent) => void
