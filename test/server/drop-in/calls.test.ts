import { describe, expect, it } from 'vitest'
import type { PythonClient } from '../../support/python-client.ts'
import { PythonFault } from '../../support/python-wire.ts'
import { type NamedCall, readTable, writeTable } from './call-table.ts'
import { openDropInWorld, script } from './drop-in-world.ts'

/** What differs between two answers that mean the same. */
const volatile: readonly { readonly name: string; readonly mask: (text: string) => string }[] = [
  { name: 'the signature of an address', mask: (text) => text.replace(/(https?:\/\/[^"?]+)\?[^"]*/g, '$1?…') },
]

/** An answer or a refusal, without what is volatile. */
async function outcome(call: NamedCall, client: PythonClient): Promise<unknown> {
  const answer = await call.run(client).catch((error: unknown) => {
    if (error instanceof PythonFault) return { refused: error.message, code: error.code }
    throw error
  })
  const text = JSON.stringify(answer ?? null)
  return JSON.parse(volatile.reduce((masked, { mask }) => mask(masked), text))
}

describe('the table of calls', () => {
  it('has at least 120 names, each once', () => {
    const names = [...readTable, ...writeTable].map((call) => call.name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThanOrEqual(120)
  })
})

describe('through sgcache, cold and warm, is answered as by the site', () => {
  const world = openDropInWorld()
  const direct = world.direct(script)

  it.each(readTable.map((call) => [call.name, call] as const))('%s', async (_, call) => {
    const truth = await outcome(call, direct)
    // Another program asks first: sessions differ, the question is the same.
    expect(await outcome(call, world.client(script, { sessionUuid: 'a' }))).toEqual(truth)
    const client = world.client(script, { keyOrder: 'backward', sessionUuid: 'b' })
    await client.info()
    const before = world.upstreamCalls()
    expect(await outcome(call, client)).toEqual(truth)
    const isHit = /^sgcache; hit/.test(String(client.lastHeaders['cache-status']))
    if (call.warm === 'hit') expect({ calls: world.upstreamCalls() - before }).toEqual({ calls: 0 })
    else
      expect({ isHit: isHit && call.warm === 'pass', isAsked: world.upstreamCalls() > before }).toEqual({
        isHit: false,
        isAsked: true,
      })
  })
})

describe('a write through sgcache', () => {
  const world = openDropInWorld()
  const twin = openDropInWorld()
  const client = world.client(script)
  const direct = twin.direct(script)
  const reads = readTable.filter((call) => call.warm !== 'fault' && call.name !== 'get_session_token')

  it.each(writeTable.map((call) => [call.name, call] as const))(
    'is answered, and seen at once: %s',
    async (_, call) => {
      for (const read of reads) await outcome(read, client)
      const truth = await outcome(call, direct)
      expect(await outcome(call, client)).toEqual(truth)
      expect(String(client.lastHeaders['cache-status'])).not.toMatch(/^sgcache; hit/)
      for (const read of reads) {
        const name = `${read.name} after ${call.name}`
        expect({ name, answer: await outcome(read, client) }).toEqual({
          name,
          answer: await outcome(read, world.direct(script)),
        })
      }
    },
  )
})
