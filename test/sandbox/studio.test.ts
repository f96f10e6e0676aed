import { describe, expect, it } from 'vitest'
import { runSandbox } from '../../src/sandbox/main.ts'
import { createSandbox } from '../../src/sandbox/sandbox.ts'
import type { Row } from '../../src/shotgrid/wire.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { Calls, everything, leaf, readArgs } from './calls.ts'

/** Every row of every type with all its fields. */
function everythingOf(calls: Calls): string {
  const schema = calls.site.schema()
  const all = Object.keys(schema).map((type) =>
    calls.read(type, Object.keys(schema[type]!), [], { paging: { entities_per_page: 100_000, current_page: 1 } }),
  )
  return JSON.stringify(all).replaceAll(/signature=[0-9a-f]+/g, '')
}

const count = (calls: Calls, type: string, condition?: unknown) =>
  calls.call<{ summaries: { id: number } }>('summarize', {
    ...readArgs(type, [], condition ? [condition] : []),
    summaries: [{ field: 'id', type: 'count' }],
  }).summaries.id

describe('the studio', () => {
  it('is the same for the same seed, to the last value, and another for another', () => {
    const [one, two, other] = [{ seed: 4 }, { seed: 4 }, { seed: 5 }].map((options) => everythingOf(new Calls(options)))
    expect(one).toBe(two)
    expect(one).not.toBe(other)
  })

  it('is of a believable size', () => {
    const calls = new Calls({ size: 'studio' })
    const atLeast = {
      Project: 3,
      Sequence: 30,
      Shot: 500,
      Asset: 200,
      Task: 2000,
      Step: 8,
      Version: 1000,
      PublishedFile: 1000,
      Playlist: 10,
      HumanUser: 30,
      Group: 3,
      ApiUser: 4,
      PipelineConfiguration: 3,
      LocalStorage: 2,
      Note: 100,
      Reply: 10,
      TaskTemplate: 2,
      PublishedFileType: 3,
      Status: 5,
    }
    for (const [type, least] of Object.entries(atLeast)) expect(count(calls, type), type).toBeGreaterThanOrEqual(least)
    expect(count(calls, 'ApiUser', leaf('generate_event_log_entries', 'is', false))).toBe(1)
  })

  it('can be large', () => {
    const calls = new Calls({ size: 'large' })
    expect(count(calls, 'Task')).toBeGreaterThanOrEqual(100_000)
  })

  it('hangs together: every link leads to a row', () => {
    const calls = new Calls({ size: 'tiny' })
    for (const [field, type] of [
      ['sg_sequence', 'Shot'],
      ['step', 'Task'],
      ['published_file_type', 'PublishedFile'],
      ['permission_rule_set', 'HumanUser'],
    ] as const) {
      const without = calls.read(type, ['id', field], [leaf(field, 'is', null)])
      expect(without, `${type}.${field}`).toEqual([])
    }
  })
})

describe('activity', () => {
  async function work(seed: number, seconds: number, perSecond = 3) {
    const calls = new Calls({ seed })
    const commits: { readonly silent: boolean; readonly kinds: readonly string[] }[] = []
    calls.site.onCommit(({ changes, eventIds }) => {
      const kinds = changes.filter((change) => !change.consequence).map(({ kind, type }) => `${kind} ${type}`)
      commits.push({ silent: eventIds.length === 0, kinds })
    })
    const activity = calls.site.startActivity({ perSecond, silentShare: 0.2 })
    await calls.clock.advance(seconds * 1000)
    await activity.stop()
    return { calls, commits }
  }

  it('writes at its pace, mostly statuses, a share of it without events', async () => {
    const { commits } = await work(1, 200)
    expect(commits.length).toBeGreaterThan(570)
    expect(commits.length).toBeLessThanOrEqual(600)
    const kinds = commits.flatMap((commit) => commit.kinds)
    for (const kind of [
      'update Task',
      'update Version',
      'update Shot',
      'create Version',
      'create PublishedFile',
      'create Note',
      'create Shot',
      'retire Version',
    ]) {
      expect(kinds, kind).toContain(kind)
    }
    expect(kinds.filter((kind) => kind === 'update Task').length / kinds.length).toBeGreaterThan(0.25)
    const silent = commits.filter((commit) => commit.silent).length / commits.length
    expect(silent).toBeGreaterThan(0.12)
    expect(silent).toBeLessThan(0.3)
  })

  it('is the same day for the same seed', async () => {
    const [one, two] = [await work(7, 60), await work(7, 60)]
    expect(one.commits.length).toBeGreaterThan(100)
    expect(everythingOf(one.calls)).toBe(everythingOf(two.calls))
  })

  it('ends when it is stopped', async () => {
    const { calls } = await work(1, 10)
    const last = calls.lastEventId()
    await calls.clock.advance(10_000)
    expect(calls.lastEventId()).toBe(last)
    expect(calls.clock.sleeping).toBe(0)
  })

  it('can be taken a step at a time', () => {
    const calls = new Calls()
    const steps = Array.from({ length: 50 }, () => calls.site.act())
    expect(new Set(steps).size).toBeGreaterThan(20)
  })

  it('leaves alone what another transaction is writing', () => {
    const calls = new Calls()
    const open = calls.site.begin()
    for (const type of ['Task', 'Shot', 'Version', 'Asset']) {
      for (const { id } of calls.read(type, ['id'])) {
        const fields = [{ field_name: 'tags', value: [{ type: 'Tag', id: 1 }] }]
        open.call({ method_name: 'update', params: [everything, { type, id, fields }] })
      }
    }
    for (let i = 0; i < 50; i += 1) calls.site.act()
    expect(() => open.commit()).not.toThrow()
  })

  it('runs while the site listens, if asked to', async () => {
    const clock = new VirtualClock()
    const site = createSandbox({ size: 'tiny', clock, activity: 2 })
    let commits = 0
    site.onCommit(() => (commits += 1))
    const { close } = await site.listen({ port: 0 })
    await clock.advance(10_000)
    await close()
    expect(commits).toBeGreaterThanOrEqual(18)
    expect(clock.sleeping).toBe(0)
  })
})

describe('the sandbox as a program', () => {
  it('listens, says where, and ends when told to', async () => {
    const stop = new AbortController()
    const lines: string[] = []
    const running = runSandbox({ port: 0, size: 'tiny', signal: stop.signal, log: (line) => lines.push(line) })
    const address = await new Promise<string>((resolve) => {
      const look = () => {
        const found = /http:\/\/\S+/.exec(lines.join('\n'))?.[0]
        if (found) resolve(found)
        else setImmediate(look)
      }
      look()
    })
    const body = JSON.stringify({ method_name: 'info', params: [] })
    const reply = (await (await fetch(`${address}/api3/json`, { method: 'POST', body })).json()) as { results: Row }
    expect(reply.results).toHaveProperty('version')
    stop.abort()
    await running
    await expect(fetch(address)).rejects.toThrow()
  })
})
