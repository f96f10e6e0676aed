/**
 * What tests of the cache share: entries and changes with little to say, and a toy upstream whose rows are numbers.
 */
import type { Loaded, Question } from '../../src/cache/cache.ts'
import type { Change, ChangeRecord } from '../../src/cache/change.ts'
import type { Dependency, Entry } from '../../src/cache/entry.ts'

export function makeDependency(parts: Partial<Dependency> = {}): Dependency {
  return { type: 'Shot', rows: [], fields: [], presence: false, ...parts }
}

export function makeEntry(parts: Partial<Entry> = {}): Entry {
  const stamp = parts.stamp ?? { epoch: 'e1', seq: 0 }
  return {
    key: 'farm:Shot:read:x',
    scope: 'farm',
    type: 'Shot',
    call: '{"read":"x"}',
    stamp,
    fetchedAt: 0,
    freshUntil: Number.MAX_SAFE_INTEGER,
    keepUntil: Number.MAX_SAFE_INTEGER,
    dependencies: [makeDependency({ rows: [1] })],
    body: Buffer.from('{"results":[]}'),
    validatedSeq: stamp.seq,
    ...parts,
  }
}

export function makeRecord(parts: Partial<ChangeRecord> = {}): ChangeRecord {
  return { source: 'event', kind: 'change', type: 'Shot', ids: [1], field: 'value', ...parts }
}

export function makeChange(seq: number, parts: Partial<Change> = {}): Change {
  return { epoch: 'e1', seq, at: 0, ...makeRecord(parts), ...parts }
}

export function questionAbout(ids: readonly number[], scope = 'farm'): Question {
  const name = ids.join('+')
  return { key: `${scope}:Shot:read:${name}`, scope, type: 'Shot', call: JSON.stringify({ ids }) }
}

/** Exact: a change of a row affects an entry if and only if the entry shows the row. */
export function affectsRows(change: Change, entry: Entry): boolean {
  if (change.type === '*' || change.ids === 'any') return true
  const shown = Object.keys(JSON.parse(entry.body.toString()))
  return change.ids.some((id) => shown.includes(String(id)))
}

export function replyOf(values: Readonly<Record<number, number>>, ttlMs = 60_000): Loaded {
  const rows = Object.keys(values).map(Number)
  const dependencies = [makeDependency({ rows })]
  return { body: Buffer.from(JSON.stringify(values)), dependencies, ttlMs, store: true }
}

export function valuesOf(body: Buffer): Record<string, number> {
  return JSON.parse(body.toString())
}
