/**
 * What every tier promises, as one suite: run it against each.
 *
 * `open` gives a tier that nothing has been written to. What only a shared tier can show (a second process, a lost
 * lease) is tested beside it.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Backend, Cursor } from '../../src/cache/ports.ts'
import type { Clock } from '../../src/clock.ts'
import { SgcacheError } from '../../src/errors.ts'
import { makeDependency, makeEntry, makeRecord } from '../support/cache-world.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

export interface OpenedBackend {
  readonly backend: Backend
  /** The largest body the near cache takes, bytes. */
  readonly maxEntryBytes: number
}

/** A virtual clock, or for a tier with a real server one that goes by itself. */
export type TestClock = Clock & Pick<VirtualClock, 'advance' | 'run'>

export type OpenForTest<AnyClock> = (clock: AnyClock) => Promise<OpenedBackend>

export function describeBackend<AnyClock extends TestClock>(
  name: string,
  makeClock: () => AnyClock,
  open: OpenForTest<AnyClock>,
): void {
  describe(`${name} backend`, () => {
    let clock: AnyClock
    let backend: Backend
    let maxEntryBytes: number

    beforeEach(async () => {
      clock = makeClock()
      ;({ backend, maxEntryBytes } = await open(clock))
    })

    afterEach(() => backend.close())

    describe('store', () => {
      const here = () => ({ epoch: backend.log.window.epoch, seq: 3 })
      const entry = (parts = {}) =>
        makeEntry({ stamp: here(), fetchedAt: clock.now(), keepUntil: clock.now() + 60_000, ...parts })

      test('gives back what was set, to the byte', async () => {
        const dependencies = [makeDependency({ rows: [1, 2], fields: 'any', presence: true })]
        const set = entry({ dependencies, body: Buffer.from('{"name":"Zoë\\u0000 日本"}') })
        expect(await backend.store.set(set)).toBe(true)
        expect(await backend.store.get(set.key)).toEqual(set)
      })

      test('knows nothing of other keys', async () => {
        await backend.store.set(entry())
        expect(await backend.store.get('farm:Shot:read:y')).toBeUndefined()
      })

      test('does not give an entry past its time', async () => {
        await backend.store.set(entry())
        await clock.advance(50_000)
        expect(await backend.store.get(entry().key)).toBeDefined()
        await clock.advance(10_000)
        expect(await backend.store.get(entry().key)).toBeUndefined()
        expect(await collect(backend.store.entries())).toEqual([])
      })

      test('does not store what is past its time already', async () => {
        await backend.store.set(entry({ keepUntil: clock.now() }))
        expect(await backend.store.get(entry().key)).toBeUndefined()
      })

      test('replaces an entry by a younger one', async () => {
        await backend.store.set(entry())
        const younger = entry({ stamp: { ...here(), seq: 4 }, validatedSeq: 4, body: Buffer.from('{}') })
        await backend.store.set(younger)
        expect((await backend.store.get(younger.key))?.body).toEqual(younger.body)
      })

      test('forgets what is deleted, and deleting twice is harmless', async () => {
        await backend.store.set(entry())
        await backend.store.delete(entry().key)
        await backend.store.delete(entry().key)
        expect(await backend.store.get(entry().key)).toBeUndefined()
      })

      test('lists every entry once', async () => {
        const keys = Array.from({ length: 30 }, (_, i) => `farm:Shot:read:${i}`)
        for (const key of keys) await backend.store.set(entry({ key }))
        const listed = (await collect(backend.store.entries())).map(({ key }) => key)
        expect(listed.sort()).toEqual([...keys].sort())
      })

      test('the near cache refuses what is too large for it', () => {
        expect(backend.near.set(entry({ body: Buffer.alloc(maxEntryBytes + 1) }))).toBe(false)
      })
    })

    describe('log', () => {
      const cursor: Cursor = { lastId: 700, gaps: [{ id: 650, since: 1000 }], sweptAt: { Shot: 2000 } }

      test('gives seqs one by one, in the order appended, and names the last', async () => {
        const first = await backend.log.append([makeRecord({ ids: [1] }), makeRecord({ ids: [2] })])
        const second = await backend.log.append([makeRecord({ ids: [3] })])
        expect(second).toEqual({ epoch: first.epoch, seq: first.seq + 1 })
        const changes = backend.log.window.since(first.seq - 2)
        expect(changes.map(({ ids, seq }) => [ids, seq - first.seq])).toEqual([
          [[1], -1],
          [[2], 0],
          [[3], 1],
        ])
      })

      test('has applied an append to its own window when it resolves', async () => {
        const position = await backend.log.append([makeRecord()])
        expect(backend.log.window).toMatchObject({ epoch: position.epoch, head: position.seq })
      })

      test('keeps every member of a change, and when it was appended', async () => {
        const record = makeRecord({ old: null, new: { type: 'Step', id: 3 }, project: 'none', actor: 'HumanUser 88' })
        const before = clock.now()
        const { seq } = await backend.log.append([record])
        const [change] = backend.log.window.since(seq - 1)
        expect(change).toEqual({ ...record, epoch: backend.log.window.epoch, seq, at: expect.any(Number) })
        expect(change!.at).toBeGreaterThanOrEqual(before)
        expect(change!.at).toBeLessThanOrEqual(clock.now())
      })

      test('leaves absent what is unknown: it does not become null', async () => {
        const { seq } = await backend.log.append([makeRecord()])
        expect(backend.log.window.since(seq - 1)[0]).not.toHaveProperty('old')
      })

      test('keeps appends made at once apart: none is mixed into another', async () => {
        const appends = [1, 2, 3, 4].map((id) =>
          backend.log.append([makeRecord({ ids: [id] }), makeRecord({ ids: [id] })]),
        )
        const positions = await clock.run(Promise.all(appends))
        const ids = backend.log.window.since(0).map((change) => change.ids)
        for (let i = 0; i < ids.length; i += 2) expect(ids[i]).toEqual(ids[i + 1])
        expect(new Set(positions.map(({ seq }) => seq)).size).toBe(4)
      })

      test('appends nothing, and says where it is', async () => {
        const before = await backend.log.append([makeRecord()])
        expect(await backend.log.append([])).toEqual(before)
      })

      test('moves the cursor with the changes it stands for', async () => {
        expect(await backend.cursors.load()).toBeUndefined()
        const fence = (await backend.lease.acquire())!
        await backend.log.append([makeRecord()], { cursor, fence })
        expect(await backend.cursors.load()).toEqual(cursor)
      })

      test('rule 16: an older fence appends nothing and moves nothing', async () => {
        const fence = (await backend.lease.acquire())!
        const before = await backend.log.append([makeRecord()], { cursor, fence })
        const late = { cursor: { ...cursor, lastId: 500 }, fence: fence - 1 }
        const refused = backend.log.append([makeRecord()], late)
        await expect(refused).rejects.toBeInstanceOf(SgcacheError)
        await expect(refused).rejects.toMatchObject({ code: 'FENCED' })
        expect(await backend.cursors.load()).toEqual(cursor)
        expect(await backend.log.append([])).toEqual(before)
      })

      test('a change is settled when no process can answer any more with what it affects', async () => {
        const position = await backend.log.append([makeRecord()])
        await clock.run(backend.log.settled(position))
      })

      test('a process alone and up to date may answer', () => {
        expect(backend.log.mayAnswer()).toBe(true)
      })
    })

    describe('lease', () => {
      test('is held again by who holds it, with the same fence', async () => {
        const fence = await backend.lease.acquire()
        expect(fence).toBeGreaterThan(0)
        expect(await backend.lease.acquire()).toBe(fence)
      })

      test('can be had again after it was given back', async () => {
        const fence = (await backend.lease.acquire())!
        await backend.lease.release()
        expect(await backend.lease.acquire()).toBeGreaterThanOrEqual(fence)
      })
    })
  })
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
