/** Refusing a part of a request: where it stands in it, and what is wrong there. */
import { SgcacheError } from '../../errors.ts'
import { didYouMean } from '../../suggest.ts'

export function problem(where: string, reason: string, value?: unknown): SgcacheError {
  return new SgcacheError('INVALID_REQUEST', { where, reason, ...(value !== undefined && { value: shown(value) }) })
}

/** Refuses keys that are not known, with the one that was probably meant. */
export function refuseUnknownKeys(given: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw problem(where, `${shown(key)} is not known here${didYouMean(key, known)}`, key)
  }
}

export type Table = Readonly<Record<string, unknown>>

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as a message may show it: short, and one line. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}

const longestShown = 100
