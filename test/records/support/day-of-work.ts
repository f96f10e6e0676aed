/**
 * A day of work at the simulated site, recorded by two processes in turn, in which rows are read, edited with and
 * without events, made and retired. What the tables say is compared with the site.
 */
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { entityCall } from '../../../src/reads/entity.ts'
import type { SandboxSwitches } from '../../../src/sandbox/switches.ts'
import { type Call, readCall } from '../../../src/shotgrid/call.ts'
import { isComputed, type Schema } from '../../../src/shotgrid/schema.ts'
import type { Row } from '../../../src/shotgrid/wire.ts'
import { Random } from '../../support/random.ts'
import type { VirtualClock } from '../../support/virtual-clock.ts'
import { recordedSite } from './recorded-site.ts'

type Site = Awaited<ReturnType<typeof recordedSite>>

interface Known {
  readonly type: string
  readonly id: number
  readonly data: Readonly<Record<string, unknown>>
  readonly unsure: readonly string[]
  readonly retired: boolean
}

const types = ['Shot', 'Shot', 'Task', 'Task', 'Version', 'Asset', 'Sequence', 'Note', 'Project', 'HumanUser']

/** Fails if the tables say what the site would not, of now or of then, or if the trail is not the event log. */
export async function workForADay(seed: number, switches: Partial<SandboxSwitches> = {}): Promise<void> {
  const random = new Random(seed)
  const site = await recordedSite(seed, switches)
  const { clock, sandbox, following, recorders, records } = site
  await following.tick()
  const moments: { readonly at: number; readonly known: readonly Known[] }[] = []
  for (let step = 0; step < 120; step += 1) {
    for (let acts = random.int(4); acts > 0; acts -= 1) sandbox.act()
    if (random.chance(0.8)) await site.reader.read(site.scope, randomCall(random, site.schema()))
    await clock.advance(random.int(3000))
    if (random.chance(0.4)) await following.tick()
    if (random.chance(0.3)) await random.pick(recorders).flush()
    if (step % 40 !== 39) continue
    await settle(site)
    moments.push({ at: clock.now(), known: await checked(site) })
    await clock.advance(3000)
  }
  for (const { at, known } of moments) await expectThen(site, at, known)
  await expectTrail(site)
  expect(records.reports.filter(({ kind }) => kind === 'trouble' || kind === 'let go' || kind === 'hole')).toEqual([])
  await site.close()
}

function randomCall(random: Random, schema: Schema): Call {
  const type = random.pick(types)
  const fields = [...schema.fields(type).keys()].filter((name) => name !== 'id')
  if (random.chance(0.3)) return entityCall(type, 1 + random.int(30), random.some(fields, 6))
  return readCall({
    type,
    return_fields: random.some(fields, 1 + random.int(8)),
    filters: { logical_operator: 'and', conditions: [] },
    return_only: random.chance(0.1) ? 'retired' : 'active',
    paging: { entities_per_page: 60, current_page: 1 + random.int(2) },
  })
}

/** Everything that is to be seen of the site has been seen, and written. */
async function settle({ clock, following, recorders }: Site): Promise<void> {
  await clock.advance(2500)
  await following.tick()
  await whileTimePasses(clock, following.sweep())
  await whileTimePasses(clock, following.compareIds())
  for (const recorder of recorders) await recorder.flush()
}

/** For work that waits for time as well as for the database. */
async function whileTimePasses(clock: VirtualClock, work: Promise<void>): Promise<void> {
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await clock.advance(100)
    await setTimeout(1)
  }
  await done
}

/** What the table is sure of, which is found to be true. */
async function checked(site: Site): Promise<readonly Known[]> {
  const rows = (await site.records.sql(
    'select entity_type as type, entity_id as id, data, unsure, retired from sgcache.entities',
  )) as unknown as Known[]
  let sure = 0
  let all = 0
  for (const type of new Set(rows.map((row) => row.type))) {
    const ofType = rows.filter((row) => row.type === type)
    const fields = [...new Set(ofType.flatMap(({ data }) => Object.keys(data)))]
    const ids = ofType.map(({ id }) => id)
    const [active, retired] = [false, true].map((isRetired) => byId(site.rows(type, ids, fields, isRetired)))
    for (const row of ofType) {
      const truth = active!.get(row.id) ?? retired!.get(row.id)
      if (isSure(row, 'retired')) expect(row.retired, `${type} ${row.id}`).toBe(retired!.has(row.id))
      all += Object.keys(row.data).length
      for (const field of sureFields(row, site.schema())) {
        sure += 1
        expect(asTold(row.data[field], truth?.[field]), `${type} ${row.id} ${field}`).toEqual(truth?.[field])
      }
    }
  }
  expect(rows.length).toBeGreaterThan(50)
  expect(sure / all).toBeGreaterThan(0.5)
  return rows
}

/** How the rows looked at a time is what was found to be true at that time. */
async function expectThen(site: Site, at: number, known: readonly Known[]): Promise<void> {
  for (const type of new Set(known.map((row) => row.type))) {
    const then = await site.records.sql('select entity_id as id, data, retired from sgcache.entities_at($1, $2)', [
      type,
      new Date(at).toISOString(),
    ])
    const found = new Map(then.map((row) => [row.id, row]))
    for (const row of known.filter((one) => one.type === type)) {
      const { data } = found.get(row.id) as { data: Row }
      for (const field of sureFields(row, site.schema())) {
        expect(asTold(data[field], row.data[field]), `${type} ${row.id} ${field}`).toEqual(row.data[field])
      }
    }
  }
}

async function expectTrail({ records, sandbox }: Site): Promise<void> {
  const everybody = { script_name: 'sgcache', script_key: 'sandbox-key' }
  const lines = await records.sql(
    'select sg_event_id as id, event_type, actor_id from sgcache.event_log where sg_event_id is not null order by 1',
  )
  const first = lines[0]!.id
  const reply = sandbox.call({
    method_name: 'read',
    params: [
      everybody,
      {
        type: 'EventLogEntry',
        return_fields: ['event_type', 'user'],
        filters: {
          logical_operator: 'and',
          conditions: [{ path: 'id', relation: 'greater_than', values: [(first as number) - 1] }],
        },
        return_only: 'active',
        paging: { entities_per_page: 5000, current_page: 1 },
      },
    ],
  }) as { results: { entities: Row[] } }
  const events = reply.results.entities.map(({ id, event_type, user }) => ({
    id,
    event_type,
    actor_id: (user as Row | null)?.id ?? null,
  }))
  expect(events.length).toBeGreaterThan(200)
  expect(lines).toEqual(events)
}

function byId(rows: readonly Row[]): ReadonlyMap<number, Row> {
  return new Map(rows.map((row) => [row.id, row]))
}

/** Nothing in the log tells that computed fields changed. */
function sureFields(row: Known, schema: Schema): readonly string[] {
  return Object.keys(row.data).filter(
    (field) => isSure(row, field) && !isComputed(schema.field(row.type, field)?.dataType ?? ''),
  )
}

function isSure({ unsure }: Known, name: string): boolean {
  return !unsure.includes('*') && !unsure.includes(name)
}

/** An event may name a row without its name. */
function asTold(value: unknown, truth: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(truth)) {
    const sorted = [...value].sort((one, other) => place(one, truth) - place(other, truth))
    return sorted.map((item, index) => asTold(item, truth[index]))
  }
  if (typeof value !== 'object' || value === null || typeof truth !== 'object' || truth === null) return value
  return 'name' in value || !('name' in truth) ? value : { ...value, name: truth.name }
}

/** The order of a list of links means nothing. */
function place(item: unknown, list: readonly unknown[]): number {
  const { type, id } = item as Row
  return list.findIndex((other) => (other as Row).type === type && (other as Row).id === id)
}
