/** The head of the event log: its newest id, and the entries of a window below it. */
import type { EventLogEntry } from '../shotgrid/wire.ts'
import type { EventSource } from './event-source.ts'

export interface HeadOptions {
  readonly source: EventSource
  readonly batch: number
  /** How many ids below the newest are looked through, at least. */
  readonly gapWindow: number
  /** And at most. */
  readonly gapLimit: number
  readonly longestTransactionMs: number
}

export interface Head {
  readonly lastId: number
  /** The window holds the entries with a greater id than this, up to `lastId`, that can be seen; they ascend. */
  readonly above: number
  readonly events: readonly EventLogEntry[]
}

/** The window goes down until its entries are older than the longest transaction. */
export async function readHead(options: HeadOptions, signal?: AbortSignal): Promise<Head> {
  const { source, batch, gapWindow, gapLimit, longestTransactionMs } = options
  const lastId = await source.newest(signal)
  let above = lastId
  let events: readonly EventLogEntry[] = []
  const isEnough = () => {
    const depth = lastId - above
    return depth >= gapLimit || (depth >= gapWindow && spanMs(events) >= longestTransactionMs)
  }
  do {
    const top = above
    above = Math.max(top - batch, 0)
    const found = await source.eventsAfter(above, batch, signal)
    events = [...found.filter((event) => event.id <= top), ...events]
  } while (above > 0 && !isEnough())
  return { lastId, above, events }
}

function spanMs(events: readonly EventLogEntry[]): number {
  const [first, last] = [events[0], events.at(-1)]
  return first && last ? Date.parse(last.created_at) - Date.parse(first.created_at) : 0
}
