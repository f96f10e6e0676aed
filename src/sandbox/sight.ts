/**
 * What one caller may see and do. Rules cannot be asked for through the API, as on the real site: forbidden rows are
 * just absent.
 */
import type { StoredRow } from './row.ts'

export interface Sight {
  /** No rule limits the caller: nothing need be checked. */
  readonly everything: boolean
  seesType(type: string): boolean
  seesField(type: string, field: string): boolean
  seesRow(row: StoredRow): boolean
  mayCreate(type: string): boolean
  mayEdit(type: string, field: string): boolean
  mayDelete(type: string): boolean
}

const yes = () => true

export const fullSight: Sight = {
  everything: true,
  seesType: yes,
  seesField: yes,
  seesRow: yes,
  mayCreate: yes,
  mayEdit: yes,
  mayDelete: yes,
}
