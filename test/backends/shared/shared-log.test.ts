import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { LogEvent } from '../../../src/backends/shared/log-event.ts'
import { EpochEnded } from '../../../src/backends/shared/log-server.ts'
import { SharedLog } from '../../../src/backends/shared/shared-log.ts'
import { createChangeWindow } from '../../../src/cache/change-window.ts'
import { SgcacheError } from '../../../src/errors.ts'
import { makeRecord } from '../../support/cache-world.ts'
import { Random } from '../../support/random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { goodRules, settings } from './shared-world.ts'
import { SimulatedLogServer, SimulatedServers } from './simulated-servers.ts'

const { leaseMs, slackMs } = settings
const lapseMs = leaseMs + slackMs + 100

let clock: VirtualClock
let servers: SimulatedServers
let ids: number
let events: LogEvent[]

beforeEach(() => {
  clock = new VirtualClock()
  servers = new SimulatedServers(clock, goodRules, 1000)
  ids = 0
  events = []
})

/** A process; `isStopped` holds back everything it waits for. */
interface Process {
  readonly log: SharedLog
  readonly link: SimulatedLogServer
  isStopped: boolean
}

function open(): Process {
  const process: { isStopped: boolean } = { isStopped: false }
  const delay = async (ms: number) => {
    await clock.sleep(ms)
    while (process.isStopped) await clock.sleep(10)
  }
  const link = new SimulatedLogServer(servers, new Random(++ids), delay)
  const window = createChangeWindow({ epoch: 'none', clock })
  const member = `p${++ids}`
  const newId = () => `e${++ids}`
  const { quarantineMs } = goodRules
  const report = (event: LogEvent) => events.push(event)
  const log = new SharedLog({ server: link, window, clock, newId, member, settings, quarantineMs, report })
  log.start()
  return Object.assign(process, { log, link })
}

async function opened(count: number): Promise<Process[]> {
  const processes = Array.from({ length: count }, open)
  await clock.advance(goodRules.quarantineMs + leaseMs)
  return processes
}

/** Makes a step fail until it is mended. */
function cut(link: SimulatedLogServer, step: 'renew' | 'read' | 'enter'): () => void {
  link[step] = async () => {
    await clock.sleep(50)
    throw new SgcacheError('BACKEND_UNREACHABLE', { what: 'the simulated server', reason: 'cut off' })
  }
  // What is below is the step of the class.
  return () => Reflect.deleteProperty(link, step)
}

/** The next renewal is done by the server, but its reply does not arrive. Gives how often that has happened. */
function loseReplyOfRenewal(link: SimulatedLogServer): () => number {
  let count = 0
  link.renew = async (...args) => {
    count += 1
    Reflect.deleteProperty(link, 'renew')
    await link.renew(...args)
    throw new SgcacheError('BACKEND_TIMEOUT', { what: 'the simulated server', limitMs: settings.deadlineMs })
  }
  return () => count
}

describe('a process that joins', () => {
  test('rule 5: answers nothing until the epoch opens', async () => {
    const { log } = open()
    await clock.advance(goodRules.quarantineMs - 100)
    expect(log.mayAnswer()).toBe(false)
    await clock.advance(leaseMs / 4 + 200)
    expect(log.mayAnswer()).toBe(true)
  })

  test('knows what is in the log from before it came, so that stored entries of then are judged', async () => {
    const [one] = await opened(1)
    const { seq } = await clock.run(one!.log.append([makeRecord({ ids: [1] }), makeRecord({ ids: [2] })]))
    const other = open()
    await clock.advance(1000)
    expect(other.log.window.since(seq - 2).map((change) => change.ids)).toEqual([[1], [2]])
    expect(other.log.window.coverage).toBe(seq - 2)
    expect(other.log.mayAnswer()).toBe(true)
  })

  test('rule 8: has no right until it has applied the head of when it joined', async () => {
    const [one, other] = await opened(2)
    const mend = cut(other!.link, 'renew')
    const letRead = cut(other!.link, 'read')
    await clock.advance(lapseMs)
    await clock.run(one!.log.append([makeRecord()]).then((position) => one!.log.settled(position)))
    mend()
    await clock.advance(1000)
    expect(other!.log.mayAnswer()).toBe(false)
    letRead()
    await clock.advance(1000)
    expect(other!.log.mayAnswer()).toBe(true)
    expect(other!.log.window.head).toBe(one!.log.window.head)
  })

  test('rule 8: nor when it was not told that it had joined, as the reply was lost', async () => {
    const [one, other] = await opened(2)
    const mend = cut(other!.link, 'renew')
    const letRead = cut(other!.link, 'read')
    await clock.advance(lapseMs)
    const position = await clock.run(one!.log.append([makeRecord()]))
    await clock.run(one!.log.settled(position))
    mend()
    const lost = loseReplyOfRenewal(other!.link)
    for (let n = 0; n < 20; n++) {
      await clock.advance(100)
      expect(other!.log.mayAnswer()).toBe(false)
    }
    expect(lost()).toBe(1)
    expect(other!.log.window.head).toBe(position.seq - 1)
    letRead()
    await clock.advance(1000)
    expect(other!.log.mayAnswer()).toBe(true)
  })

  test('starts without the server, and joins when it comes', async () => {
    servers.master.isDead = true
    const { log } = open()
    await clock.advance(5000)
    expect(log.mayAnswer()).toBe(false)
    await expect(clock.run(log.append([makeRecord()]))).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    servers.restartEmpty()
    await clock.advance(goodRules.quarantineMs + leaseMs)
    expect(log.mayAnswer()).toBe(true)
    expect(events.map(({ kind }) => kind)).toEqual(['trouble', 'restored', 'entered'])
  })
})

describe('a change', () => {
  test('is applied by every process, in one order', async () => {
    const processes = await opened(3)
    const appends = processes.flatMap(({ log }, i) =>
      [1, 2, 3].map((n) => log.append([makeRecord({ ids: [10 * i + n] })])),
    )
    await clock.run(Promise.all(appends))
    await clock.advance(1500)
    const [first, ...others] = processes.map(({ log }) => log.window.since(0).map(({ ids }) => ids))
    expect(first).toHaveLength(9)
    for (const other of others) expect(other).toEqual(first)
  })

  test('rule 13: is settled when all have applied it, and not before', async () => {
    const [one, other] = await opened(2)
    const position = await clock.run(one!.log.append([makeRecord()]))
    await clock.run(one!.log.settled(position))
    expect(other!.log.window.head).toBe(position.seq)
    expect(other!.log.mayAnswer()).toBe(true)
  })

  test('rule 13: does not wait for a process that was stopped longer than its right lasts', async () => {
    const [one, other] = await opened(2)
    other!.isStopped = true
    const began = clock.monotonic()
    const position = await clock.run(one!.log.append([makeRecord()]))
    await clock.run(one!.log.settled(position))
    expect(clock.monotonic() - began).toBeGreaterThan(leaseMs / 2)
    expect(other!.log.mayAnswer()).toBe(false)
  })

  test('rule 13: whose epoch ended before it was settled is not settled', async () => {
    const [one] = await opened(1)
    const position = await clock.run(one!.log.append([makeRecord()]))
    servers.restartEmpty()
    await clock.advance(3000)
    await expect(clock.run(one!.log.settled(position))).rejects.toBeInstanceOf(EpochEnded)
    const again = await clock.run(one!.log.append([makeRecord()]))
    await clock.run(one!.log.settled(again))
    expect(again.epoch).not.toBe(position.epoch)
    expect(again.seq).toBeGreaterThan(position.seq)
  })
})

describe('a process cut off from the log', () => {
  test('stops answering within the lease, and catches up without forgetting', async () => {
    const [one, other] = await opened(2)
    const before = await clock.run(one!.log.append([makeRecord({ ids: [1] })]))
    await clock.advance(500)
    other!.isStopped = true
    await clock.advance(leaseMs)
    expect(other!.log.mayAnswer()).toBe(false)
    await clock.run(one!.log.append([makeRecord({ ids: [2] })]))
    other!.isStopped = false
    await clock.advance(1500)
    expect(other!.log.mayAnswer()).toBe(true)
    expect(other!.log.window.since(before.seq - 1).map(({ ids }) => ids)).toEqual([[1], [2]])
  })

  test('rule 7: forgets what it had checked when the log was trimmed meanwhile', async () => {
    const [one, other] = await opened(2)
    other!.isStopped = true
    for (let id = 0; id < 10; id++) await clock.run(one!.log.append([makeRecord({ ids: [id] })]))
    servers.trim()
    other!.isStopped = false
    await clock.advance(1500)
    const { window } = other!.log
    expect(window.head).toBe(one!.log.window.head)
    expect(window.coverage).toBe(window.head - 3)
    expect(events).toContainEqual(expect.objectContaining({ kind: 'hole' }))
  })

  test('rule 7: forgets all when the changes are gone but the head is not, as when a stream is evicted', async () => {
    const [one, other] = await opened(2)
    other!.isStopped = true
    await clock.run(one!.log.append([makeRecord()]))
    servers.master.changes = []
    other!.isStopped = false
    await clock.advance(1500)
    const { window } = other!.log
    expect([window.head, window.coverage]).toEqual([one!.log.window.head, one!.log.window.head])
    expect(other!.log.mayAnswer()).toBe(true)
  })
})

describe('a server that is not what it was', () => {
  test('that has lost the end of the log, and does not know it, gets a new epoch', async () => {
    const [one, other] = await opened(2)
    const before = await clock.run(one!.log.append([makeRecord({ ids: [1] }), makeRecord({ ids: [2] })]))
    await clock.advance(1000)
    servers.master.head -= 1
    servers.master.changes.pop()
    await clock.advance(1000)
    for (const { log } of [one!, other!]) {
      expect(log.window.epoch).not.toBe(before.epoch)
      expect(log.window.head).toBeGreaterThan(before.seq)
      expect(log.mayAnswer()).toBe(false)
    }
  })

  test('that takes no epoch is asked again now and then, not all the time', async () => {
    const [one] = await opened(1)
    servers.failOver(false)
    one!.link.server = servers.master
    const mend = cut(one!.link, 'enter')
    const asked = vi.spyOn(one!.link, 'renew')
    await clock.advance(5000)
    expect(asked.mock.calls.length).toBeLessThan(12)
    expect(asked).toHaveBeenCalled()
    mend()
    await clock.advance(goodRules.quarantineMs + leaseMs)
    expect(one!.log.mayAnswer()).toBe(true)
  })
})

describe('the lease of the follower', () => {
  test('rule 16: is one process’s, passes to another when it lapses, and its fence grows', async () => {
    const [one, other] = await opened(2)
    const fence = (await clock.run(one!.log.acquire()))!
    expect(await clock.run(other!.log.acquire())).toBeUndefined()
    one!.isStopped = true
    await clock.advance(settings.followerLeaseMs)
    expect(await clock.run(other!.log.acquire())).toBe(fence + 1)
    const cursor = { lastId: 705, gaps: [], sweptAt: {} }
    await clock.run(other!.log.append([], { cursor, fence: fence + 1 }))
    one!.isStopped = false
    const late = one!.log.append([makeRecord()], { cursor: { ...cursor, lastId: 500 }, fence })
    await expect(clock.run(late)).rejects.toMatchObject({ code: 'FENCED' })
    expect(await clock.run(other!.log.load())).toEqual(cursor)
  })

  test('rule 16: a move of the cursor is not repeated in an epoch that it was not made for', async () => {
    const [one] = await opened(1)
    const fence = (await clock.run(one!.log.acquire()))!
    servers.failOver(false)
    const move = { cursor: { lastId: 1, gaps: [], sweptAt: {} }, fence }
    one!.link.server = servers.master
    await expect(clock.run(one!.log.append([makeRecord()], move))).rejects.toBeInstanceOf(EpochEnded)
  })
})

test('a process that closes has no right any more, whatever renewal is under way', async () => {
  const [one] = await opened(1)
  const { log, link } = one!
  const { renew } = link
  let isRenewing = false
  link.renew = async (...args) => {
    isRenewing = true
    const renewal = await renew.apply(link, args)
    await clock.sleep(300)
    return renewal
  }
  while (!isRenewing) await clock.advance(10)
  let isClosed = false
  const closing = log.close().then(() => {
    isClosed = true
  })
  const rights: boolean[] = []
  for (let n = 0; n < 100; n++) {
    rights.push(log.mayAnswer())
    await clock.advance(10)
  }
  await closing
  expect(isClosed).toBe(true)
  expect(new Set(rights)).toEqual(new Set([false]))
})

test('a process that closes is not waited for', async () => {
  const [one, other] = await opened(2)
  await clock.run(other!.log.close())
  const began = clock.monotonic()
  const position = await clock.run(one!.log.append([makeRecord()]))
  await clock.run(one!.log.settled(position))
  expect(clock.monotonic() - began).toBeLessThan(leaseMs / 2)
  expect(other!.log.mayAnswer()).toBe(false)
})
