/**
 * `additional_filter_presets`: server-side filters that look at more than the row itself. LATEST keeps, of every group
 * of rows, the newest.
 */
import { malformed } from './fault.ts'
import type { RowTest } from './filter.ts'
import type { Reading } from './reading.ts'
import { isRef, liveRow, refKey, type StoredRow } from './row.ts'

interface Latest {
  readonly group: (row: StoredRow, reading: Reading) => string
  /** Later if greater; the id decides between equals. */
  readonly rank: (row: StoredRow) => string | number
}

const link = (value: unknown) => (isRef(value) ? refKey(value) : '')
const createdAt = (row: StoredRow) => String(row.values.created_at ?? '')
const publishGroup = ({ values }: StoredRow) =>
  [link(values.entity), String(values.name ?? ''), link(values.published_file_type)].join('|')

const latest: Readonly<Record<string, Readonly<Record<string, Latest>>>> = {
  Version: {
    ENTITIES_CREATED_AT: { group: ({ values }) => link(values.entity), rank: createdAt },
    BY_PIPELINE_STEP_NUMBER_AND_ENTITIES_CREATED_AT: {
      group: ({ values }, reading) =>
        `${link(values.entity)}|${link(liveRow(reading.view, values.sg_task)?.values.step)}`,
      rank: createdAt,
    },
  },
  PublishedFile: {
    ENTITIES_CREATED_AT: { group: publishGroup, rank: createdAt },
    VERSION_NUMBER: { group: publishGroup, rank: ({ values }) => Number(values.version_number ?? 0) },
  },
}

/** One test for all presets of a read. */
export function compilePresets(reading: Reading, type: string, presets: unknown): RowTest | undefined {
  if (presets === undefined || presets === null) return undefined
  if (!Array.isArray(presets)) throw malformed(`API read() expected an Array for 'additional_filter_presets'.`)
  if (presets.length === 0) return undefined
  if (presets.length > 1) throw malformed('API read() more than one filter preset of the same kind is not allowed.')
  const { preset_name: name, latest_by: by } = (presets[0] ?? {}) as { preset_name?: unknown; latest_by?: unknown }
  if (name !== 'LATEST') throw malformed(`API read() unknown filter preset: ${JSON.stringify(name)}`)
  const rule = typeof by === 'string' ? latest[type]?.[by] : undefined
  if (!rule) throw malformed(`API read() LATEST on ${type} doesn't support 'latest_by': ${JSON.stringify(by)}`)
  const newest = newestOfGroups(reading, type, rule)
  return (row) => newest.has(row.id)
}

function newestOfGroups(reading: Reading, type: string, rule: Latest): ReadonlySet<number> {
  const newest = new Map<string, StoredRow>()
  for (const id of reading.view.ids(type)) {
    const row = reading.view.get(type, id)
    if (!row || row.retired) continue
    const group = rule.group(row, reading)
    const best = newest.get(group)
    if (!best || rule.rank(row) >= rule.rank(best)) newest.set(group, row)
  }
  return new Set([...newest.values()].map((row) => row.id))
}
