/** What lies in Redis: under which keys, in which form, and what of it is not ours or not ours yet. */
import { test as base, describe, expect } from 'vitest'
import { logKey } from '../../../src/backends/redis/log-scripts.ts'
import { openEntriesLink } from '../../../src/backends/redis/open-link.ts'
import { RedisStorage } from '../../../src/backends/redis/redis-storage.ts'
import type { ChangeRecord } from '../../../src/cache/change.ts'
import { decodeFrame } from '../../../src/cache/frame.ts'
import type { Backend } from '../../../src/cache/ports.ts'
import { systemClock } from '../../../src/clock.ts'
import { makeRecord } from '../../support/cache-world.ts'
import { askRedis } from '../../support/servers/redis.ts'
import { redisIsMissing, sharedRedis } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'
import { all, connectionTo, entryNow, everyCall, mayAnswer } from './redis-for-tests.ts'
import { type RedisWorld, test } from './redis-world.ts'

async function listed({ store }: Backend): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.entries()) keys.push(key)
  return keys
}

async function opened(world: RedisWorld) {
  const space = await sharedRedis()
  const { backend } = world.open(space)
  await mayAnswer(backend)
  const ask = (...command: string[]) => askRedis(space.url, ...command)
  return { backend, ask, ...space }
}

describe.skipIf(await redisIsMissing()).concurrent('in Redis', () => {
  test('all keys begin with the prefix, once, and entries end by themselves', async ({ world }) => {
    const { backend, ask, prefix } = await opened(world)
    const { epoch } = backend.log.window
    const entry = entryNow(backend)
    await backend.store.set(entry)
    expect(await everyCall(backend)).toEqual(all('done'))
    await backend.flights!.claim('a question')
    const keys = (await ask('KEYS', `*${prefix}*`)) as string[] // as the command says
    expect(keys.sort()).toEqual(
      [
        ...[`${prefix}:e:${entry.key}`, `${prefix}:f:a question`, `${prefix}:types`],
        ...[logKey(prefix), `${logKey(prefix)}:${epoch}`],
      ].sort(),
    )
    expect(await ask('PTTL', `${prefix}:e:${entry.key}`)).toBeGreaterThan(60_000)
    expect(await ask('PTTL', `${prefix}:f:a question`)).toBeGreaterThan(0)
  })

  test('an entry is a frame, to be read by anybody', async ({ world }) => {
    const { backend, ask, prefix } = await opened(world)
    const entry = entryNow(backend, { body: Buffer.from('{"name":"Zoë 日本"}') })
    await backend.store.set(entry)
    const frame = String(await ask('GET', `${prefix}:e:${entry.key}`))
    expect(frame).toMatch(/^sgc1 [0-9a-f]{8} \{"key":"farm:Shot:read:x"/)
    expect(frame.split('\n')[2]).toBe('{"name":"Zoë 日本"}')
    expect(decodeFrame(Buffer.from(frame))).toEqual(entry)
  })

  test('two that share it with a prefix of their own know nothing of each other', async ({ world }) => {
    const { backend, prefix, url } = await opened(world)
    const other = world.open({ url, prefix: `${prefix}:other` }).backend
    await mayAnswer(other)
    await backend.store.set(entryNow(backend))
    const { seq } = await backend.log.append([makeRecord()])
    expect(await listed(other)).toEqual([])
    expect(await other.store.get(entryNow(backend).key)).toBeUndefined()
    expect(other.log.window.epoch).not.toBe(backend.log.window.epoch)
    expect(other.log.window.head).not.toBe(seq)
    expect([backend.processes(), other.processes()]).toEqual([1, 1])
    expect(await backend.lease.acquire()).toBe(1)
    expect(await other.lease.acquire()).toBe(1)
    const claims = [await backend.flights!.claim('a question'), await other.flights!.claim('a question')]
    expect(claims.map(({ mine }) => mine)).toEqual([true, true])
  })

  const strange: readonly [what: string, change: (frame: string) => string][] = [
    ['of a later format', (frame) => frame.replace(/^sgc1/, 'sgc2')],
    ['that was cut short', (frame) => frame.slice(0, -1)],
    ['that was altered', (frame) => frame.replace('"results"', '"resulta"')],
    ['that is empty', () => ''],
  ]
  for (const [what, change] of strange) {
    test(`a frame ${what} is no entry`, async ({ world }) => {
      const { backend, ask, prefix } = await opened(world)
      const entry = entryNow(backend)
      await backend.store.set(entry)
      const place = `${prefix}:e:${entry.key}`
      await ask('SET', place, change(String(await ask('GET', place))))
      expect(await backend.store.get(entry.key)).toBeUndefined()
      expect(await listed(backend)).toEqual([])
      expect(await backend.store.set(entry)).toBe(true)
      expect(await backend.store.get(entry.key)).toEqual(entry)
    })
  }

  test('a frame under the key of another is no entry of that', async ({ world }) => {
    const { backend, ask, prefix } = await opened(world)
    await backend.store.set(entryNow(backend))
    await ask('COPY', `${prefix}:e:farm:Shot:read:x`, `${prefix}:e:farm:Shot:read:y`)
    expect(await backend.store.get('farm:Shot:read:y')).toBeUndefined()
  })

  test('rule 7: changes of a later version, and damaged ones, count for everything', async ({ world }) => {
    const { backend, ask, prefix } = await opened(world)
    const { epoch, head } = backend.log.window
    const later = { ...makeRecord({ type: 'Task' }), unless: 'the moon is full' }
    const unknown = { ...makeRecord(), kind: 'merge' }
    const texts = [JSON.stringify(later), JSON.stringify(unknown), '{"source":"eve', JSON.stringify(makeRecord())]
    for (const [n, text] of texts.entries()) {
      await ask('XADD', `${logKey(prefix)}:${epoch}`, `${head + n + 1}-0`, 'c', text, 'at', '1000')
    }
    await ask('HSET', logKey(prefix), 'head', String(head + texts.length))
    await until(() => backend.log.window.head === head + texts.length, { what: 'they are applied' })
    expect(backend.log.window.since(head).map(({ kind, type }) => [kind, type])).toEqual([
      ['flush', 'Task'],
      ['flush', '*'],
      ['flush', '*'],
      ['change', 'Shot'],
    ])
    await backend.log.settled(await backend.log.append([makeRecord()]))
  })

  test('rule 7: a process of this version takes so what one of a later has appended', async ({ world }) => {
    const { backend, url, prefix } = await opened(world)
    const other = world.open({ url, prefix }).backend
    await mayAnswer(other)
    // As a later version's type would allow.
    const record = { ...makeRecord(), kind: 'merge' } as unknown as ChangeRecord
    const { seq } = await backend.log.append([record])
    await until(() => other.log.window.head >= seq, { what: 'it is applied' })
    expect(other.log.window.since(seq - 1)[0]).toMatchObject({ kind: 'flush', type: '*', seq })
  })

  test('twenty thousand entries are listed a page at a time, and only ours', async ({ world }) => {
    const { backend, ask, url, prefix } = await opened(world)
    const other = world.open({ url, prefix: `${prefix}x` }).backend
    await mayAnswer(other)
    await other.store.set(entryNow(other, { key: 'farm:Shot:read:other' }))
    await ask('RPUSH', `${prefix}:e:farm:Shot:read:list`, 'not ours')
    const keys = Array.from({ length: 20_000 }, (_, n) => `farm:Shot:read:${n}`)
    const body = Buffer.from('{}')
    for (let n = 0; n < keys.length; n += 500) {
      const page = keys.slice(n, n + 500).map((key) => backend.store.set(entryNow(backend, { key, body })))
      await Promise.all(page)
    }
    const found = (await listed(backend)).filter((key) => key !== 'farm:Shot:read:list')
    expect(new Set(found)).toEqual(new Set(keys))
    let seen = 0
    for await (const _ of backend.store.entries()) if (++seen === 5) break
    expect(seen).toBe(5)
  })
})

base.skipIf(await redisIsMissing())('clearing removes all keys of its prefix, however it is spelled', async () => {
  const { url, prefix } = await sharedRedis()
  const link = openEntriesLink({ connection: connectionTo({ url }), clock: systemClock, onError: () => {} })
  const storageIn = (name: string) =>
    new RedisStorage({ link, prefix: `${prefix}:${name}:`, limitMs: 5000, clock: systemClock })
  const [odd, plain] = [storageIn('a[b]*?'), storageIn('ab')]
  const value = Buffer.from('x')
  await until(() => odd.set('1', { value }), { what: 'it is connected' })
  await Promise.all(Array.from({ length: 3000 }, (_, n) => odd.set(`${n}`, { value })))
  await plain.set('1', { value })
  await odd.clear()
  expect(await odd.get('1')).toBeUndefined()
  expect(await plain.get('1')).toEqual({ value })
  const keys = (await askRedis(url, 'KEYS', `${prefix}:*`)) as string[] // as the command says
  expect(keys).toEqual([`${prefix}:ab:1`])
  await link.close()
})
