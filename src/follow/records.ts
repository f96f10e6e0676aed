/** Change records that following makes of its own, when no event says what changed. */
import type { ChangeRecord, ChangeSource } from '../cache/change.ts'

/** Nothing known of the type (`*`: of any) is to be trusted. */
export function flushOf(source: ChangeSource, type: string, reason: string): ChangeRecord {
  return { source, kind: 'flush', type, ids: 'any', field: 'any', reason }
}

/** Any field of these rows may have changed, their project too; or they came, went, came back. */
export function rowsRecord(
  source: ChangeSource,
  kind: 'change' | 'create' | 'retire' | 'revive',
  type: string,
  ids: readonly number[],
  reason: string,
): ChangeRecord {
  return { source, kind, type, ids, field: 'any', reason }
}
