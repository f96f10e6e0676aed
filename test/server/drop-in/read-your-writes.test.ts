/**
 * Reads and writes under way at the same time, over a network that takes its time: once a write has been answered, every
 * read that begins after that sees it, whoever asks and however the question reaches the row.
 */
import { expect, it } from 'vitest'
import type { PythonClient } from '../../support/python-client.ts'
import type { PythonFilter } from '../../support/python-wire.ts'
import { Random } from '../../support/random.ts'
import { openDropInWorld, script } from './drop-in-world.ts'

const rows = [1, 2, 3]
const project = ['project', 'is', { type: 'Project', id: 1 }]

/** Ways to learn of `sg_cut_order` of a shot. */
const questions: readonly ((client: PythonClient, id: number) => Promise<number>)[] = [
  async (client, id) => Number((await client.findOne('Shot', [['id', 'is', id]], ['sg_cut_order']))?.sg_cut_order),
  async (client, id) => {
    const shots = await client.find('Shot', [project], ['sg_cut_order'])
    return Number(shots.find((shot) => shot.id === id)?.sg_cut_order)
  },
  async (client, id) => {
    const filters: PythonFilter[] = [['entity', 'is', { type: 'Shot', id }]]
    return Number((await client.find('Task', filters, ['entity.Shot.sg_cut_order']))[0]?.['entity.Shot.sg_cut_order'])
  },
  async (client, id) => {
    const order = [{ field_name: 'sg_cut_order', direction: 'desc' as const }]
    const shots = await client.find('Shot', [['id', 'in', rows]], ['sg_cut_order'], { order })
    return Number(shots.find((shot) => shot.id === id)?.sg_cut_order)
  },
]

it.each([1, 2, 3, 4])('a write that was answered is seen by every read begun after it (history %i)', async (seed) => {
  const random = new Random(seed)
  const world = openDropInWorld({ seed, size: 'tiny', grouped: ['sgcache', 'renderfarm'] })
  const { switches } = world.sandbox
  const auths = [
    script,
    { script_name: 'renderfarm', script_key: 'farm-key' },
    { user_login: 'ada', user_password: 'sandbox' },
  ]
  const clients = auths.map((auth) => world.client(auth))
  for (const client of clients) await client.info()
  const answered = new Map<number, number>()
  for (const id of rows) {
    await clients[0]!.update('Shot', id, { sg_cut_order: 0 })
    answered.set(id, 0)
  }
  switches.latencyBeforeMs = [0, 80]
  switches.latencyAfterMs = [0, 80]
  const late: string[] = []
  const counts = { reads: 0, hits: 0 }
  const writer = async (id: number) => {
    for (let value = 1; value <= 12; value += 1) {
      await random.pick(clients).update('Shot', id, { sg_cut_order: value })
      answered.set(id, value)
      await world.clock.sleep(random.int(200))
    }
  }
  const reader = async () => {
    for (let turn = 0; turn < 60; turn += 1) {
      const id = random.pick(rows)
      const client = world.client(random.pick(auths))
      await client.info()
      const least = answered.get(id)!
      const seen = await random.pick(questions)(client, id)
      counts.reads += 1
      if (/^sgcache; hit/.test(String(client.lastHeaders['cache-status']))) counts.hits += 1
      if (!(seen >= least)) late.push(`shot ${id}: ${seen} after ${least} was answered`)
      await world.clock.sleep(random.int(60))
    }
  }
  await world.clock.run(Promise.all([...rows.map(writer), reader(), reader(), reader(), reader()]))
  world.close()
  expect(late).toEqual([])
  expect(counts.hits).toBeGreaterThan(20)
})
