/** Reads many rows of one type, page after page by ascending id, so that rows coming and going shift no page. */
import type { FilterNode, Row } from '../shotgrid/wire.ts'
import { byId, type RowSource } from './event-source.ts'

export interface Ask {
  readonly type: string
  readonly conditions: readonly FilterNode[]
  readonly fields: readonly string[]
  readonly retired?: boolean
  readonly maxRows: number
  readonly signal?: AbortSignal
}

export interface Paged {
  readonly rows: readonly Row[]
  /** There are more than `maxRows`; those read are not all. */
  readonly isCut: boolean
}

const PAGE = 500

export async function readPaged(source: RowSource, ask: Ask): Promise<Paged> {
  const { type, fields, retired = false, maxRows, signal } = ask
  const rows: Row[] = []
  for (let after = 0; ; after = rows.at(-1)!.id) {
    signal?.throwIfAborted()
    const conditions = [...ask.conditions, { path: 'id', relation: 'greater_than', values: [after] }]
    const options = { sorts: byId('asc'), limit: PAGE, retired, ...(signal && { signal }) }
    const page = await source.find(type, conditions, fields, options)
    rows.push(...page)
    if (page.length < PAGE) return { rows, isCut: false }
    if (rows.length >= maxRows) return { rows, isCut: true }
  }
}
