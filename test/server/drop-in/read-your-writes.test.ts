/**
 * Reads and writes under way at the same time, over a network that takes its time: once a write has been answered, every
 * read that begins after that sees it, whoever asks and however the question reaches the row.
 */
import { expect, it } from 'vitest'
import type { PythonClient } from '../../support/python-client.ts'
import type { PythonFilter, Table } from '../../support/python-wire.ts'
import { Random } from '../../support/random.ts'
import { type DropInWorld, openDropInWorld, script } from './drop-in-world.ts'

const rows = [1, 2, 3]
/** A shot that stays as it is. */
const mark = { id: 4, order: 6 }
const most = 12
const project = ['project', 'is', { type: 'Project', id: 1 }]

/** What a shot is after its write number `value`. */
const written = (id: number, value: number): Table => ({
  sg_cut_order: value,
  code: `row-${id}-${value}`,
  sg_sequence: { type: 'Sequence', id: 1 + (value % 2) },
})

/** Asks about a shot; the answer tells of each number whether that may be its last write. */
type Ask = (client: PythonClient, id: number) => Promise<(value: number) => boolean>

const isNumber = (seen: unknown) => (value: number) => value === seen
const inName = (name: unknown) => isNumber(Number(String(name).split('-').at(-1)))
const named = (list: readonly unknown[], id: number) =>
  (list as readonly { id: number; name: string }[]).find((link) => link.id === id)?.name

const questions: Readonly<Record<string, Ask>> = {
  'by its id': async (client, id) =>
    isNumber((await client.findOne('Shot', [['id', 'is', id]], ['sg_cut_order']))?.sg_cut_order),
  'in a list': async (client, id) => {
    const shots = await client.find('Shot', [project], ['sg_cut_order'])
    return isNumber(shots.find((shot) => shot.id === id)?.sg_cut_order)
  },
  'by a condition': async (client, id) => {
    const shots = await client.find('Shot', [['sg_cut_order', 'between', 1, 5], project], ['code'])
    const isIn = shots.some((shot) => shot.id === id)
    return (value) => (value >= 1 && value <= 5) === isIn
  },
  'through a dotted field': async (client, id) => {
    const filters: PythonFilter[] = [['entity', 'is', { type: 'Shot', id }]]
    return isNumber((await client.find('Task', filters, ['entity.Shot.sg_cut_order']))[0]?.['entity.Shot.sg_cut_order'])
  },
  'by a dotted condition': async (client, id) => {
    const filters: PythonFilter[] = [
      ['entity', 'is', { type: 'Shot', id }],
      ['entity.Shot.sg_cut_order', 'greater_than', 6],
    ]
    const isIn = (await client.find('Task', filters, ['content'])).length > 0
    return (value) => value > 6 === isIn
  },
  'by the name of a link': async (client, id) => {
    const filters: PythonFilter[] = [['entity', 'is', { type: 'Shot', id }]]
    const [task] = await client.find('Task', filters, ['entity'])
    return inName((task!.entity as { name: string }).name)
  },
  'by a condition on that name': async (client, id) => {
    const filters: PythonFilter[] = [['entity', 'name_is', `row-${id}-7`]]
    const isIn = (await client.find('Task', filters, ['content'])).length > 0
    return (value) => (value === 7) === isIn
  },
  'by the other side of its link': async (client, id) => {
    const sequences = await client.find('Sequence', [['id', 'in', [1, 2]]], ['shots'])
    const holding = sequences.filter(({ shots }) => named(shots as unknown[], id) !== undefined)
    return (value) => holding.length === 1 && holding[0]!.id === 1 + (value % 2)
  },
  'by a condition on the other side': async (client, id) => {
    const [sequence] = await client.find('Sequence', [['shots', 'is', { type: 'Shot', id }]], ['code'])
    return (value) => sequence?.id === 1 + (value % 2)
  },
  'by its name on the other side': async (client, id) => {
    const sequences = await client.find('Sequence', [['id', 'in', [1, 2]]], ['shots'])
    return inName(sequences.map(({ shots }) => named(shots as unknown[], id)).find((name) => name !== undefined))
  },
  'by its place': async (client, id) => {
    const order = [{ field_name: 'sg_cut_order', direction: 'desc' as const }]
    const shots = await client.find('Shot', [['id', 'in', [id, mark.id]]], ['id'], { order })
    return (value) => (value === mark.order ? true : value > mark.order === (shots[0]?.id === id))
  },
  'by its place in order of a far field': async (client, id) => {
    const order = [{ field_name: 'entity.Shot.sg_cut_order' }]
    const filters: PythonFilter[] = [['entity', 'in', [id, mark.id].map((shot) => ({ type: 'Shot', id: shot }))]]
    const tasks = await client.find('Task', filters, ['entity'], { order })
    const isLast = (tasks.at(-1)!.entity as { id: number }).id === id
    return (value) => (value === mark.order ? true : value > mark.order === isLast)
  },
  'by a count': async (client, id) => {
    const filters: PythonFilter[] = [
      ['id', 'is', id],
      ['sg_cut_order', 'less_than', 6],
    ]
    const found = (await client.summarize('Shot', filters, [{ field: 'id', type: 'count' }])) as { summaries: Table }
    return (value) => value < 6 === (found.summaries.id === 1)
  },
  'by a sum': async (client, id) => {
    const sum = [{ field: 'sg_cut_order', type: 'sum' }]
    const found = (await client.summarize('Shot', [['id', 'is', id]], sum)) as { summaries: Table }
    return isNumber(found.summaries.sg_cut_order)
  },
  'by its group': async (client, id) => {
    const count = [{ field: 'id', type: 'count' }]
    const grouping = [{ field: 'sg_sequence', type: 'exact', direction: 'asc' }]
    const found = (await client.summarize('Shot', [['id', 'is', id]], count, grouping)) as {
      groups: readonly { group_value: { id: number } }[]
    }
    return (value) => found.groups[0]?.group_value.id === 1 + (value % 2)
  },
}

const auths = [
  script,
  { script_name: 'renderfarm', script_key: 'farm-key' },
  { user_login: 'ada', user_password: 'sandbox' },
]

interface Written {
  sent: number
  answered: number
}

async function writeOn(world: DropInWorld, random: Random, id: number, states: Map<number, Written>): Promise<void> {
  const client = world.client(random.pick(auths))
  for (let value = 1; value <= most; value += 1) {
    const state = states.get(id)!
    state.sent = value
    const data = written(id, value)
    if (random.chance(0.5)) await client.update('Shot', id, data)
    else await client.batch([{ request_type: 'update', entity_type: 'Shot', entity_id: id, data }])
    state.answered = value
    await world.clock.sleep(random.int(1500))
  }
}

it.each([1, 2, 3, 4])('a write that was answered is seen by every read begun after it (history %i)', async (seed) => {
  const random = new Random(seed)
  const world = openDropInWorld({ seed, size: 'tiny', grouped: ['sgcache', 'renderfarm'] })
  const admin = world.client(script)
  const states = new Map(rows.map((id) => [id, { sent: 0, answered: 0 }]))
  for (const id of rows) await admin.update('Shot', id, written(id, 0))
  await admin.update('Shot', mark.id, { sg_cut_order: mark.order })
  world.sandbox.switches.latencyBeforeMs = [0, 80]
  world.sandbox.switches.latencyAfterMs = [0, 80]
  const late: string[] = []
  const counts = new Map(Object.keys(questions).map((name) => [name, { reads: 0, hits: 0 }]))
  const reader = async () => {
    for (let turn = 0; turn < 150; turn += 1) {
      const id = random.pick(rows)
      const name = random.pick(Object.keys(questions))
      const client = world.client(random.pick(auths))
      await client.info()
      const least = states.get(id)!.answered
      const fits = await questions[name]!(client, id)
      const count = counts.get(name)!
      count.reads += 1
      if (/^sgcache; hit/.test(String(client.lastHeaders['cache-status']))) count.hits += 1
      const possible = Array.from({ length: states.get(id)!.sent - least + 1 }, (_, more) => least + more)
      if (!possible.some(fits)) late.push(`shot ${id} ${name}: none of ${possible}`)
      await world.clock.sleep(random.int(60))
    }
  }
  const writers = rows.map((id) => writeOn(world, random, id, states))
  await world.clock.run(Promise.all([...writers, reader(), reader(), reader(), reader()]))
  world.close()
  expect(late).toEqual([])
  expect([...counts.values()].every(({ reads }) => reads > 5)).toBe(true)
  expect([...counts.values()].reduce((sum, { hits }) => sum + hits, 0)).toBeGreaterThan(40)
})
