import { describe, expect, it } from 'vitest'
import { Crash, fakeSite } from './fakes.ts'

describe('at the first start', () => {
  it('begins at the newest event and trusts nothing from before', async () => {
    const { source, log, follower } = fakeSite()
    source.commit(25)
    await follower.tick()
    expect(log.changes.map((change) => [change.kind, change.type])).toEqual([['flush', '*']])
    expect(log.cursor).toMatchObject({ lastId: 25, gaps: [] })
  })

  it('takes ids missing in the window below for gaps: a late commit there is not lost', async () => {
    const { source, log, follower } = fakeSite()
    source.commit(20)
    const late = source.begin()
    source.commit(5)
    await follower.tick()
    expect(log.cursor?.gaps.map((gap) => gap.id)).toEqual([21])
    const event = late()
    await follower.tick()
    expect(log.timesLogged(event.id)).toBe(1)
    expect(log.cursor?.gaps).toEqual([])
  })

  it('looks further down while the window is younger than the longest transaction', async () => {
    const { source, log, follower } = fakeSite({ gapWindow: 5, batch: 5 })
    const late = source.begin()
    source.commit(40)
    await follower.tick()
    expect(log.cursor?.gaps.map((gap) => gap.id)).toContain(1)
    const event = late()
    await follower.tick()
    expect(log.timesLogged(event.id)).toBe(1)
  })

  it('starts on an empty event log and sees the first event', async () => {
    const { source, log, follower } = fakeSite()
    await follower.tick()
    const event = source.commit()
    await follower.tick()
    expect(log.timesLogged(event.id)).toBe(1)
  })
})

describe('following', () => {
  it('reads on without a pause while batches are full', async () => {
    const { source, log, follower } = fakeSite({ batch: 10 })
    source.commit()
    await follower.tick()
    source.commit(95)
    await follower.tick()
    for (let id = 2; id <= 96; id += 1) expect(log.timesLogged(id)).toBe(1)
  })

  it('rule 16: moves the cursor and the gaps in the append of the records', async () => {
    const { source, log, follower } = fakeSite()
    source.commit()
    await follower.tick()
    source.begin()
    const event = source.commit()
    await follower.tick()
    expect(log.timesLogged(event.id)).toBe(1)
    expect(log.cursor).toMatchObject({ lastId: event.id, gaps: [{ id: event.id - 1 }] })
  })

  it('rule 16: moves nothing with a fence that is out of date', async () => {
    const { source, log, lease, follower } = fakeSite()
    source.commit()
    await follower.tick()
    const before = structuredClone(log.cursor)
    lease.acquire = async () => 0
    source.commit()
    await expect(follower.tick()).rejects.toThrow('fenced off')
    expect(log.cursor).toEqual(before)
  })

  it('hazard 1: sees an event that commits after younger ones, and stalls behind none', async () => {
    const { source, log, follower } = fakeSite()
    source.commit()
    await follower.tick()
    const late = source.begin()
    const young = source.commit(3)
    await follower.tick()
    expect(log.timesLogged(young.id)).toBe(1)
    const event = late()
    await follower.tick()
    expect(log.timesLogged(event.id)).toBe(1)
  })

  it('hazard 1: asks for just the missing ids, less and less often, and never gives up', async () => {
    const { source, log, clock, follower } = fakeSite()
    source.commit()
    await follower.tick()
    const late = source.begin()
    source.commit()
    let asks: number[] = []
    for (const minutes of [1, 10, 60, 600]) {
      const before = source.asked.length
      for (let tick = 0; tick < minutes * 12; tick += 1) {
        await follower.tick()
        await clock.advance(5_000)
      }
      asks = [...asks, (source.asked.length - before) / minutes]
    }
    expect(source.asked.every((ids) => ids.length === 1 && ids[0] === 2)).toBe(true)
    expect(asks).toEqual([...asks].sort((a, b) => b - a)) // asks per minute fall
    expect(asks.at(-1)).toBeLessThan(0.05)
    const event = late()
    await clock.advance(3_600_000)
    await follower.tick()
    expect(log.timesLogged(event.id)).toBe(1)
  })

  it('asks for many gaps in chunks, all of them in time', async () => {
    const { source, log, clock, follower } = fakeSite({ gapLimit: 10_000 })
    source.commit()
    await follower.tick()
    const late = Array.from({ length: 5000 }, () => source.begin())
    source.commit()
    await follower.tick()
    expect(source.asked.every((ids) => ids.length <= 500)).toBe(true)
    for (const commit of late) commit()
    for (let tick = 0; tick < 10; tick += 1) {
      await clock.advance(5_000)
      await follower.tick()
    }
    expect(log.cursor?.gaps).toEqual([])
  })

  it('rule 17: tells of gaps that outlive the longest transaction, once, so that what they hide is swept', async () => {
    const old: number[] = []
    const { source, clock, follower } = fakeSite({ onOldGaps: (ageMs) => old.push(ageMs) })
    source.commit()
    await follower.tick()
    source.begin() // rolled back
    source.commit()
    for (let minute = 0; minute < 20; minute += 1) {
      await follower.tick()
      await clock.advance(60_000)
    }
    expect(old).toHaveLength(1)
    expect(old[0]).toBeGreaterThan(300_000)
  })

  it('flushes everything when more ids are missing than can be remembered', async () => {
    const { source, log, follower } = fakeSite({ gapLimit: 50 })
    source.commit()
    await follower.tick()
    source.lastId += 1_000_000
    const event = source.commit()
    await follower.tick()
    expect(log.flushes()).toContain('too many missing events')
    expect(log.cursor?.gaps).toHaveLength(50)
    expect(log.timesLogged(event.id)).toBe(1)
  })

  it('calls at the same time share the next look instead of running two', async () => {
    const { source, log, follower } = fakeSite()
    source.commit()
    await follower.tick()
    const event = source.commit()
    await Promise.all([follower.tick(), follower.tick(), follower.tick()])
    expect(log.timesLogged(event.id)).toBe(1)
  })
})

describe('when the event log cannot be trusted', () => {
  it('hazard 4: flushes and begins anew when the last event has been culled', async () => {
    const { source, log, follower } = fakeSite()
    source.commit(5)
    await follower.tick()
    source.events.clear()
    source.commit(30)
    await follower.tick()
    expect(log.flushes().at(-1)).toContain('vanished')
    expect(log.cursor?.lastId).toBe(35)
  })

  it('hazard 4: a reader behind the others is not a culled log, unless it stays so', async () => {
    const { source, log, follower } = fakeSite()
    const last = source.commit(5)
    await follower.tick()
    source.events.delete(last.id)
    await follower.tick()
    await follower.tick()
    expect(log.flushes()).toEqual(['first start'])
    source.events.set(last.id, last)
    await follower.tick()
    source.events.delete(last.id)
    for (let look = 0; look < 3; look += 1) await follower.tick()
    expect(log.flushes().at(-1)).toContain('vanished')
  })

  it('flushes and begins anew after an outage longer than the log is trusted', async () => {
    const { source, log, clock, follower } = fakeSite({ trustedOutageMs: 3_600_000 })
    source.commit()
    await follower.tick()
    source.outage = true
    await expect(follower.tick()).rejects.toThrow('down')
    await clock.advance(3_700_000)
    source.outage = false
    source.commit(3)
    await follower.tick()
    expect(log.flushes().at(-1)).toContain('not looked')
  })

  it('catches up after a shorter outage without a flush', async () => {
    const { source, log, clock, follower } = fakeSite()
    source.commit()
    await follower.tick()
    source.outage = true
    const event = source.commit(20)
    await expect(follower.tick()).rejects.toThrow('down')
    await clock.advance(1_800_000)
    source.outage = false
    await follower.tick()
    expect(log.timesLogged(event.id)).toBe(1)
    expect(log.flushes()).toEqual(['first start'])
  })

  it('an idle site is no outage', async () => {
    const { source, log, clock, follower } = fakeSite({ trustedOutageMs: 60_000 })
    source.commit()
    for (let tick = 0; tick < 100; tick += 1) {
      await follower.tick()
      await clock.advance(5_000)
    }
    expect(log.flushes()).toEqual(['first start'])
  })
})

describe('blindness', () => {
  it('is blind before the first look, and when looks fail for longer than the bound', async () => {
    const { source, clock, follower } = fakeSite()
    expect(follower.isBlind()).toBe(true)
    source.commit()
    await follower.tick()
    expect(follower.isBlind()).toBe(false)
    source.outage = true
    await clock.advance(30_000)
    await expect(follower.tick()).rejects.toThrow()
    expect(follower.isBlind()).toBe(false)
    await clock.advance(1)
    expect(follower.isBlind()).toBe(true)
    source.outage = false
    await follower.tick()
    expect(follower.isBlind()).toBe(false)
  })

  it('rule 9: a jump of the wall clock alone ends it too', async () => {
    const { source, clock, follower } = fakeSite()
    source.commit()
    await follower.tick()
    clock.jumpWall(60_000)
    expect(follower.isBlind()).toBe(true)
  })

  it.each([
    ['counts from when it says', 20_000, false],
    ['that is too long ago counts for nothing', 31_000, true],
    ['from the future, by clocks that disagree, counts for nothing', -1_000, true],
  ])('standing by, the first look of another %s', async (_, agoMs, isBlind) => {
    const { clock, log, lease, follower } = fakeSite()
    lease.held = false
    log.cursor = { lastId: 1, gaps: [], sweptAt: {}, tickedAt: clock.now() - agoMs }
    await follower.tick()
    expect(follower.isBlind()).toBe(isBlind)
    await clock.advance(10_001)
    await follower.tick()
    expect(follower.isBlind()).toBe(true)
    log.cursor = { ...log.cursor, tickedAt: clock.now() - agoMs }
    await follower.tick()
    expect(follower.isBlind()).toBe(false)
  })

  it('sees, standing by, as long as somebody else looks', async () => {
    const { source, clock, log, lease, follower, startFollower } = fakeSite()
    source.commit()
    lease.held = false
    await follower.tick()
    expect(follower.isBlind()).toBe(true)
    lease.held = true
    const other = startFollower()
    await other.tick()
    lease.held = false
    await follower.tick()
    expect(follower.status()).toMatchObject({ role: 'standing by', isBlind: false })
    await clock.advance(31_000)
    await follower.tick()
    expect(follower.isBlind()).toBe(true)
    expect(log.flushes()).toHaveLength(1)
  })
})

it('tells its last event, lag and gaps', async () => {
  const { source, clock, follower } = fakeSite()
  source.commit()
  await follower.tick()
  source.begin()
  const event = source.commit()
  await clock.advance(4_000)
  await follower.tick()
  expect(follower.status()).toMatchObject({
    role: 'following',
    lastEventId: event.id,
    lastEventAt: Date.parse(event.created_at),
    lagMs: 4_000,
    gaps: 1,
  })
})

describe('crashes', () => {
  /** Late commits, a rollback and a full batch in three looks; the process dies at step `crashAt` and comes back. */
  async function history(crashAt: number) {
    const site = fakeSite({ batch: 5 })
    site.steps.crashAt = crashAt
    let follower = site.follower
    const look = async () => {
      try {
        await follower.tick()
      } catch (error) {
        if (!(error instanceof Crash)) throw error
        follower = site.startFollower()
        await follower.tick()
      }
      await site.clock.advance(5_000)
    }
    site.source.commit(3)
    await look()
    const late = [site.source.begin(), site.source.begin()]
    site.source.begin()
    const expected = [site.source.commit().id]
    await look()
    expected.push(late[0]!().id)
    for (let i = 0; i < 12; i += 1) expected.push(site.source.commit().id)
    await look()
    expected.push(late[1]!().id)
    await look()
    return { ...site, expected }
  }

  it('law 6: dying at any step loses no event and brings the cursor to the same place', async () => {
    const whole = await history(Number.POSITIVE_INFINITY)
    expect(whole.steps.taken).toBeGreaterThan(30)
    for (let crashAt = 1; crashAt <= whole.steps.taken; crashAt += 1) {
      const { log, expected } = await history(crashAt)
      const lost = expected.filter((id) => log.timesLogged(id) === 0)
      expect(lost, `lost when it died at step ${crashAt}`).toEqual([])
      expect(log.cursor?.lastId).toBe(whole.log.cursor?.lastId)
      expect(log.cursor?.gaps.map((gap) => gap.id)).toEqual(whole.log.cursor?.gaps.map((gap) => gap.id))
    }
  })
})
