/** What the drop-in API tells the outside as it works, for metrics, logs and tests. Holds nothing of any body. */
import type { Answer } from '../../cache/answer.ts'

export type DropInEvent =
  | { readonly kind: 'read'; readonly outcome: Answer['outcome']; readonly ageMs: number; readonly bytes: number }
  | { readonly kind: 'pass'; readonly detail: string }
  | { readonly kind: 'failed'; readonly error: unknown }
  | WriteEvent

/** `degraded`: answered although the log would not take the changes. */
export type WriteEvent =
  | { readonly kind: 'written'; readonly method: string; readonly changes: number }
  | { readonly kind: 'refused'; readonly method: string }
  | { readonly kind: 'unknown-outcome'; readonly method: string; readonly reason: string }
  | { readonly kind: 'degraded'; readonly error: unknown }
