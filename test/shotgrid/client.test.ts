import { describe, expect, it } from 'vitest'
import { Breaker } from '../../src/breaker.ts'
import { systemClock } from '../../src/clock.ts'
import { SgcacheError } from '../../src/errors.ts'
import { type ObservedCall, ShotGridClient } from '../../src/shotgrid/client.ts'
import { type Transport, TransportError, type TransportReply } from '../../src/shotgrid/transport.ts'

const auth = { script_name: 'robot', script_key: 'hush-hush' }
const clock = { ...systemClock, sleep: async () => {} }
const ok = (results: unknown): TransportReply => reply(200, JSON.stringify({ results }))
const reply = (status: number, text: string, type = 'application/json'): TransportReply => ({
  status,
  headers: { 'content-type': type },
  body: Buffer.from(text),
})

/** A client whose transport gives the scripted replies in turn, and what was sent and seen. */
function clientOver(script: (TransportReply | Error)[], options: { breaker?: Breaker } = {}) {
  const sent: unknown[] = []
  const seen: ObservedCall[] = []
  const transport: Transport = async ({ body }) => {
    sent.push(JSON.parse(body.toString()))
    const next = script.shift() ?? ok([])
    if (next instanceof Error) throw next
    return next
  }
  const observe = (call: ObservedCall) => seen.push(call)
  const url = 'https://studio.test'
  const client = new ShotGridClient({
    url,
    transport,
    auth,
    clock,
    random: () => 0.5,
    retries: 2,
    retryPauseMs: 1,
    observe,
    ...options,
  })
  return { client, sent, seen }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as SgcacheError).code,
  )

describe('ShotGridClient', () => {
  it('sends the envelope of the Python client', async () => {
    const { client, sent } = clientOver([])
    await client.call('read', { type: 'Shot' })
    await client.call('schema_read', {})
    await client.call('info', {})
    expect(sent).toEqual([
      { method_name: 'read', params: [auth, { type: 'Shot' }] },
      { method_name: 'schema_read', params: [auth] },
      { method_name: 'info', params: [] },
    ])
  })

  it.each([502, 503, 504])('tries a read again on %i', async (status) => {
    const { client, sent } = clientOver([reply(status, ''), reply(status, ''), ok({ entities: [] })])
    await expect(client.find('Shot', [], ['code'])).resolves.toEqual([])
    expect(sent).toHaveLength(3)
  })

  it('tries a read again when the connection is lost, and gives up after its tries', async () => {
    const lost = () => new TransportError('ECONNRESET', true)
    const { client, sent, seen } = clientOver([lost(), lost(), lost(), ok({ entities: [] })])
    await expect(codeOf(client.find('Shot', [], []))).resolves.toBe('UPSTREAM_UNREACHABLE')
    expect(sent).toHaveLength(3)
    expect(seen.map((call) => call.outcome)).toEqual(['outage', 'outage', 'outage'])
  })

  it('never sends a write twice', async () => {
    const { client, sent } = clientOver([reply(503, ''), ok(true)])
    await expect(codeOf(client.call('update', { type: 'Shot', id: 1 }))).resolves.toBe('UPSTREAM_UNREACHABLE')
    expect(sent).toHaveLength(1)
  })

  it('passes a fault on in the site’s own words, and does not count it as an outage', async () => {
    const fault = JSON.stringify({ exception: true, message: "API read() Shot.nope doesn't exist.", error_code: 103 })
    const { client, seen } = clientOver([reply(200, fault)])
    await expect(client.find('Shot', [], [])).rejects.toMatchObject({
      code: 'UPSTREAM_FAULT',
      message: expect.stringContaining("Shot.nope doesn't exist"),
      details: { faultCode: 103 },
    })
    expect(seen[0]?.outcome).toBe('fault')
  })

  it.each([
    ['an HTML page', reply(200, '<html>maintenance</html>', 'text/html')],
    ['a body that was cut', reply(200, '{"results":{"entities":[{"type":"Sh')],
    ['an error of the server', reply(500, 'oops')],
  ])('takes %s for an outage', async (_, bad) => {
    const { client } = clientOver([bad, bad, bad])
    await expect(codeOf(client.find('Shot', [], []))).resolves.toBe('UPSTREAM_UNREACHABLE')
  })

  it('accepts a reply with blanks around it', async () => {
    const { client } = clientOver([reply(200, '\n {"results":{"entities":[]}} \r\n')])
    await expect(client.find('Shot', [], [])).resolves.toEqual([])
  })

  it('keeps its credentials out of every error', async () => {
    const { client } = clientOver([reply(500, 'hush-hush'), reply(403, 'no')])
    for (const method of ['create', 'update']) {
      const error = await client.call(method, {}).catch((caught: unknown) => caught as SgcacheError)
      expect(error).toBeInstanceOf(SgcacheError)
      expect(JSON.stringify(error) + String(error) + String((error as SgcacheError).stack)).not.toContain('hush-hush')
    }
  })

  it('stops asking a site that keeps failing, until one trial call has succeeded', async () => {
    let now = 0
    const breaker = new Breaker({ clock: { ...clock, monotonic: () => now }, failures: 3, openMs: 1000 })
    const down = () => new TransportError('ECONNREFUSED', false)
    const { client, sent } = clientOver([down(), down(), down()], { breaker })
    await codeOf(client.find('Shot', [], []))
    await expect(codeOf(client.find('Shot', [], []))).resolves.toBe('UPSTREAM_UNREACHABLE')
    expect(sent).toHaveLength(3)
    now = 1001
    await expect(codeOf(client.call('read', {}))).resolves.toBe('no error')
    expect(breaker.isOpen).toBe(false)
  })
})
