import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import { Deadline } from '../../src/backends/deadline.ts'
import { systemClock } from '../../src/clock.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

let clock: VirtualClock
let deadline: Deadline

beforeEach(() => {
  clock = new VirtualClock()
  deadline = new Deadline({ what: 'Redis at cache:6379', limitMs: 250, clock })
})

const never = () => new Promise<never>(() => {})

test('gives what the work gives, and its failure', async () => {
  expect(await deadline.within(Promise.resolve(7))).toBe(7)
  await expect(deadline.within(Promise.reject(new Error('no')))).rejects.toThrow('no')
})

test('gives up when the bound has passed, and says of whom', async () => {
  const waiting = deadline.within(never()).catch((error: Error) => error.message)
  await clock.advance(249)
  expect(await Promise.race([waiting, 'still waiting'])).toBe('still waiting')
  await clock.advance(2)
  expect(await waiting).toBe('Redis at cache:6379 did not answer within 250 ms.')
})

test('each call has its own bound, whatever became of those before it', async () => {
  const given: string[] = []
  const call = (name: string, work: Promise<unknown>) =>
    deadline.within(work).then(
      () => given.push(`${name} done at ${clock.monotonic()}`),
      () => given.push(`${name} given up at ${clock.monotonic()}`),
    )
  void call('a', never())
  await clock.advance(100)
  void call('b', clock.sleep(50))
  void call('c', never())
  await clock.advance(500)
  void call('d', never())
  await clock.advance(500)
  expect(given).toEqual(['b done at 150', 'a given up at 251', 'c given up at 351', 'd given up at 851'])
})

test('does not give up an answer that has come while the process was busy', async () => {
  let answer: (value: string) => void = () => {}
  const waiting = deadline.within(new Promise<string>((resolve) => (answer = resolve)))
  // The sleeper wakes first, and the answer is read in the same turn.
  void clock.sleep(250).then(() => answer('late, but there'))
  await clock.advance(1000)
  expect(await waiting).toBe('late, but there')
})

test('leaves nothing asleep when nobody waits', async () => {
  await deadline.within(Promise.resolve())
  await clock.advance(251)
  expect(clock.sleeping).toBe(0)
})

test('takes an answer that came while this process was busy, however long that was', async () => {
  const server = createServer((socket) => socket.end('late'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  const patient = new Deadline({ what: 'it', limitMs: 50, clock: systemClock })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const answer = patient.within(once(socket, 'data'))
  // Nothing else happens here meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  expect(String(await answer)).toBe('late')
  server.close()
})

test('when it is closed, nothing sleeps that would keep the program from ending', async () => {
  void deadline.within(never())
  expect(clock.sleeping).toBe(1)
  deadline.close()
  await clock.advance(0)
  expect(clock.sleeping).toBe(0)
})
