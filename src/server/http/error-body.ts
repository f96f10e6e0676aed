/** An error as the body of a reply: code, message and hint of the catalogue, and the details it was raised with. */
import type { SgcacheError } from '../../errors.ts'

export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string }
}

export function errorBody(error: SgcacheError, requestId?: string): ErrorBody {
  const { suggestion, ...details } = error.details
  const { code, message, hint } = error
  return {
    error: {
      ...details,
      ...suggestionOf(suggestion),
      code,
      message,
      hint,
      ...(requestId !== undefined && { request_id: requestId }),
    },
  }
}

/** The word alone: messages carry it as ` (did you mean "Shot"?)`. */
function suggestionOf(suggestion: unknown): { readonly suggestion?: string } {
  const word = typeof suggestion === 'string' ? /"(.*)"/.exec(suggestion)?.[1] : undefined
  return word === undefined ? {} : { suggestion: word }
}
