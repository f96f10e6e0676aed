/**
 * Reads rows of one type with all their plain fields, many in one call, and stores each as the entry that a read of
 * that row alone would have made: same question, same bytes.
 *
 * The stamp is taken before the read, so whatever changes meanwhile makes the entries stale at birth.
 */
import type { Clock } from '../clock.ts'
import { entityCall, plainFields, replyOfRow } from '../reads/entity.ts'
import type { Reader, Scope } from '../reads/reader.ts'
import { readArgs, readCall } from '../shotgrid/call.ts'
import { elementSpans, entitiesSpan, parseRead } from '../shotgrid/reply.ts'
import type { Schema } from '../shotgrid/schema.ts'
import type { FilterNode } from '../shotgrid/wire.ts'

export interface WholeRowsOptions {
  readonly reader: Reader
  readonly scope: Scope
  readonly clock: Clock
}

/** Until something may be stored: the follower has not looked yet, or is blind. */
const WAIT_MS = 500

export class WholeRows {
  readonly #options: WholeRowsOptions

  constructor(options: WholeRowsOptions) {
    this.#options = options
  }

  /** The ids of the rows read, ascending, `limit` at most. Waits while nothing may be stored. */
  async read(type: string, condition: FilterNode, limit: number, signal: AbortSignal): Promise<readonly number[]> {
    const { reader, scope } = this.#options
    const schema = await reader.schemas.current()
    const fields = plainFields(schema, type)
    const stamp = await this.#stamp(signal)
    const call = readCall({
      type,
      return_fields: fields,
      filters: { logical_operator: 'and', conditions: [condition] },
      return_only: 'active',
      paging: { entities_per_page: limit, current_page: 1 },
      sorts: [{ field_name: 'id', direction: 'asc' }],
      api_return_image_urls: true,
      return_paging_info_without_counts: false,
    })
    const body = await scope.client.call('read', readArgs(call), { idempotent: true, signal })
    const ids = parseRead(body).entities.map((row) => row.id)
    const spans = elementSpans(body, entitiesSpan(body))
    const rows = spans.map(({ start, end }) => body.subarray(start, end))
    await Promise.all(ids.map((id, index) => this.#keep(type, id, fields, rows[index]!, schema, stamp)))
    return ids
  }

  async #keep(
    type: string,
    id: number,
    fields: readonly string[],
    row: Buffer,
    schema: Schema,
    stamp: NonNullable<ReturnType<Reader['cache']['stamp']>>,
  ): Promise<void> {
    const { reader, scope } = this.#options
    const call = entityCall(type, id, fields)
    await reader.cache.put(
      reader.question(scope, call),
      reader.loaded(call, replyOfRow(row), schema, scope.sees),
      stamp,
    )
  }

  async #stamp(signal: AbortSignal): Promise<NonNullable<ReturnType<Reader['cache']['stamp']>>> {
    for (;;) {
      signal.throwIfAborted()
      const stamp = this.#options.reader.cache.stamp()
      if (stamp) return stamp
      await this.#options.clock.sleep(WAIT_MS, signal)
    }
  }
}
