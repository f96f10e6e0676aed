/**
 * Opens the tier that the configuration names. A tier's client libraries are loaded only when it is opened.
 */
import type { Backend } from '../cache/ports.ts'
import { type MemoryBackendOptions, openMemoryBackend } from './memory.ts'

/** What a tier needs, by tier. */
export type BackendOptions = MemoryBackendOptions

/** Whoever opens it closes it. Rejects if the tier can never work as configured; trouble that may pass is waited out. */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  switch (options.tier) {
    case 'memory':
      return openMemoryBackend(options)
  }
}
