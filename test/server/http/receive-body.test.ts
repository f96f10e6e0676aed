import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, expect, it, test } from 'vitest'
import { ReceivedBodies, receiveBody } from '../../../src/server/http/receive-body.ts'

/** A request as far as its body goes. */
const asRequest = (stream: PassThrough) => stream as unknown as IncomingMessage

/** What `done` was called with, in order. */
async function received(parts: readonly string[], limitBytes: number): Promise<(string | undefined)[]> {
  const stream = new PassThrough()
  const calls: (string | undefined)[] = []
  receiveBody(asRequest(stream), limitBytes, (body) => calls.push(body?.toString()))
  const ended = new Promise((resolve) => stream.on('close', resolve))
  for (const part of parts) {
    stream.write(part)
    await new Promise((resolve) => setImmediate(resolve))
  }
  stream.end()
  await ended
  return calls
}

describe('a body', () => {
  test.each<[readonly string[], string]>([
    [[], ''],
    [['one'], 'one'],
    [['one', 'two'], 'onetwo'],
    [['one', 'two', 'three', 'four'], 'onetwothreefour'],
  ])('that comes as %j is received whole, once', async (parts, whole) => {
    expect(await received(parts, 100)).toEqual([whole])
  })

  it('as large as the limit is received', async () => {
    expect(await received(['12345', '67890'], 10)).toEqual(['1234567890'])
  })

  test.each<[readonly string[]]>([[['12345678901']], [['12345', '678901']], [['12345', '67890', '1']]])(
    'larger than the limit is told of once, however it comes: %j',
    async (parts) => {
      expect(await received([...parts, 'more', 'and more'], 10)).toEqual([undefined])
    },
  )

  it('that is too large is told of before it has ended', async () => {
    const stream = new PassThrough()
    const told = new Promise((resolve) => receiveBody(asRequest(stream), 4, resolve))
    stream.write('12345')
    expect(await told).toBeUndefined()
  })

  it('that breaks off is never told of', async () => {
    const stream = new PassThrough()
    let calls = 0
    receiveBody(asRequest(stream), 100, () => {
      calls += 1
    })
    stream.write('half')
    stream.on('error', () => {})
    stream.destroy(new Error('the caller went away'))
    await new Promise((resolve) => stream.on('close', resolve))
    expect(calls).toBe(0)
  })
})

test('a body that was kept is found by its request alone', () => {
  const bodies = new ReceivedBodies()
  const [one, other] = [asRequest(new PassThrough()), asRequest(new PassThrough())]
  bodies.keep(one, Buffer.from('one'))
  expect(bodies.of(one)?.toString()).toBe('one')
  expect(bodies.of(other)).toBeUndefined()
  bodies.keep(other, 'too large')
  expect(bodies.of(other)).toBe('too large')
})
