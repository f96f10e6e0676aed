import { describe, expect, it } from 'vitest'
import type { SandboxSwitches } from '../../src/sandbox/switches.ts'
import type { TransportError, TransportReply } from '../../src/shotgrid/transport.ts'
import { Calls, everything, fieldList, readArgs } from './calls.ts'

const update = {
  method_name: 'update',
  params: [everything, { type: 'Shot', id: 1, fields: fieldList({ description: 'sent' }) }],
}
const read = { method_name: 'read', params: [everything, readArgs('Shot', ['description'], [])] }

class Network {
  readonly calls: Calls

  constructor(switches: Partial<SandboxSwitches> = {}) {
    this.calls = new Calls({ switches })
  }

  send(envelope: unknown, signal?: AbortSignal): Promise<TransportReply> {
    const body = Buffer.from(typeof envelope === 'string' ? envelope : JSON.stringify(envelope))
    return this.calls.site.transport()({ path: '/api3/json', body, ...(signal && { signal }) })
  }

  /** The virtual time until the reply. */
  async durationOf(envelope: unknown): Promise<number> {
    const began = this.calls.clock.monotonic()
    await this.calls.clock.run(this.send(envelope))
    return this.calls.clock.monotonic() - began
  }

  failure(envelope: unknown): Promise<TransportError> {
    return this.send(envelope).then(
      () => Promise.reject(new Error('It was answered.')),
      (error: TransportError) => error,
    )
  }

  get isDone(): boolean {
    return this.calls.one('Shot', 1, ['description'])?.description === 'sent'
  }
}

const json = (reply: TransportReply) => JSON.parse(reply.body.toString())

describe('in good weather', () => {
  it('answers as the site does, at once', async () => {
    const network = new Network()
    expect(json(await network.send(read))).toEqual(network.calls.site.call(read))
    expect(await network.durationOf(update)).toBe(0)
    expect(network.isDone).toBe(true)
  })

  it('faults are HTTP 200', async () => {
    const reply = await new Network().send({ method_name: 'explode', params: [everything] })
    expect(reply.status).toBe(200)
    expect(json(reply)).toMatchObject({ exception: true, error_code: 103 })
  })

  it.each(['{', '[]', '{"params":[]}', '{"method_name":"read","params":{}}'])('%s is a bad request', async (body) => {
    expect((await new Network().send(body)).status).toBe(400)
  })
})

describe('latency', () => {
  it('before the work: what happens meanwhile is seen', async () => {
    const network = new Network({ latencyBeforeMs: 300 })
    const reply = network.send(read)
    await network.calls.clock.advance(299)
    network.calls.site.call(update)
    await network.calls.clock.advance(1)
    expect(JSON.stringify(json(await reply))).toContain('sent')
  })

  it('after the work: what happens meanwhile is not', async () => {
    const network = new Network({ latencyAfterMs: 300 })
    const reply = network.send(read)
    await network.calls.clock.advance(1)
    network.calls.site.call(update)
    await network.calls.clock.advance(299)
    expect(JSON.stringify(json(await reply))).not.toContain('sent')
  })

  it('may be a range', async () => {
    const network = new Network({ latencyBeforeMs: [100, 200] })
    const durations = new Set<number>()
    for (let i = 0; i < 20; i += 1) durations.add(await network.durationOf(read))
    expect(durations.size).toBeGreaterThan(5)
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...durations)).toBeLessThanOrEqual(200)
  })

  it('slow answers take longer, for a share of requests', async () => {
    expect(await new Network({ slowShare: 1, slowMs: 5000 }).durationOf(read)).toBe(5000)
  })

  it('ends early when the requester has gone', async () => {
    const network = new Network({ latencyBeforeMs: 300 })
    const gone = new AbortController()
    const reply = network.send(update, gone.signal)
    gone.abort()
    await expect(reply).rejects.toMatchObject({ sent: true })
    expect(network.isDone).toBe(false)
  })
})

describe('an outage', () => {
  it('refuses connections: nothing was sent', async () => {
    const network = new Network({ outage: true })
    expect(await network.failure(update)).toMatchObject({ message: 'ECONNREFUSED', sent: false })
    expect(network.isDone).toBe(false)
  })

  it('cuts connections that are open, before the work or after it', async () => {
    for (const [when, isDone] of [
      ['latencyBeforeMs', false],
      ['latencyAfterMs', true],
    ] as const) {
      const network = new Network({ [when]: 100 })
      const failure = network.failure(update)
      await network.calls.clock.advance(50)
      network.calls.site.switches.outage = true
      await network.calls.clock.advance(50)
      expect(await failure).toMatchObject({ message: 'ECONNRESET', sent: true })
      expect(network.isDone).toBe(isDone)
    }
  })

  it('ends', async () => {
    const network = new Network({ outage: true })
    network.calls.site.switches.outage = false
    expect((await network.send(read)).status).toBe(200)
  })
})

describe('mishaps', () => {
  it.each([500, 502, 503, 504, 403, 429] as const)('HTTP %i does no work', async (status) => {
    const network = new Network({ nextMishaps: [status] })
    expect((await network.send(update)).status).toBe(status)
    expect(network.isDone).toBe(false)
    expect((await network.send(update)).status).toBe(200)
  })

  it('a page of HTML does no work', async () => {
    const network = new Network({ nextMishaps: ['html'] })
    const reply = await network.send(update)
    expect(reply.headers['content-type']).toContain('text/html')
    expect(network.isDone).toBe(false)
  })

  it.each([
    ['resetBefore', false],
    ['lostAck', true],
  ] as const)('%s cuts the connection; work done: %s', async (mishap, isDone) => {
    const network = new Network({ nextMishaps: [mishap] })
    expect(await network.failure(update)).toMatchObject({ name: 'TransportError', sent: true })
    expect(network.isDone).toBe(isDone)
  })

  it('half an answer is no JSON, and the work is done', async () => {
    const network = new Network({ nextMishaps: ['malformed'] })
    const reply = await network.send(update)
    expect(() => json(reply)).toThrow()
    expect(network.isDone).toBe(true)
  })

  it('befall a share of requests by chance, the same ones for the same seed', async () => {
    const statuses = async () => {
      const network = new Network({ mishaps: { 503: 0.3, 500: 0.2 } })
      const found: number[] = []
      for (let i = 0; i < 100; i += 1) found.push((await network.send(read)).status)
      return found
    }
    const found = await statuses()
    expect(await statuses()).toEqual(found)
    for (const status of [200, 500, 503]) expect(found.filter((one) => one === status).length).toBeGreaterThan(8)
  })

  it.each([
    ['reads', 503, 200],
    ['writes', 200, 503],
  ] as const)('can be kept to %s', async (mishapsOn, onRead, onWrite) => {
    const network = new Network({ mishapsOn, mishaps: { 503: 1 } })
    expect((await network.send(read)).status).toBe(onRead)
    expect((await network.send(update)).status).toBe(onWrite)
  })

  it('never befall calls made without a network', () => {
    const network = new Network({ outage: true, mishaps: { 503: 1 } })
    expect(network.calls.site.call(read)).toHaveProperty('results')
  })
})

describe('long transactions', () => {
  it('take their event ids when they begin and show them when they end', async () => {
    const network = new Network({ transactionMs: 2000 })
    const before = network.calls.lastEventId()
    const slow = network.send(update)
    await network.calls.clock.advance(1000)
    network.calls.update('Shot', 2, { description: 'fast' })
    expect(network.isDone).toBe(false)
    expect(network.calls.events(before).map((event) => event.id)).toEqual([before + 2])
    await network.calls.clock.advance(1000)
    expect(json(await slow)).toMatchObject({ results: { id: 1 } })
    expect(network.isDone).toBe(true)
    expect(network.calls.events(before)[0]!.id).toBe(before + 1)
  })

  it('make another write of the same row wait', async () => {
    const network = new Network({ transactionMs: 1000 })
    const second = {
      ...update,
      params: [everything, { type: 'Shot', id: 1, fields: fieldList({ description: 'second' }) }],
    }
    const one = network.send(update)
    await network.calls.clock.advance(10)
    const other = network.send(second)
    await network.calls.clock.run(Promise.all([one, other]))
    expect(json(await other)).toMatchObject({ results: { description: 'second' } })
    expect(network.calls.one('Shot', 1, ['description'])?.description).toBe('second')
    const [first, then] = network.calls.events().slice(-2)
    expect(then!.meta).toMatchObject({ old_value: first!.meta!.new_value })
  })

  it('that are refused leave nothing', async () => {
    const network = new Network({ transactionMs: 1000 })
    const bad = { method_name: 'update', params: [everything, { type: 'Shot', id: 9999, fields: [] }] }
    expect(json(await network.calls.clock.run(network.send(bad)))).toMatchObject({ error_code: 104 })
  })
})
