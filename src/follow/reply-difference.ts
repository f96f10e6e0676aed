/**
 * Whether two replies to one question say the same, leaving aside what differs on every reading: signatures of URLs,
 * image addresses and the order of keys. Pure.
 */

/** `undefined`: the same. Else the rows that differ, came or went; all empty if it is not rows that differ. */
export interface Difference {
  readonly changed: readonly number[]
  readonly appeared: readonly number[]
  readonly vanished: readonly number[]
}

/** `isMedia` tells of a field, dotted paths included, that its values are addresses made for the reader. */
export function replyDifference(
  before: Buffer,
  after: Buffer,
  isMedia: (field: string) => boolean,
): Difference | undefined {
  if (before.equals(after)) return undefined
  const [old, young] = [before, after].map((body) => readReply(body, isMedia))
  if (old!.text === young!.text) return undefined
  const both = [...old!.rows].filter(([id]) => young!.rows.has(id))
  return {
    changed: both.filter(([id, row]) => young!.rows.get(id) !== row).map(([id]) => id),
    vanished: [...old!.rows.keys()].filter((id) => !young!.rows.has(id)),
    appeared: [...young!.rows.keys()].filter((id) => !old!.rows.has(id)),
  }
}

interface Reply {
  readonly text: string
  /** Canonical text by id; none for a summary. */
  readonly rows: ReadonlyMap<number, string>
}

function readReply(body: Buffer, isMedia: (field: string) => boolean): Reply {
  const parsed: unknown = JSON.parse(body.toString('utf8'))
  const reply = steady(parsed, isMedia)
  const { results } = (reply ?? {}) as { results?: { entities?: unknown } } // the shape of a read; anything else has no rows
  const entities = Array.isArray(results?.entities) ? results.entities : []
  return { text: JSON.stringify(reply), rows: new Map(entities.map((row) => [row?.id, JSON.stringify(row)])) }
}

function steady(value: unknown, isMedia: (field: string) => boolean): unknown {
  if (typeof value === 'string') return /^https?:\/\//.test(value) ? value.replace(/\?.*$/s, '') : value
  if (Array.isArray(value)) return value.map((item) => steady(item, isMedia))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    members.map(([key, item]) => [key, isMedia(key) ? (item === null ? null : 'media') : steady(item, isMedia)]),
  )
}
