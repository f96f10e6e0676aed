/**
 * The configuration for people to read: every setting as it was written, and where. Secrets are only said to be there.
 */
import { hidden } from './problem.ts'
import type { Resolved } from './resolve.ts'

export interface ShownSetting {
  readonly name: string
  /** As written; `null` when it has no value. A secret that is set is `********`. */
  readonly value: unknown
  readonly origin: string
}

export const mask = '********'

export function showSettings(resolved: readonly Resolved[]): readonly ShownSetting[] {
  return resolved.map(({ setting, given }) => {
    const value = given.value === undefined ? null : setting.secret ? mask : hidden(given.value)
    return { name: setting.name, value, origin: given.place }
  })
}
