import { describe, expect, it } from 'vitest'
import { followedSite, settings } from './followed-site.ts'

async function ready(options: Parameters<typeof followedSite>[0] = {}) {
  const site = followedSite(options)
  await site.clock.run(site.following.tick())
  await site.clock.advance(3_000)
  const shots = site.call('read', {
    type: 'Shot',
    return_fields: ['code', 'sg_status_list', 'project'],
    filters: { logical_operator: 'and', conditions: [] },
    return_only: 'active',
    paging: { entities_per_page: 50, current_page: 1 },
  }).entities
  /** What was updated after the last event before the start is told by the first sweeps; after that, no more. */
  const baseline = async () => {
    await site.clock.run(site.following.sweep())
    await site.clock.run(site.following.sweep())
  }
  return { ...site, shots, shot: shots[0]!, baseline }
}

describe('following the simulated site', () => {
  it('serves a changed value after the next look, and keeps what the change does not touch', async () => {
    const { read, truth, query, update, shot, settle } = await ready()
    const changed = query('Shot', [{ path: 'id', relation: 'is', values: [shot.id] }], ['code', 'description'])
    const other = query('Shot', [{ path: 'code', relation: 'is', values: ['nothing is called so'] }], ['code'])
    for (const asked of [changed, other]) expect((await read(asked)).outcome).toBe('miss')
    update('Shot', shot.id, { description: 'another one' })
    await settle()
    const again = await read(changed)
    expect(again.outcome).toBe('miss')
    expect(again.text).toContain('another one')
    expect(again.text).toBe(truth(changed))
    expect((await read(other)).outcome).toBe('hit')
  })

  it('polls by itself once started, and sees a change within the interval', async () => {
    const { read, query, update, shot, clock, following } = await ready()
    following.start()
    await clock.advance(10_000)
    const asked = query('Shot', [{ path: 'id', relation: 'is', values: [shot.id] }], ['description'])
    await read(asked)
    await clock.advance(5_000)
    update('Shot', shot.id, { description: 'later' })
    await clock.advance(settings.pollMs)
    expect((await read(asked)).text).toContain('later')
    await following.close()
  })

  it('hazard 1: an event of a long transaction, committed after younger ones, is not lost', async () => {
    const { read, truth, query, update, sandbox, shots, settle, clock, following } = await ready()
    const asked = query('Shot', [{ path: 'sg_status_list', relation: 'is', values: ['hld'] }], ['code'])
    const open = sandbox.begin()
    const auth = { script_name: 'renderfarm', script_key: 'farm-key' }
    const fields = [{ field_name: 'sg_status_list', value: 'hld' }]
    open.call({ method_name: 'update', params: [auth, { type: 'Shot', id: shots[1]!.id, fields }] })
    update('Shot', shots[2]!.id, { description: 'younger' })
    await settle()
    expect(following.status().events.gaps).toBeGreaterThan(0)
    await read(asked)
    for (let minute = 0; minute < 4; minute += 1) {
      await clock.advance(60_000)
      await clock.run(following.tick())
    }
    open.commit()
    await clock.advance(60_000) // a gap this old is asked for every quarter of its age
    await settle()
    expect((await read(asked)).text).toBe(truth(asked))
  })

  it('hazard 2: a script without events is found out by the sweep, within its interval', async () => {
    const { read, truth, query, update, shot, settle, clock, following, silent, changes } = await ready()
    const asked = query('Shot', [{ path: 'id', relation: 'is', values: [shot.id] }], ['description'])
    await read(asked)
    update('Shot', shot.id, { description: 'nobody told' }, silent)
    await settle()
    expect((await read(asked)).outcome).toBe('hit') // the bound of this kind of change has not passed
    await clock.run(following.sweep())
    await clock.advance(1_000)
    expect((await read(asked)).text).toBe(truth(asked))
    expect(changes().some((change) => change.source === 'sweep')).toBe(true)
  })

  it('hazard 3: a row removed without an event is found out by the comparison of ids', async () => {
    const { read, truth, query, remove, shot, settle, clock, following, silent, baseline } = await ready()
    const asked = query('Shot', [], ['code'])
    await read(asked)
    await baseline()
    await clock.run(following.compareIds())
    await clock.advance(1_000)
    await read(asked)
    remove('Shot', shot.id, silent)
    await settle()
    await clock.run(following.sweep())
    expect((await read(asked)).outcome).toBe('hit')
    await clock.run(following.compareIds())
    await clock.advance(1_000)
    expect((await read(asked)).text).toBe(truth(asked))
  })

  it.each([true, false])(
    'hazard 6: a moved link changes the lists at both ends (events of the other side: %s)',
    async (on) => {
      const { read, truth, query, update, shots, settle, call } = await ready({
        switches: { backReferenceEvents: on, metaNullShare: 0 },
      })
      const lists = shots
        .slice(0, 2)
        .map(({ id }) => query('Shot', [{ path: 'id', relation: 'is', values: [id] }], ['tasks']))
      const [task] = call('read', {
        type: 'Task',
        return_fields: ['content'],
        filters: { logical_operator: 'and', conditions: [{ path: 'entity', relation: 'is', values: [shots[0]] }] },
        return_only: 'active',
        paging: { entities_per_page: 1, current_page: 1 },
      }).entities
      for (const asked of lists) await read(asked)
      update('Task', task!.id, { entity: { type: 'Shot', id: shots[1]!.id } })
      await settle()
      for (const asked of lists) expect((await read(asked)).text).toBe(truth(asked))
      expect((await read(lists[1]!)).text).toContain(`"id":${task!.id},`)
    },
  )

  it('hazard 21: events held back for a while hide nothing for good', async () => {
    const { read, truth, query, update, shot, settle, sandbox } = await ready()
    const asked = query('Shot', [{ path: 'id', relation: 'is', values: [shot.id] }], ['description'])
    await read(asked)
    sandbox.switches.holdEvents = true
    update('Shot', shot.id, { description: 'held back' })
    await settle()
    sandbox.switches.holdEvents = false
    await settle()
    expect((await read(asked)).text).toBe(truth(asked))
  })

  it('goes blind in an outage, and recovers by itself', async () => {
    const { read, truth, query, update, shot, sandbox, clock, following, reports } = await ready()
    following.start()
    await clock.advance(6_000)
    const asked = query('Shot', [{ path: 'id', relation: 'is', values: [shot.id] }], ['description'])
    await read(asked)
    sandbox.switches.outage = true
    await clock.advance(120_000)
    expect(following.isBlind()).toBe(true)
    expect(reports).toContainEqual(expect.objectContaining({ event: 'failed', part: 'events' }))
    expect((await read(asked)).outcome).toBe('stale')
    sandbox.switches.outage = false
    update('Shot', shot.id, { description: 'meanwhile' })
    await clock.advance(60_000)
    expect(following.isBlind()).toBe(false)
    expect(reports).toContainEqual({ event: 'recovered', part: 'events' })
    expect((await read(asked)).text).toBe(truth(asked))
    await following.close()
  })

  it('starts while the site is down', async () => {
    const { following, sandbox, clock } = followedSite({
      switches: { outage: true },
      settings: { warmTypes: ['Project'] },
    })
    following.start()
    await clock.advance(60_000)
    expect(following.isBlind()).toBe(true)
    sandbox.switches.outage = false
    await clock.advance(60_000)
    expect(following.isBlind()).toBe(false)
    expect(following.status().warm.types).toMatchObject([{ type: 'Project', state: 'done' }])
    await following.close()
  })

  it('hazard 18: reads the schema again after it changed', async () => {
    const { call, reader, settle } = await ready()
    await reader.schemas.current()
    call('schema_field_create', {
      type: 'Shot',
      data_type: 'text',
      properties: [{ property_name: 'name', value: 'Weather' }],
    })
    await settle()
    expect((await reader.schemas.current()).field('Shot', 'sg_weather')).toBeDefined()
  })

  it('leaves nothing running when it is closed', async () => {
    const { following, clock } = await ready({ settings: { auditShare: 1, warmTypes: ['Project'] } })
    following.start()
    await clock.advance(20_000)
    await following.close()
    expect(clock.sleeping).toBe(0)
  })
})

describe('with other processes', () => {
  /** A list of types that processes share. */
  function sharedTypes(...known: string[]) {
    const types = new Set(known)
    return {
      types,
      note: async (more: readonly string[]) => {
        for (const type of more) types.add(type)
      },
      all: async () => [...types],
    }
  }
  const lease = (isHeld: () => boolean) => ({
    acquire: async () => (isHeld() ? 1 : undefined),
    release: async () => {},
  })

  it('sweeps what another process has cached', async () => {
    const { update, shot, settle, clock, following, silent, changes, baseline } = await ready({
      others: { types: sharedTypes('Shot') },
    })
    await baseline()
    update('Shot', shot.id, { description: 'nobody told' }, silent)
    await settle()
    await clock.run(following.sweep())
    expect(changes().at(-1)).toMatchObject({ source: 'sweep', type: 'Shot', ids: [shot.id] })
  })

  it('tells which types it has cached, with those that its replies link to', async () => {
    const types = sharedTypes()
    const { read, query, following, clock } = await ready({ others: { types } })
    await read(query('Shot', [], ['code', 'sg_sequence']))
    await clock.run(following.noteTypes())
    expect([...types.types].toSorted()).toEqual(expect.arrayContaining(['Sequence', 'Shot']))
  })

  it('warms only while it is the one that follows', async () => {
    let isOurs = false
    const { following, clock } = followedSite({
      settings: { warmTypes: ['Project'] },
      others: { lease: lease(() => isOurs) },
    })
    following.start()
    await clock.advance(60_000)
    expect(following.status()).toMatchObject({ events: { role: 'standing by' }, warm: { types: [] } })
    isOurs = true
    await clock.advance(15_000)
    expect(following.status().warm.types).toMatchObject([{ type: 'Project', state: 'done' }])
    await following.close()
  })
})

describe('warming', () => {
  it('makes reads of a row by its id hits, with the bytes that such a read is answered', async () => {
    const { following, clock, read, truth, whole, shots } = await ready()
    const [progress] = await clock.run(following.warm(['Shot']))
    expect(progress).toMatchObject({ type: 'Shot', state: 'done' })
    expect(progress!.rows).toBeGreaterThanOrEqual(500)
    for (const { id } of shots) {
      const answer = await read(whole('Shot', id))
      expect(answer.outcome).toBe('hit')
      expect(answer.text).toBe(truth(whole('Shot', id)))
    }
  })

  it('tells how far it is, and can be stopped', async () => {
    const { following, clock } = await ready()
    const stop = new AbortController()
    const rows: number[] = []
    const warming = following.warm(
      ['Shot'],
      (progress) => {
        rows.push(progress.rows)
        if (rows.length === 2) stop.abort()
      },
      stop.signal,
    )
    await expect(clock.run(warming)).rejects.toThrow()
    expect(rows).toEqual([100, 200])
  })

  it('stops at the most rows it may', async () => {
    const { following, clock } = await ready({ settings: { warmMaxRows: 150 } })
    expect(await clock.run(following.warm(['Shot']))).toMatchObject([{ rows: 150, state: 'cut' }])
  })

  it('reads a changed row again soon after, so that it is a hit with the new value', async () => {
    const { following, clock, read, truth, whole, shot, update, settle } = await ready()
    await clock.run(following.warm(['Shot']))
    update('Shot', shot.id, { description: 'changed' })
    await settle()
    await clock.run(following.refresh())
    await clock.advance(1_500)
    await clock.run(following.refresh())
    const answer = await read(whole('Shot', shot.id))
    expect(answer.outcome).toBe('hit')
    expect(answer.text).toBe(truth(whole('Shot', shot.id)))
    expect(answer.text).toContain('changed')
  })

  it('reads a new row in', async () => {
    const { following, clock, read, whole, shot, call, settle } = await ready()
    await clock.run(following.warm(['Shot']))
    const fields = { code: 'new_shot', project: shot.project }
    const made = call('create', {
      type: 'Shot',
      fields: Object.entries(fields).map(([field_name, value]) => ({ field_name, value })),
      return_fields: ['id'],
    })
    await settle()
    await clock.run(following.refresh())
    await clock.advance(1_500)
    await clock.run(following.refresh())
    expect((await read(whole('Shot', made.id))).outcome).toBe('hit')
  })

  it('reads many changed rows in one call, and a row that changes all the time now and then', async () => {
    const { following, clock, shots, update, settle, reports } = await ready()
    await clock.run(following.warm(['Shot']))
    for (const { id } of shots) update('Shot', id, { description: 'all' })
    await settle()
    await clock.run(following.refresh())
    await clock.advance(1_500)
    await clock.run(following.refresh())
    const refreshed = () => reports.filter((event) => event.event === 'refreshed')
    expect(refreshed()).toEqual([{ event: 'refreshed', type: 'Shot', rows: shots.length }])
    for (let i = 0; i < 30; i += 1) {
      update('Shot', shots[0]!.id, { description: `busy ${i}` })
      await clock.advance(500)
      await clock.run(following.tick())
      await clock.run(following.refresh())
    }
    expect(refreshed().length).toBeGreaterThan(1)
    expect(refreshed().length).toBeLessThan(5)
  })

  it('warms the type again after a flush of it', async () => {
    const { following, clock, backend, reports, read, whole, shot } = await ready()
    await clock.run(following.warm(['Shot']))
    await backend.log.append([{ source: 'admin', kind: 'flush', type: 'Shot', ids: 'any', field: 'any' }])
    await clock.run(following.refresh())
    for (let minute = 0; minute < 6; minute += 1) {
      await clock.advance(60_000)
      await clock.run(following.tick())
      await clock.run(following.refresh())
    }
    expect(reports.filter((event) => event.event === 'warmed')).toHaveLength(2)
    expect((await read(whole('Shot', shot.id))).outcome).toBe('hit')
  })
})

describe('auditing', () => {
  it('finds a stale entry that was put in, repairs it, and the next read is true', async () => {
    const { following, clock, read, truth, query, shot, backend } = await ready({ settings: { auditShare: 1 } })
    const asked = query('Shot', [{ path: 'id', relation: 'is', values: [shot.id] }], ['code', 'description'])
    const { entry } = await read(asked)
    await clock.advance(5_000)
    backend.near.set({ ...entry, body: Buffer.from(entry.body.toString().replace('"code":"', '"code":"wrong ')) })
    const hit = await read(asked)
    expect(hit.text).not.toBe(truth(asked))
    following.offer(hit.entry)
    expect(await clock.run(following.audit())).toBe('stale')
    expect(following.status().audit.stale).toBe(1)
    await clock.advance(1_500)
    expect((await read(asked)).text).toBe(truth(asked))
  })

  it('does not ask again what answers by the clock or cannot be stored', async () => {
    const { following, clock, read, query } = await ready({ settings: { auditShare: 1 } })
    const asked = query('Task', [{ path: 'updated_at', relation: 'in_last', values: [1, 'DAY'] }], ['content'])
    following.offer((await read(asked)).entry)
    expect(await clock.run(following.audit())).toBe('gone')
  })
})

describe('a busy studio', () => {
  const queries = (site: Awaited<ReturnType<typeof ready>>) => [
    site.query('Shot', [{ path: 'sg_status_list', relation: 'is', values: ['ip'] }], ['code', 'sg_sequence']),
    site.query(
      'Task',
      [{ path: 'entity', relation: 'is', values: [{ type: 'Shot', id: site.shot.id }] }],
      ['content', 'sg_status_list'],
    ),
    site.query('Version', [{ path: 'entity.Shot.id', relation: 'is', values: [site.shot.id] }], ['code', 'user']),
    site.query('Playlist', [], ['code', 'versions']),
    site.query('Shot', [], ['code', 'tasks', 'sg_versions', 'updated_at']),
    site.query('Note', [{ path: 'note_links', relation: 'is_not', values: [null] }], ['subject', 'replies']),
    ...site.shots.slice(0, 10).map((shot) => site.whole('Shot', shot.id)),
  ]

  it('rule 17: whose scripts all leave events causes no sweep records, and no audit cries', async () => {
    const site = await ready({ settings: { auditShare: 1 } })
    const { clock, sandbox, following, read, changes, baseline } = site
    for (const asked of queries(site)) await read(asked)
    await baseline()
    const before = changes().length
    const activity = sandbox.startActivity({ perSecond: 2, silentShare: 0 })
    const verdicts = new Map<string, number>()
    for (let round = 0; round < 40; round += 1) {
      for (const asked of queries(site)) {
        const { outcome, entry } = await read(asked)
        if (outcome === 'hit' && round % 4 === 0) following.offer(entry)
      }
      await clock.advance(5_000)
      await clock.run(following.tick())
      if (round % 10 === 9) await clock.run(following.sweep())
      for (let i = 0; i < 2; i += 1) {
        const verdict = await clock.run(following.audit())
        verdicts.set(String(verdict), (verdicts.get(String(verdict)) ?? 0) + 1)
      }
    }
    await activity.stop()
    expect(verdicts.get('stale')).toBeUndefined()
    expect(verdicts.get('true')).toBeGreaterThan(10)
    expect(
      changes()
        .slice(before)
        .filter((change) => change.source === 'sweep')
        .map((change) => change.ids),
    ).toEqual([])
    expect(
      changes()
        .filter((change) => change.kind === 'flush')
        .map((change) => change.reason),
    ).toEqual(['first start'])
  })

  it.each([
    ['as the site is by default', {}],
    ['without events of the other side of links', { backReferenceEvents: false, connectionEvents: false }],
    ['without events of cascades', { cascadeEvents: false }],
    ['with events that lost their meta', { metaNullShare: 0.2 }],
    ['with late events', { eventLagMs: 1_000, transactionMs: [0, 20_000] as const }],
    [
      'with events of links to removed rows',
      { linkRemovalEvents: true, inverseMovesUpdatedAt: true, retirementMovesUpdatedAt: true },
    ],
  ])('is answered truly when the events of its writes have come, %s', async (_what, switches) => {
    const site = await ready({ switches })
    const { clock, sandbox, following, read, truth, settle } = site
    let hits = 0
    for (let round = 0; round < 25; round += 1) {
      for (const asked of queries(site)) await read(asked)
      const activity = sandbox.startActivity({ perSecond: 4, silentShare: 0 })
      await clock.advance(2_000 + round * 20)
      await activity.stop()
      await settle()
      await clock.run(following.tick())
      for (const asked of queries(site)) {
        const answer = await read(asked)
        if (answer.outcome === 'hit') hits += 1
        expect(answer.text, JSON.stringify(asked)).toBe(truth(asked))
      }
    }
    expect(hits).toBeGreaterThan(100)
  })
})
