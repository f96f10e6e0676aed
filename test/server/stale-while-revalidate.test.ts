/** What callers are told of an answer past its end that is read anew in the background, and who is never given one. */
import { afterEach, describe, expect, it } from 'vitest'
import { mintToken } from '../../src/cli/mint-token.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { Running } from '../../src/server/start.ts'
import { serveSite } from '../support/served-site.ts'

const key = 'a key of at least thirty-two bytes, for tests'
const scopes = ['default', 'crew']
const sandbox = createSandbox({ size: 'tiny' })
let running: Running
/** How far the wall clock of the server is ahead. */
let aheadMs: number
const clock: Clock = { ...systemClock, now: () => Date.now() + aheadMs }
afterEach(() => running.close())

async function open(): Promise<void> {
  aheadMs = 0
  running = await serveSite({
    sandbox,
    clock,
    settings: {
      'auth.mode': 'jwt',
      'auth.key': key,
      'cache.entity_ttl': '10m',
      'cache.query_ttl': '10m',
      'cache.restricted_ttl': '10m',
      'cache.stale_while_revalidate': '5m',
      'events.blind_after': '30m', // setting the clock ahead leaves the follower unseen for as long
    },
    scopes: { crew: { sees: 'restricted', script: 'renderfarm', key: 'farm-key', scripts: [] } },
  })
}

async function ask(path: string, scope = 'default') {
  const token = await mintToken(
    { key, audience: 'sgcache', scopeClaim: 'scope', scopes, isAskedFor: true },
    { scope, subject: 'a test', ttl: '1h' },
    Date.now(),
  )
  const reply = await fetch(`${running.address}${path}`, { headers: { authorization: `Bearer ${token}` } })
  return { status: reply.headers.get('cache-status')!, age: Number(reply.headers.get('age')), text: await reply.text() }
}

const queryUrl = (filters: readonly unknown[]) =>
  `/query?q=${encodeURIComponent(JSON.stringify({ entity_type: 'Shot', filters, fields: ['code'] }))}`

describe('an answer past its end', () => {
  it.each(['/entity/Shot/1?fields=code', queryUrl([])])('is told as such: %s', async (path) => {
    await open()
    await ask(path)
    aheadMs = 601_000
    const reply = await ask(path)
    expect(reply.status).toMatch(/^sgcache; hit; ttl=-\d+; detail="revalidating"$/)
    expect(reply.age).toBeGreaterThanOrEqual(600)
    expect(JSON.parse(reply.text)).toMatchObject({ source: 'cache' })
    expect(reply.text).not.toContain('"stale"')
    let next = await ask(path)
    while (next.status.includes('revalidating')) next = await ask(path)
    expect(next.status).toMatch(/^sgcache; hit; ttl=\d+$/)
    expect(next.age).toBeLessThan(300)
    const metrics = await (await fetch(`${running.address}/metrics`)).text()
    expect(metrics).toMatch(/^sg_cache_revalidations_total 1$/m)
  })

  it('is read anew first if the clock decides what is true', async () => {
    await open()
    const path = queryUrl([['updated_at', 'in_last', 3, 'DAY']])
    await ask(path)
    aheadMs = 31_000
    expect((await ask(path)).status).toContain('fwd=stale')
  })

  it('is read anew first in a scope that does not see everything', async () => {
    await open()
    const path = '/entity/Shot/1?fields=code'
    await ask(path, 'crew')
    aheadMs = 601_000
    expect((await ask(path, 'crew')).status).toContain('fwd=stale')
  })
})
