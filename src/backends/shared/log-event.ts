/** What a shared log tells the outside as it works; logs and metrics listen. */
export type LogEvent =
  /** This process is in an epoch that it was not in before. Whatever it knew of another one is not fresh. */
  | { readonly kind: 'entered'; readonly epoch: string; readonly head: number; readonly opensInMs: number }
  /** Changes were trimmed or lost before this process read them; what was checked before them is not fresh. */
  | { readonly kind: 'hole'; readonly after: number; readonly head: number }
  /** The server of the log failed, or could not be reached in time. */
  | { readonly kind: 'trouble'; readonly during: LogStep; readonly error: unknown }
  /** The server works again, for the first time after trouble. */
  | { readonly kind: 'restored' }

export type LogStep = 'enter' | 'tail' | 'renew'
