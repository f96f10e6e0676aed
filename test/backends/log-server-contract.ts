/**
 * What every server of the shared log promises (`backends/shared/log-server.ts`), as one suite: run it against each.
 *
 * Here are the steps, one by one and at the same time. What the servers do when they are killed, promoted or frozen is
 * tested beside it, as each has its own ways to fail.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EpochEnded, type LogServer } from '../../src/backends/shared/log-server.ts'
import type { ChangeRecord } from '../../src/cache/change.ts'
import type { Change, Cursor } from '../../src/cache/ports.ts'
import { makeRecord } from '../support/cache-world.ts'
import { until } from '../support/servers/until.ts'

export interface LogServerForTest {
  /** The log as another process reaches it. Closed by the suite. */
  connect(): LogServer
  /** With which it is connected. Short: the suite waits for it. */
  readonly quarantineMs: number
  /** With which it is connected; 200 at the most, as the suite fills it. */
  readonly changeLimit: number
}

const cursor: Cursor = { lastId: 700, gaps: [{ id: 650, since: 1000 }], sweptAt: { Shot: 2000 } }
const soonMs = 200
const longMs = 60_000

/** Whether an epoch that opened `opensInMs` after `began` shows that it is closed; a busy machine may look too late. */
async function whetherClosed(began: number, opensInMs: number, look: () => Promise<number>): Promise<boolean> {
  const isClosed = (await look()) > 0
  return isClosed || performance.now() - began >= opensInMs
}

/** `open` gives a server that nothing has been written to. */
export function describeLogServer(name: string, open: () => Promise<LogServerForTest>): void {
  describe(`the log in ${name}`, () => {
    let opened: LogServerForTest
    let log: LogServer
    let connected: LogServer[]
    const connect = () => {
      const server = opened.connect()
      connected.push(server)
      return server
    }

    beforeEach(async () => {
      connected = []
      opened = await open()
      log = connect()
    })
    afterEach(() => Promise.all(connected.map((server) => server.close())))

    /** Enters, and waits until the epoch is open. */
    async function enterOpen(epoch = 'e1'): Promise<number> {
      const { head } = await log.enter(epoch)
      await until(async () => (await log.enter('another')).opensInMs === 0, { what: 'the epoch is open' })
      return head
    }

    const append = (server: LogServer, records: readonly ChangeRecord[]) => server.append('e1', records, 1)

    describe('epochs', () => {
      test('the first who comes begins one, and the others are in it', async () => {
        const first = await log.enter('e1')
        expect(first).toMatchObject({ epoch: 'e1', coverage: first.head })
        expect(await connect().enter('e2')).toMatchObject({ epoch: 'e1', head: first.head, coverage: first.head })
      })

      test('several who come at once are in the same', async () => {
        const states = await Promise.all(['e1', 'e2', 'e3', 'e4'].map((epoch) => connect().enter(epoch)))
        expect(new Set(states.map(({ epoch }) => epoch)).size).toBe(1)
      })

      test('rule 5: a new one is closed for a while, by the clock of the server', async () => {
        const began = performance.now()
        const { opensInMs } = await log.enter('e1')
        expect(opensInMs).toBeGreaterThan(0)
        expect(opensInMs).toBeLessThanOrEqual(opened.quarantineMs)
        const look = async () => (await log.renew('e1', 'a', 0, longMs)).opensInMs
        expect(await whetherClosed(began, opensInMs, look)).toBe(true)
        await until(async () => (await log.renew('e1', 'a', 0, longMs)).opensInMs === 0, { what: 'it is open' })
        expect((await log.enter('e2')).opensInMs).toBe(0)
      })

      test('rule 5: nothing is settled in one that is closed', async () => {
        const began = performance.now()
        const { head, opensInMs } = await log.enter('e1')
        expect(await whetherClosed(began, opensInMs, () => log.behind('e1', head))).toBe(true)
        await until(async () => (await log.behind('e1', head)) === 0, { what: 'it is open' })
      })

      test('changes that were seen and are not there show that the log was lost', async () => {
        const head = await enterOpen()
        await append(log, [makeRecord()])
        expect(await log.enter('e2', { epoch: 'e1', seq: head + 1 })).toMatchObject({ epoch: 'e1', opensInMs: 0 })
        const next = await log.enter('e2', { epoch: 'e1', seq: head + 2 })
        expect(next.epoch).toBe('e2')
        expect(next.opensInMs).toBeGreaterThan(0)
        expect(next.head).toBeGreaterThan(head + 1)
        expect(next.coverage).toBe(next.head)
      })

      test('a position in an epoch that is over says nothing about this one', async () => {
        const head = await enterOpen()
        expect(await log.enter('e2', { epoch: 'e0', seq: head })).toMatchObject({ epoch: 'e1' })
      })

      test('a new one has the cursor of the old, but no members, no lease and none of its changes', async () => {
        const head = await enterOpen()
        const fence = (await log.acquireLease('e1', 'a', longMs))!
        await log.append('e1', [makeRecord()], 1, { cursor, fence })
        await log.renew('e1', 'a', head, longMs)
        const next = await log.enter('e2', { epoch: 'e1', seq: head + 9 })
        expect(await log.cursor('e2')).toEqual(cursor)
        expect(await log.read('e2', 0, 10)).toEqual([])
        expect(await log.acquireLease('e2', 'b', longMs)).toBeGreaterThan(0)
        expect(await log.renew('e2', 'b', next.head, longMs)).toMatchObject({ joined: true, members: 1 })
      })

      test('rule 4: every step is refused in another than it was meant for', async () => {
        await enterOpen('e2')
        const steps: ((epoch: string) => Promise<unknown>)[] = [
          (epoch) => log.append(epoch, [makeRecord()], 1),
          (epoch) => log.append(epoch, [], 1),
          (epoch) => log.read(epoch, 0, 10),
          (epoch) => log.renew(epoch, 'a', 0, longMs),
          (epoch) => log.behind(epoch, 0),
          (epoch) => log.cursor(epoch),
          (epoch) => log.acquireLease(epoch, 'a', longMs),
          (epoch) => log.releaseLease(epoch, 'a'),
          (epoch) => log.leave(epoch, 'a'),
        ]
        for (const step of steps) {
          await step('e2')
          await expect(step('e1')).rejects.toBeInstanceOf(EpochEnded)
        }
        expect(await log.read('e2', 0, 10)).toHaveLength(1)
      })
    })

    describe('changes', () => {
      test('get numbers one by one, and an append gives the last', async () => {
        const head = await enterOpen()
        expect(await append(log, [makeRecord({ ids: [1] }), makeRecord({ ids: [2] })])).toBe(head + 2)
        expect(await append(connect(), [makeRecord({ ids: [3] })])).toBe(head + 3)
        const found = (await log.read('e1', head, 10)).map(({ seq, ids }) => [seq - head, ids])
        expect(found).toEqual([
          [1, [1]],
          [2, [2]],
          [3, [3]],
        ])
      })

      test('an append of nothing gives the head', async () => {
        const head = await enterOpen()
        expect(await append(log, [])).toBe(head)
        await append(log, [makeRecord()])
        expect(await append(log, [])).toBe(head + 1)
      })

      test('come back as they were: null is not absent, and every text is kept', async () => {
        const head = await enterOpen()
        const record = makeRecord({
          old: null,
          new: { text: 'Zoë 日本 \u0000 "\\" \n\r\u2028 \ud800', number: 1.5, list: [null, true] },
          project: 'none',
          actor: 'HumanUser 88',
        })
        await log.append('e1', [record, makeRecord()], 12.5)
        const [change, other] = await log.read('e1', head, 10)
        expect(change).toEqual({ ...record, epoch: 'e1', seq: head + 1, at: 12.5 })
        expect(other).not.toHaveProperty('old')
      })

      test('rule 7: what a later version has written means yes', async () => {
        const head = await enterOpen()
        // As the types of a later version would allow.
        const later = { ...makeRecord({ type: 'Task' }), unless: 'the moon is full' } as ChangeRecord
        const unknown = { ...makeRecord(), kind: 'merge' } as unknown as ChangeRecord
        await append(log, [later, unknown, makeRecord()])
        const found = (await log.read('e1', head, 10)).map(({ kind, type }) => [kind, type])
        expect(found).toEqual([
          ['flush', 'Task'],
          ['flush', '*'],
          ['change', 'Shot'],
        ])
      })

      test('are read some at a time', async () => {
        const head = await enterOpen()
        await append(
          log,
          [1, 2, 3].map((id) => makeRecord({ ids: [id] })),
        )
        const seqs = async (after: number, limit: number) => (await log.read('e1', after, limit)).map(({ seq }) => seq)
        expect(await seqs(head, 2)).toEqual([head + 1, head + 2])
        expect(await seqs(head + 2, 2)).toEqual([head + 3])
        expect(await seqs(head + 3, 2)).toEqual([])
      })

      test('rule 3: of eight who append at once have dense numbers, and nobody who follows misses one', async () => {
        const head = await enterOpen()
        let isOver = false
        const follow = async (server: LogServer) => {
          const seen: Change[] = []
          for (let after = head; ; after = seen.at(-1)?.seq ?? head) {
            const wasOver = isOver
            const found = await server.read('e1', after, 7)
            seen.push(...found)
            if (wasOver && found.length === 0) return seen
          }
        }
        const following = [follow(connect()), follow(connect())]
        const appended = await Promise.all(
          [1, 2, 3, 4, 5, 6, 7, 8].map(async (who) => {
            const server = connect()
            const lasts: { seq: number; who: number; count: number }[] = []
            for (let n = 0; n < 8; n++) {
              const count = 1 + ((n + who) % 3)
              const records = Array.from({ length: count }, () => makeRecord({ ids: [who, n] }))
              lasts.push({ seq: await append(server, records), who, count })
            }
            return lasts
          }),
        )
        isOver = true
        const seen = await Promise.all(following)
        const changes = seen[0]!
        expect(seen[1]).toEqual(changes)
        expect(changes.map(({ seq }) => seq)).toEqual(changes.map((_, index) => head + 1 + index))
        const total = appended.flat().reduce((sum, { count }) => sum + count, 0)
        expect(changes).toHaveLength(total)
        // Each append lies in one piece, and ends where it was told.
        for (const { seq, who, count } of appended.flat()) {
          const piece = changes.slice(seq - head - count, seq - head)
          expect(new Set(piece.map(({ ids }) => String(ids))).size).toBe(1)
          expect(piece[0]!.ids).toContain(who)
        }
      })

      test('rule 7: a log that was trimmed begins later, without a hole after that', async () => {
        const head = await enterOpen()
        const { changeLimit } = opened
        const records = Array.from({ length: Math.ceil(changeLimit / 4) }, () => makeRecord())
        let last = head
        for (let n = 0; n < 20; n++) last = await append(log, records)
        const found = await until(
          async () => {
            const changes = await log.read('e1', head, 100 * changeLimit)
            return changes[0]!.seq > head + 1 && changes
          },
          { what: 'it was trimmed' },
        )
        expect(found.map(({ seq }) => seq)).toEqual(found.map((_, index) => last - found.length + 1 + index))
        expect(found.length).toBeGreaterThanOrEqual(changeLimit)
        const { coverage } = await log.enter('e2')
        expect(coverage).toBeGreaterThan(head)
        expect((await log.read('e1', coverage, 1))[0]!.seq).toBe(coverage + 1)
      })
    })

    describe('news', () => {
      test('wake who waits for them', async () => {
        const head = await enterOpen()
        const aborting = new AbortController()
        const woken = until(
          async () => {
            await log.news('e1', head, aborting.signal)
            return (await log.read('e1', head, 10)).length > 0
          },
          { what: 'the news are there', everyMs: 0 },
        )
        await append(connect(), [makeRecord()])
        expect(await woken).toBe(true)
      })

      test('nobody waits on when he is to stop', async () => {
        const head = await enterOpen()
        const aborting = new AbortController()
        const waiting = log.news('e1', head, aborting.signal)
        aborting.abort()
        await waiting
      })
    })

    describe('members', () => {
      test('one that was not there has joined, and is told the head', async () => {
        const head = await enterOpen()
        const seq = await append(log, [makeRecord()])
        expect(await log.renew('e1', 'a', head, longMs)).toMatchObject({ head: seq, joined: true, members: 1 })
        expect(await log.renew('e1', 'a', seq, longMs)).toMatchObject({ head: seq, joined: false, members: 1 })
        expect(await log.renew('e1', 'b', seq, longMs)).toMatchObject({ joined: true, members: 2 })
      })

      test('rule 13: are behind until they say that they have applied a change', async () => {
        const head = await enterOpen()
        await log.renew('e1', 'a', head, longMs)
        await log.renew('e1', 'b', head, longMs)
        const seq = await append(log, [makeRecord()])
        expect(await log.behind('e1', seq)).toBe(2)
        await log.renew('e1', 'a', seq, longMs)
        expect(await log.behind('e1', seq)).toBe(1)
        await log.renew('e1', 'b', seq, longMs)
        expect(await log.behind('e1', seq)).toBe(0)
      })

      test('rule 8: are forgotten by the clock of the server, and have joined when they come again', async () => {
        const head = await enterOpen()
        await log.renew('e1', 'a', head, soonMs)
        const seq = await append(log, [makeRecord()])
        expect(await log.behind('e1', seq)).toBe(1)
        await until(async () => (await log.behind('e1', seq)) === 0, { what: 'it is forgotten' })
        expect(await log.renew('e1', 'a', head, longMs)).toMatchObject({ joined: true, head: seq })
      })

      test('rule 8: one whose answer was lost when it joined again is told again', async () => {
        const head = await enterOpen()
        await log.renew('e1', 'a', head, soonMs)
        const seq = await append(log, [makeRecord()])
        await until(async () => (await log.behind('e1', seq)) === 0, { what: 'it is forgotten' })
        await log.renew('e1', 'a', head, longMs) // nobody hears what this says
        expect(await log.renew('e1', 'a', head, longMs)).toMatchObject({ joined: true, head: seq })
        expect(await log.renew('e1', 'a', seq, longMs)).toMatchObject({ joined: false })
      })

      test('one that has left is not waited for', async () => {
        const head = await enterOpen()
        await log.renew('e1', 'a', head, longMs)
        const seq = await append(log, [makeRecord()])
        await log.leave('e1', 'a')
        await log.leave('e1', 'a')
        expect(await log.behind('e1', seq)).toBe(0)
      })

      test('rule 13: whoever joins while a change is settled knows of it, or is waited for', async () => {
        const head = await enterOpen()
        const joiner = connect()
        let last = head
        for (let n = 0; n < 40; n++) {
          const member = `m${n}`
          // At the same time, in either order.
          const [seq, renewal] = await Promise.all([
            append(log, [makeRecord()]),
            joiner.renew('e1', member, last, longMs),
          ])
          if (renewal.head < seq) expect(await log.behind('e1', seq)).toBe(1)
          last = seq
          await joiner.leave('e1', member)
        }
      })
    })

    describe('the lease', () => {
      test('is held by one, who keeps the fence', async () => {
        await enterOpen()
        const fence = await log.acquireLease('e1', 'a', longMs)
        expect(fence).toBeGreaterThan(0)
        expect(await log.acquireLease('e1', 'b', longMs)).toBeUndefined()
        expect(await log.acquireLease('e1', 'a', longMs)).toBe(fence)
      })

      test('of several who ask at once one gets it', async () => {
        await enterOpen()
        const fences = await Promise.all(['a', 'b', 'c', 'd'].map((who) => connect().acquireLease('e1', who, longMs)))
        expect(fences.filter((fence) => fence !== undefined)).toHaveLength(1)
      })

      test('passes on when its time is over, with a greater fence', async () => {
        await enterOpen()
        const fence = (await log.acquireLease('e1', 'a', soonMs))!
        const next = await until(() => log.acquireLease('e1', 'b', longMs), { what: 'the lease has passed on' })
        expect(next).toBeGreaterThan(fence)
      })

      test('passes on when it is given back by who holds it', async () => {
        await enterOpen()
        const fence = (await log.acquireLease('e1', 'a', longMs))!
        await log.releaseLease('e1', 'b')
        expect(await log.acquireLease('e1', 'b', longMs)).toBeUndefined()
        await log.releaseLease('e1', 'a')
        expect(await log.acquireLease('e1', 'b', longMs)).toBeGreaterThan(fence)
      })
    })

    describe('the cursor', () => {
      test('is not there at first, and is kept as it was given', async () => {
        await enterOpen()
        expect(await log.cursor('e1')).toBeUndefined()
        const fence = (await log.acquireLease('e1', 'a', longMs))!
        const head = await log.append('e1', [], 1, { cursor, fence })
        expect(await log.cursor('e1')).toEqual(cursor)
        expect(await append(log, [])).toBe(head)
      })

      test('rule 16: an older fence appends nothing and moves nothing', async () => {
        const head = await enterOpen()
        const old = (await log.acquireLease('e1', 'a', soonMs))!
        await log.append('e1', [makeRecord()], 1, { cursor, fence: old })
        const fence = (await until(() => log.acquireLease('e1', 'b', longMs), { what: 'the lease has passed on' }))!
        const move = { cursor: { ...cursor, lastId: 500 }, fence: old }
        const refused = log.append('e1', [makeRecord()], 1, move)
        await expect(refused).rejects.toMatchObject({ code: 'FENCED', details: { fence: old, lastFence: fence } })
        expect(await log.cursor('e1')).toEqual(cursor)
        expect(await append(log, [])).toBe(head + 1)
      })
    })
  })
}
