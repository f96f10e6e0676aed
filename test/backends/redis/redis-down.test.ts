/** A Redis that is not there: at the start, and later. */
import { describe, expect } from 'vitest'
import type { LogEvent } from '../../../src/backends/shared/log-event.ts'
import { makeRecord } from '../../support/cache-world.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { redisServerIsMissing } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'
import { all, entryNow, everyCall, mayAnswer } from './redis-for-tests.ts'
import { test } from './redis-world.ts'

describe.skipIf(await redisServerIsMissing()).concurrent('a Redis that is not there', () => {
  test('at the start: nothing waits for it, and all begins when it comes', async ({ world }) => {
    const port = await freePort()
    const { backend, events, lost } = world.open({ port })
    expect(Object.values(await everyCall(backend))).not.toContain('done')
    await until(() => lost.length > 0, { what: 'it has tried' })
    expect(await everyCall(backend)).toEqual(all('BACKEND_UNREACHABLE'))
    await expect(backend.store.get('farm:Shot:read:x')).rejects.toThrow(`127.0.0.1:${port} (connect ECONNREFUSED`)
    expect(backend.log.mayAnswer()).toBe(false)
    await world.start({ port })
    await mayAnswer(backend)
    expect(events.map(({ kind }) => kind).slice(0, 3)).toEqual(['trouble', 'restored', 'entered'])
    expect(await everyCall(backend)).toEqual(all('done'))
  })

  test('later: every call fails at once, and all goes on when it is back', async ({ world }) => {
    const redis = await world.start()
    const { backend, events } = world.open({ port: redis.port })
    await mayAnswer(backend)
    await redis.kill()
    await until(async () => isDown(await everyCall(backend)), { what: 'every call fails' })
    await until(() => !backend.log.mayAnswer(), { what: 'the right has lapsed' })
    await redis.restart()
    await mayAnswer(backend)
    await backend.log.settled(await backend.log.append([makeRecord()]))
    expect(await everyCall(backend)).toEqual(all('done'))
    expect(events.filter(({ kind }) => kind === 'entered')).toHaveLength(2)
    const lastOf = (kind: LogEvent['kind']) => events.findLastIndex((event) => event.kind === kind)
    await until(() => lastOf('restored') > lastOf('trouble'), { what: 'it is told that all is well' })
    expect(lastOf('trouble')).toBeGreaterThan(0)
  })

  test('later: what is under way fails when the connection does', async ({ world }) => {
    const redis = await world.start()
    const shared = { leaseMs: 400, slackMs: 100, followerLeaseMs: 1000, deadlineMs: 60_000 }
    const { backend, events } = world.open({ port: redis.port, deadlineMs: 60_000 }, { shared })
    await until(() => events.length > 0, { what: 'it has entered' })
    await backend.store.set(entryNow(backend))
    redis.freeze()
    const calls = everyCall(backend)
    await redis.kill()
    expect(await calls).toEqual(all('BACKEND_UNREACHABLE'))
  })
})

function isDown(outcomes: Record<string, string>): boolean {
  return Object.values(outcomes).every((outcome) => outcome === 'BACKEND_UNREACHABLE')
}
