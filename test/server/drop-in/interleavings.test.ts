/**
 * Several people and scripts read and write through one sgcache, at random, and nobody follows the event log: whatever
 * is known of the writes is known from the writes themselves. Every answer is compared with the site's own answer to
 * the same caller at the same moment, so a stale answer, a writer's own write unseen and an answer meant for somebody
 * else are all found alike.
 */
import { expect, it } from 'vitest'
import { methodClass } from '../../../src/server/drop-in/methods.ts'
import { type Call, callArgs } from '../../../src/shotgrid/call.ts'
import { Schema } from '../../../src/shotgrid/schema.ts'
import { type Transport, TransportError } from '../../../src/shotgrid/transport.ts'
import type { AuthParams, Row } from '../../../src/shotgrid/wire.ts'
import type { PythonClient } from '../../support/python-client.ts'
import { ProtocolError, PythonFault } from '../../support/python-wire.ts'
import { Random } from '../../support/random.ts'
import { RandomCalls } from '../../support/random-calls.ts'
import { RandomWrites } from '../../support/random-writes.ts'
import type { VirtualClock } from '../../support/virtual-clock.ts'
import { type DropInWorld, openDropInWorld, script } from './drop-in-world.ts'

const password = 'sandbox'

/** Two that share a scope, and others that see less, and differently. */
const callers: readonly { readonly name: string; readonly auth: AuthParams; readonly sudo?: string }[] = [
  { name: 'script', auth: script },
  { name: 'its scope mate', auth: { script_name: 'renderfarm', script_key: 'farm-key' } },
  { name: 'a script without events', auth: { script_name: 'noisy-import', script_key: 'noisy-key' } },
  { name: 'a script that sees little', auth: { script_name: 'vendor-portal', script_key: 'vendor-key' } },
  { name: 'an artist', auth: { user_login: 'ivy', user_password: password } },
  { name: 'a vendor', auth: { user_login: 'otto', user_password: password } },
  { name: 'a manager', auth: { user_login: 'max', user_password: password } },
  { name: 'a script for an artist', auth: script, sudo: 'ivy' },
  { name: 'a stranger', auth: { script_name: 'sgcache', script_key: 'guessed' } },
]

const types = [
  'Shot',
  'Task',
  'Version',
  'Asset',
  'Sequence',
  'Note',
  'Playlist',
  'PublishedFile',
  'HumanUser',
  'Project',
  'Group',
]

/** Moves with the clock, or is worked out on each read: bounded by TTL, not by the log. */
const timely =
  /"(open_notes_count|smart_cut_summary|workload|shot_count|step_0)"|\.(open_notes_count|smart_cut_summary|workload|shot_count|step_0)"|in_last|in_next|in_calendar/

async function outcome(client: PythonClient, method: string, args: unknown): Promise<string> {
  try {
    return JSON.stringify((await client.call(method, args)) ?? null).replace(/(https?:\/\/[^"?]+)\?[^"]*/g, '$1')
  } catch (error) {
    if (error instanceof PythonFault) return `${error.code} ${error.message}`
    if (error instanceof ProtocolError) return `HTTP ${error.status}`
    throw error
  }
}

/** Rows of the site, read by the script that sees all, until the next write. */
class Rows {
  readonly #admin: PythonClient
  readonly #schema: Schema
  #rows = new Map<string, readonly Row[]>()

  constructor(admin: PythonClient, schema: Schema) {
    this.#admin = admin
    this.#schema = schema
  }

  async load(): Promise<void> {
    for (const type of this.#schema.types) {
      if (/EventLogEntry|Connection$|Dependency$/.test(type)) continue
      const fields = [...this.#schema.fields(type).keys()].filter((name) => !name.includes('current_user'))
      this.#rows.set(type, await this.#admin.find(type, [], fields, { limit: 40 }))
      this.#rows.set(`${type} retired`, await this.#admin.find(type, [], ['id'], { limit: 20, retiredOnly: true }))
    }
  }

  sample = (type: string, field: string) => (this.#rows.get(type) ?? []).map((row) => row[field])
  ids = (type: string, retired: boolean) =>
    (this.#rows.get(retired ? `${type} retired` : type) ?? []).map((row) => row.id)
}

interface Found {
  readonly wrong: readonly string[]
  readonly counts: { reads: number; hits: number; writes: number; refused: number; lost: number }
}

async function play(seed: number, steps: number, world: DropInWorld): Promise<Found> {
  const random = new Random(seed)
  const schema = new Schema(world.sandbox.schema())
  const rows = new Rows(world.direct(script), schema)
  const calls = new RandomCalls({ random, schema, types, sample: rows.sample })
  const writes = new RandomWrites({ random, schema, types, sample: rows.sample, ids: rows.ids })
  const actors = callers.map(({ name, auth, sudo }) => {
    const more = sudo ? { sudoAsLogin: sudo } : {}
    return { name, auth, client: world.client(auth, more), direct: world.direct(auth, more) }
  })
  await rows.load()
  const pool: Call[] = []
  const wrong: string[] = []
  const counts = { reads: 0, hits: 0, writes: 0, refused: 0, lost: 0 }
  const look = async (actor: (typeof actors)[number], call: Call) => {
    const truth = await outcome(actor.direct, call.operation, callArgs(call))
    const answer = await outcome(actor.client, call.operation, callArgs(call))
    counts.reads += 1
    if (/^102 /.test(answer)) counts.refused += 1
    if (String(actor.client.lastHeaders['cache-status']).startsWith('sgcache; hit')) counts.hits += 1
    if (answer !== truth)
      wrong.push(`${actor.name} asks ${JSON.stringify(call)}\n is told ${answer}\n instead of ${truth}`)
  }
  for (let step = 0; step < steps && wrong.length === 0; step += 1) {
    const actor = random.pick(actors)
    if (random.chance(0.25)) {
      const write = writes.write(actor.auth)
      if (write) {
        counts.writes += 1
        const answer = await outcome(actor.client, write.envelope.method_name, write.envelope.params[1])
        if (answer === 'HTTP 500') counts.lost += 1
        await rows.load()
        for (const call of random.some(pool, 4)) await look(actor, call)
      }
    } else if (random.chance(0.7) && pool.length > 0) {
      await look(actor, random.pick(pool))
    } else {
      const call = calls.call()
      if (timely.test(JSON.stringify(call))) continue
      pool.push(call)
      if (pool.length > 40) pool.shift()
      await look(actor, call)
    }
    await world.clock.advance(random.int(1500))
  }
  return { wrong, counts }
}

it.each([1, 2, 3, 4, 5, 6])('every answer is the site’s own to that caller (history %i)', async (seed) => {
  const switches = {
    backReferenceEvents: false,
    inverseMovesUpdatedAt: seed % 2 === 0,
    retirementMovesUpdatedAt: seed % 3 === 0,
  }
  const world = openDropInWorld({ seed, size: 'tiny', grouped: ['sgcache', 'renderfarm'], switches })
  const { wrong, counts } = await play(seed, 300, world)
  world.close()
  expect(wrong).toEqual([])
  expect(counts.hits).toBeGreaterThan(30)
  expect(counts.writes).toBeGreaterThan(30)
  expect(counts.refused).toBeGreaterThan(5)
})

/** Every third write loses its connection, and is applied minutes later, or never. */
function losingWrites(seed: number, clock: () => VirtualClock) {
  const random = new Random(seed)
  return (site: Transport): Transport =>
    async (request) => {
      const { method_name: method } = JSON.parse(request.body.toString()) as { method_name: string }
      if (methodClass(method) !== 'write' || !random.chance(0.3)) return site(request)
      const delayMs = random.int(250_000)
      if (random.chance(0.8))
        void clock()
          .sleep(delayMs)
          .then(() => site(request))
      throw new TransportError('ECONNRESET', true)
    }
}

it.each([11, 12, 13])('also while writes are under way that nobody knows the outcome of (history %i)', async (seed) => {
  const grouped = ['sgcache', 'renderfarm']
  const transport = losingWrites(seed, () => world.clock)
  // So rarely that nothing but the refusal to store keeps the answers true.
  const repeatMs = 300_000
  const world = openDropInWorld({ seed, size: 'tiny', grouped, transport, repeatMs })
  const { wrong, counts } = await play(seed, 200, world)
  world.close()
  expect(wrong).toEqual([])
  expect(counts.lost).toBeGreaterThan(5)
  expect(counts.hits).toBeGreaterThan(5)
})
