import { describe, expect, it } from 'vitest'
import type { ChangeRecord } from '../../../src/cache/change.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import { Suspects } from '../../../src/server/drop-in/suspects.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const change: ChangeRecord = { source: 'write', kind: 'change', type: 'Shot', ids: [1], field: 'code' }

const entryOn = (type: string): Entry => ({
  ...{ key: 'k', scope: 's', type, call: '{}', body: Buffer.alloc(0) },
  ...{ stamp: { epoch: 'e', seq: 0 }, fetchedAt: 0, freshUntil: 1, keepUntil: 1, validatedSeq: 0 },
  dependencies: [{ type, rows: 'any', fields: 'any', presence: true }],
})

function watched(affects = (_: ChangeRecord, __: Entry) => true) {
  const clock = new VirtualClock()
  const stopping = new AbortController()
  const log = { takes: true, appended: 0 }
  const suspects = new Suspects({
    clock,
    affects,
    longestTransactionMs: 60_000,
    repeatMs: 5_000,
    append: async (records) => {
      if (!log.takes) throw new Error('no log')
      log.appended += records.length
    },
    signal: stopping.signal,
  })
  suspects.watch([change])
  return { clock, log, suspects, stop: () => stopping.abort() }
}

describe('a write of unknown outcome', () => {
  it('is repeated in the log until the longest transaction has passed, and once more then', async () => {
    const { clock, log, suspects } = watched()
    await clock.advance(59_999)
    expect(log.appended).toBe(11)
    expect(suspects.reasonAgainst(entryOn('Shot'))).toBe('a write of unknown outcome to Shot')
    await clock.advance(1)
    expect(log.appended).toBe(12)
    expect(suspects.reasonAgainst(entryOn('Shot'))).toBeUndefined()
    await clock.advance(60_000)
    expect(log.appended).toBe(12)
  })

  it('stays in doubt while the log does not take its last word', async () => {
    const { clock, log, suspects } = watched()
    await clock.advance(58_000)
    log.takes = false
    await clock.advance(30_000)
    expect(suspects.reasonAgainst(entryOn('Shot'))).toBeDefined()
    log.takes = true
    await clock.advance(5_000)
    expect(suspects.reasonAgainst(entryOn('Shot'))).toBeUndefined()
  })

  it('speaks against no reply that does not depend on its types, and against all that cannot be judged', () => {
    const { suspects, stop } = watched(() => {
      throw new Error('strange')
    })
    expect(suspects.reasonAgainst(entryOn('Task'))).toBeUndefined()
    expect(suspects.reasonAgainst(entryOn('Shot'))).toBeDefined()
    stop()
  })
})
