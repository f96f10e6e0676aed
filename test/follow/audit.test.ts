import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/cache/entry.ts'
import { Audit, type AuditOptions } from '../../src/follow/audit.ts'
import type { FollowEvent } from '../../src/follow/follow-event.ts'
import { replyDifference } from '../../src/follow/reply-difference.ts'
import { makeEntry } from '../support/cache-world.ts'
import { fakeSite } from './fakes.ts'

const reply = (...rows: object[]) => Buffer.from(JSON.stringify({ results: { entities: rows } }))
const shot = (id: number, more: object = {}) => ({ type: 'Shot', id, ...more })

function auditor(options: Partial<AuditOptions> = {}) {
  const { log } = fakeSite()
  const reports: FollowEvent[] = []
  const events: (() => void)[] = []
  let now: Buffer = reply(shot(1, { code: 'a' }))
  const audit = new Audit({
    log,
    share: 1,
    random: () => 0,
    ask: async () => now,
    // A change of Shot that is in the log affects the entry.
    isAffected: (entry) => log.changes.some((change) => change.seq > entry.validatedSeq && change.type === 'Shot'),
    isMedia: (_type, field) => field === 'image',
    eventsSettled: async () => {
      for (const arrive of events.splice(0)) arrive()
    },
    report: (event) => reports.push(event),
    ...options,
  })
  const entry = makeEntry({ body: now })
  const change = () => log.append([{ source: 'event', kind: 'change', type: 'Shot', ids: [1], field: 'code' }])
  return {
    audit,
    log,
    reports,
    entry,
    change,
    upstreamSays: (body: Buffer) => {
      now = body
    },
    /** Comes to the log when the audit waits for events. */
    inFlight: () => events.push(() => void change()),
  }
}

describe('an audit', () => {
  it('finds a wrong answer that nothing in the log explains, counts it and repairs it', async () => {
    const { audit, entry, log, reports, upstreamSays } = auditor()
    upstreamSays(reply(shot(1, { code: 'b' })))
    expect(await audit.audit(entry)).toBe('stale')
    expect(audit.status()).toMatchObject({ audited: 1, stale: 1 })
    expect(reports).toEqual([{ event: 'audited', key: entry.key, verdict: 'stale' }])
    expect(log.changes).toMatchObject([{ source: 'audit', kind: 'change', type: 'Shot', ids: [1], field: 'any' }])
  })

  it('is content with the same answer', async () => {
    const { audit, entry, log } = auditor()
    expect(await audit.audit(entry)).toBe('true')
    expect(log.changes).toEqual([])
  })

  it('does not cry when the change was on its way', async () => {
    const { audit, entry, log, inFlight, upstreamSays } = auditor()
    upstreamSays(reply(shot(1, { code: 'b' })))
    inFlight()
    expect(await audit.audit(entry)).toBe('explained')
    expect(log.changes.map((change) => change.source)).toEqual(['event'])
  })

  it('does not cry over an entry that the log has dropped since', async () => {
    const { audit, entry, change, upstreamSays } = auditor()
    await change()
    upstreamSays(reply(shot(1, { code: 'b' })))
    expect(await audit.audit(entry)).toBe('explained')
  })

  it('judges the answer as it was given, whatever its entry has become', async () => {
    const { audit, entry, change, upstreamSays } = auditor()
    audit.offer(entry)
    await change()
    entry.validatedSeq = 1 // found true at a later hit
    upstreamSays(reply(shot(1, { code: 'b' })))
    expect(await audit.run()).toBe('explained')
  })

  it('says which rows came and which went', async () => {
    const { audit, entry, log, upstreamSays } = auditor()
    upstreamSays(reply(shot(2)))
    await audit.audit(entry)
    expect(log.changes.map((change) => [change.kind, change.ids])).toEqual([
      ['change', [2, 1]],
      ['create', [2]],
      ['retire', [1]],
    ])
  })

  it('flushes the type if the change of the rows does not reach the entry', async () => {
    const { audit, entry, log, upstreamSays } = auditor({ isAffected: () => false })
    upstreamSays(reply(shot(1, { code: 'b' })))
    expect(await audit.audit(entry)).toBe('stale')
    expect(log.flushes()).toEqual(['an audit found a wrong answer'])
  })

  it('flushes the type of a summary', async () => {
    const body = Buffer.from('{"results":{"summaries":{"id":4}}}')
    const { audit, log, upstreamSays } = auditor()
    upstreamSays(Buffer.from('{"results":{"summaries":{"id":5}}}'))
    expect(await audit.audit(makeEntry({ body }))).toBe('stale')
    expect(log.flushes()).toHaveLength(1)
  })

  it('leaves alone what cannot be asked again', async () => {
    const { audit, entry } = auditor({ ask: async () => undefined })
    expect(await audit.audit(entry)).toBe('gone')
    expect(audit.status().audited).toBe(0)
  })

  it('takes a share of the hits, and no more than can wait', async () => {
    let at = 0
    const { audit } = auditor({ share: 0.25, random: () => (at++ % 10) / 10 })
    const hit = (index: number): Entry => makeEntry({ key: `k${index}` })
    for (let index = 0; index < 20; index += 1) audit.offer(hit(index))
    expect(audit.status().waiting).toBe(6)
    for (let index = 0; index < 2000; index += 1) audit.offer(hit(index))
    expect(audit.status().waiting).toBe(100)
  })
})

describe('two replies', () => {
  const isMedia = (field: string) => field === 'image'
  it.each([
    ['signatures', shot(1, { path: { url: 'https://x/f?sig=1' } }), shot(1, { path: { url: 'https://x/f?sig=2' } })],
    ['pictures', shot(1, { image: 'https://x/1' }), shot(1, { image: 'https://x/2' })],
    ['the order of keys', { type: 'Shot', id: 1, code: 'a' }, { code: 'a', id: 1, type: 'Shot' }],
  ])('are the same but for %s', (_what, before, after) => {
    expect(replyDifference(reply(before), reply(after), isMedia)).toBeUndefined()
  })

  it('differ in a value, in rows, and by a picture that is there or not', () => {
    const difference = (before: object[], after: object[]) =>
      replyDifference(reply(...before), reply(...after), isMedia)
    expect(difference([shot(1, { code: 'a' })], [shot(1, { code: 'b' })])).toMatchObject({ changed: [1] })
    expect(difference([shot(1), shot(2)], [shot(2), shot(3)])).toEqual({ changed: [], appeared: [3], vanished: [1] })
    expect(difference([shot(1, { image: null })], [shot(1, { image: 'https://x/1' })])).toMatchObject({ changed: [1] })
    expect(difference([shot(1), shot(2)], [shot(2), shot(1)])).toEqual({ changed: [], appeared: [], vanished: [] })
  })
})
