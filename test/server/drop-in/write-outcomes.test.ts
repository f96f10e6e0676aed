import { afterEach, describe, expect, it } from 'vitest'
import { type Transport, TransportError } from '../../../src/shotgrid/transport.ts'
import { ProtocolError } from '../../support/python-wire.ts'
import { type DropInWorld, injected, openDropInWorld, script } from './drop-in-world.ts'

let world: DropInWorld
afterEach(() => world.close())
const open = (options: Parameters<typeof openDropInWorld>[0] = {}) => {
  world = openDropInWorld({ size: 'tiny', ...options })
  return world
}

const isWrite = (body: Buffer) => /"method_name": ?"(create|update|delete|batch)"/.test(body.toString())

/** Counts the writes that reach the site. */
function counted(): { writes: number; transport: (site: Transport) => Transport } {
  const count = { writes: 0, transport: (site: Transport): Transport => site }
  count.transport = (site) => (request) => {
    if (isWrite(request.body)) count.writes += 1
    return site(request)
  }
  return count
}

const newShot = { code: 'fresh', project: { type: 'Project', id: 1 } }
const shotsNamed = (code: string) => world.client(script).find('Shot', [['code', 'is', code]], ['code'])
const isStored = () => String(world.events.filter((event) => event.kind === 'read').at(-1)?.outcome) === 'hit'

describe('a write is sent once', () => {
  it.each(['resetBefore', 'lostAck', 'malformed', 502, 504, 500, 503, 'html'] as const)(
    'by us and by the client, when the site answers with %s',
    async (mishap) => {
      const count = counted()
      open({ transport: count.transport })
      const client = world.client(script, { retries: true })
      await client.info()
      world.sandbox.switches.mishapsOn = 'writes'
      world.sandbox.switches.nextMishaps = [mishap]
      await expect(client.create('Shot', newShot)).rejects.toBeInstanceOf(ProtocolError)
      expect(count.writes).toBe(1)
      // Whatever came of it is seen.
      const truth = await world.direct(script).find('Shot', [['code', 'is', 'fresh']], ['code'])
      expect(await shotsNamed('fresh')).toEqual(truth)
    },
  )

  it('and not at all when the site cannot be reached', async () => {
    open()
    const client = world.client(script, { retries: true })
    await client.info()
    world.sandbox.switches.outage = true
    const head = world.backend.log.window.head
    await expect(client.create('Shot', newShot)).rejects.toEqual(new ProtocolError(503))
    expect(world.backend.log.window.head).toBe(head)
  })
})

describe('a write of unknown outcome', () => {
  it('is told with a reason', async () => {
    open()
    world.sandbox.switches.nextMishaps = ['lostAck']
    const envelope = { method_name: 'update', params: [script, { type: 'Shot', id: 1, fields: [] }] }
    const reply = await injected(world.listener)(Buffer.from(JSON.stringify(envelope)), {})
    expect(reply.status).toBe(500)
    const body = JSON.parse(reply.body.toString())
    expect(body).toMatchObject({ exception: true, message: expect.stringMatching(/may have been applied or not/) })
  })

  it('that is applied much later is never answered past', async () => {
    let applyLater = () => {}
    open({
      transport: (site) => (request) => {
        if (!isWrite(request.body)) return site(request)
        applyLater = () => void site(request)
        return Promise.reject(new TransportError('ECONNRESET', true))
      },
    })
    await shotsNamed('fresh')
    await expect(world.client(script).create('Shot', newShot)).rejects.toBeInstanceOf(ProtocolError)
    await world.clock.advance(60_000)
    expect(await shotsNamed('fresh')).toEqual([])
    applyLater()
    await world.clock.advance(1)
    expect(await shotsNamed('fresh')).toHaveLength(1)
  })

  it('leaves in the cache what it cannot touch, of its own type too', async () => {
    open()
    const client = world.client(script)
    const ordered = () => client.find('Shot', [['sg_cut_order', 'is', 1]], ['code', 'sg_cut_order'])
    const other = () => client.findOne('Shot', [['id', 'is', 2]], ['code', 'description'])
    const touched = () => client.findOne('Shot', [['id', 'is', 1]], ['code', 'description'])
    const named = () => client.find('Task', [['entity.Shot.description', 'is', 'x']], ['content'])
    const schema = () => client.schemaFieldRead('Shot')
    for (const ask of [ordered, other, touched, named, schema]) await ask()
    world.sandbox.switches.mishapsOn = 'writes'
    world.sandbox.switches.nextMishaps = ['lostAck']
    await expect(client.update('Shot', 1, { description: 'x' })).rejects.toBeInstanceOf(ProtocolError)
    const isHit = async (ask: () => Promise<unknown>) => {
      await ask()
      await ask()
      return String(client.lastHeaders['cache-status']).startsWith('sgcache; hit')
    }
    expect(await isHit(ordered)).toBe(true)
    expect(await isHit(other)).toBe(true)
    expect(await isHit(schema)).toBe(true)
    expect(await isHit(touched)).toBe(false)
    expect(await isHit(named)).toBe(false)
    expect(client.lastHeaders['cache-status']).toContain('a write of unknown outcome to Shot')
    const fresh = () => client.find('Shot', [['code', 'is', 'no such']], ['sg_cut_order'])
    expect(await isHit(fresh)).toBe(true)
  })

  it('that edits the schema leaves no answer about the schema in the cache', async () => {
    open()
    const client = world.client(script)
    await client.schemaFieldRead('Shot')
    world.sandbox.switches.mishapsOn = 'writes'
    world.sandbox.switches.nextMishaps = ['resetBefore']
    const edit = { type: 'Shot', data_type: 'text', properties: [{ property_name: 'name', value: 'Mood' }] }
    await expect(client.call('schema_field_create', edit)).rejects.toBeInstanceOf(ProtocolError)
    for (const _ of [1, 2]) await client.schemaFieldRead('Shot')
    expect(client.lastHeaders['cache-status']).toContain('fwd=bypass; detail="a write of unknown outcome"')
  })

  it('leaves other types in the cache, and its own again when the longest transaction has passed', async () => {
    open()
    const steps = () => world.client(script).find('Step', [], ['code'])
    const described = () => world.client(script).find('Shot', [['description', 'is', 'x']], ['code'])
    await steps()
    await described()
    world.sandbox.switches.mishapsOn = 'writes'
    world.sandbox.switches.nextMishaps = ['lostAck']
    await expect(world.client(script).update('Shot', 1, { description: 'x' })).rejects.toBeInstanceOf(ProtocolError)
    for (const [waitMs, isKept] of [
      [0, false],
      [299_000, false],
      [3_000, true],
    ] as const) {
      await world.clock.advance(waitMs)
      await described()
      await described()
      expect({ waitMs, isKept: isStored() }).toEqual({ waitMs, isKept })
    }
    await steps()
    expect(isStored()).toBe(true)
  })
})

describe('the answer of a write', () => {
  it('is waited for as long as the longest transaction, unlike that of a read', async () => {
    const waits = new Set<string>()
    open({
      transport: (site) => (request) => {
        waits.add(`${isWrite(request.body) ? 'write' : 'read'} ${request.answerTimeoutMs}`)
        return site(request)
      },
    })
    await shotsNamed('x')
    await world.client(script).update('Shot', 1, { description: 'x' })
    expect([...waits]).toEqual(expect.arrayContaining(['read undefined', 'write 300000']))
    expect(waits.size).toBe(2)
  })

  it('that would lead the client elsewhere with it is one of unknown outcome', async () => {
    open({
      transport: (site) => async (request) => {
        const reply = await site(request)
        return isWrite(request.body) ? { ...reply, status: 308, headers: { location: 'https://elsewhere' } } : reply
      },
    })
    await shotsNamed('fresh')
    await expect(world.client(script).create('Shot', newShot)).rejects.toEqual(new ProtocolError(500))
    expect(world.client(script).lastHeaders).not.toHaveProperty('location')
    expect(await shotsNamed('fresh')).toHaveLength(1)
  })

  it('counts even if nobody has thought of such a write', async () => {
    open({
      transport: (site) => (request) =>
        request.body.includes('__proto__')
          ? Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{"results":{"id":1}}') })
          : site(request),
    })
    await shotsNamed('x')
    const envelope = `{"method_name":"create","params":[${JSON.stringify(script)},{"type":"__proto__","fields":[]}]}`
    await injected(world.listener)(Buffer.from(envelope), {})
    expect(world.backend.log.window.since(0).at(-1)).toMatchObject({ kind: 'flush', type: '*' })
  })
})

describe('a refusal', () => {
  it.each([403, 429] as const)('with status %i changes nothing, and leaves nothing suspect', async (status) => {
    open()
    await shotsNamed('x')
    const head = world.backend.log.window.head
    world.sandbox.switches.mishapsOn = 'writes'
    world.sandbox.switches.nextMishaps = [status]
    await expect(world.client(script).update('Shot', 1, { code: 'x' })).rejects.toEqual(new ProtocolError(status))
    expect(world.backend.log.window.head).toBe(head)
    await shotsNamed('y')
    await shotsNamed('y')
    expect(isStored()).toBe(true)
  })

  it('of the site changes nothing that is cached', async () => {
    open()
    await shotsNamed('x')
    const head = world.backend.log.window.head
    await expect(world.client(script).update('Shot', 999_999, { code: 'x' })).rejects.toMatchObject({ code: 104 })
    expect(world.backend.log.window.head).toBe(head)
  })

  it('that is an error of the server may have changed something', async () => {
    open({
      transport: (site) => async (request) => {
        const reply = await site(request)
        if (!isWrite(request.body)) return reply
        return { ...reply, body: Buffer.from('{"exception":true,"message":"Oops","error_code":100}') }
      },
    })
    await shotsNamed('fresh')
    await expect(world.client(script).create('Shot', newShot)).rejects.toMatchObject({ code: 100, message: 'Oops' })
    expect(await shotsNamed('fresh')).toHaveLength(1)
  })
})

describe('a log that takes no changes', () => {
  it('holds the answer back for a while, is told of, and the answer names no place in the log', async () => {
    open()
    await shotsNamed('x')
    const { append } = world.backend.log
    const client = world.client(script)
    await world.clock.run(client.update('Shot', 1, { description: 'w' }))
    expect(client.lastHeaders['x-sgcache-seq']).toBe(String(world.backend.log.window.head))
    Object.assign(world.backend.log, { append: () => Promise.reject(new Error('no log')) })
    await world.clock.run(client.update('Shot', 1, { description: 'x' }))
    Object.assign(world.backend.log, { append })
    expect(world.events.map((event) => event.kind)).toContain('degraded')
    expect(client.lastHeaders).not.toHaveProperty('x-sgcache-seq')
  })
})
