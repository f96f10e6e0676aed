/**
 * A layer: the settings that one source gives, each with its place. Flags lie above the environment, the environment
 * above `.env`, `.env` above the file, the file above the defaults; the uppermost layer that has a setting gives it.
 */
import type { Problem } from './problem.ts'

export type LayerName = 'sandbox' | 'flag' | 'environment' | '.env' | 'file' | 'default'

export interface Given {
  readonly value: unknown
  readonly layer: LayerName
  /** `--port`, `SG_URL`, `.env:3 (SG_URL)`, `sgcache.config.yaml:12`. */
  readonly place: string
  /** The place of something inside the value, where the source can tell. */
  readonly placeWithin?: (path: readonly PropertyKey[]) => string
}

export interface Layer {
  readonly given: ReadonlyMap<string, Given>
  readonly problems: readonly Problem[]
}

/** Reads a text file; throws as `node:fs` does. */
export type ReadFile = (path: string) => string

/** The secret in a file, without the line break that editors and `echo` put at the end. */
export function readSecretFile(readFile: ReadFile, path: string): string | { readonly failed: string } {
  try {
    return readFile(path)
      .replace(/^\uFEFF/, '')
      .replace(/\r?\n$/, '')
  } catch (error) {
    // Errors of node:fs carry a code; anything else is named only by its class, since its text could hold content.
    const { code, name } = error as { code?: string; name?: string }
    return { failed: code ?? name ?? 'unknown error' }
  }
}
