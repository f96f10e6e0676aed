/**
 * What is wrong with a configuration. Problems are collected, so that all are seen at once, each with its place.
 *
 * No text made here ever holds a secret: values are shown only through `shown`, and never those of secret settings.
 */
import { SgcacheError } from '../errors.ts'

export interface Problem {
  /** `sgcache.config.yaml:12`, `SG_URL`, `.env:3`, `--port`; absent when something is missing everywhere. */
  readonly place?: string
  readonly message: string
  /** The setting whose value is wrong or missing. */
  readonly setting?: string
}

export function problemText({ place, message }: Problem): string {
  return place === undefined ? message : `${place}: ${message}`
}

export function configInvalid(problems: readonly Problem[]): SgcacheError {
  const lines = problems.map((problem) => `  ${problemText(problem)}`)
  return new SgcacheError('CONFIG_INVALID', { count: problems.length, problems: lines.join('\n') })
}

const longestShown = 80

/** A value as an error message shows it, never too long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(hidden(value)) ?? String(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}

/** The value without the passwords that addresses in it may hold: `https://ann:pw@host` becomes `https://***@host`. */
export function hidden(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\/\/[^/]*@/g, '//***@')
  if (Array.isArray(value)) return value.map(hidden)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hidden(inner)]))
}
