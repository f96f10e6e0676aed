/** Reads the options of the simulated site, which are no settings of sgcache. */
import { SgcacheError } from '../errors.ts'

const perSecond: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** `--activity 3/s`: how many writes the studio makes by itself in a second. */
export function parseActivity(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*\/\s*([smh])\s*$/.exec(text)
  if (!match)
    throw new SgcacheError('WRONG_USAGE', { reason: `--activity: "${text}" is not a rate such as 3/s or 20/m` })
  return Number(match[1]) / perSecond[match[2]!]!
}

/** A whole number from `min` to `max`, of a flag that belongs to no setting. */
export function parseWhole(flag: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new SgcacheError('WRONG_USAGE', { reason: `${flag}: "${text}" is not a whole number from ${min} to ${max}` })
}

/** `--size studio` or `large`. */
export function parseSize(text: string): 'studio' | 'large' {
  if (text === 'studio' || text === 'large') return text
  throw new SgcacheError('WRONG_USAGE', { reason: `--size: "${text}" is not studio or large` })
}
