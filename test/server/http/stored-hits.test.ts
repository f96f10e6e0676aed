/** The fast lane over a store: what was asked before and is no longer near is looked for there before the router is. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { beforeEach, expect, test } from 'vitest'
import type { Entry } from '../../../src/cache/entry.ts'
import { type FastLaneOptions, fastLane } from '../../../src/server/http/fast-lane.ts'
import { makeEntry } from '../../support/cache-world.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const entry = makeEntry()
let happened: string[]
let stored: () => Promise<Entry | undefined>
let response: { destroyed: boolean; headersSent: boolean; statusCode: number }

beforeEach(() => {
  happened = []
  stored = async () => entry
  response = { destroyed: false, headersSent: false, statusCode: 200 }
})

async function ask(parts: Partial<Record<keyof FastLaneOptions, unknown>> = {}): Promise<string[]> {
  const asked = { question: entry, view: 'entity', schema: undefined }
  // Only what the lane asks of its parts.
  const options = {
    cache: {
      peek: () => undefined,
      look: () => {
        happened.push('looked')
        return stored()
      },
    },
    schemas: { last: undefined },
    authenticator: { known: () => ({ scope: {} }) },
    memo: { ofUrl: () => asked },
    replies: { hit: () => happened.push('answered') },
    counts: { add: () => happened.push('counted') },
    bodyLimitBytes: 1000,
    clock: new VirtualClock(),
    looksInStore: true,
    isStopping: () => false,
    ...parts,
  } as unknown as FastLaneOptions
  const request = { method: 'GET', url: '/entity/Shot/1', headers: {} } as IncomingMessage
  fastLane(options, () => happened.push('to the router'))(request, response as ServerResponse)
  await new Promise((resolve) => setImmediate(resolve))
  return happened
}

test('answers with what the store has', async () => {
  expect(await ask()).toEqual(['looked', 'answered', 'counted'])
})

test('leaves the rest to the router: what is not there, and a store that fails', async () => {
  stored = async () => undefined
  expect(await ask()).toEqual(['looked', 'to the router'])
  stored = () => Promise.reject(new Error('Redis is down'))
  happened = []
  expect(await ask()).toEqual(['looked', 'to the router'])
})

test('does not look where the near cache is all there is', async () => {
  expect(await ask({ looksInStore: false })).toEqual(['to the router'])
})

test('answers nobody who has gone meanwhile', async () => {
  stored = async () => {
    response.destroyed = true
    return entry
  }
  expect(await ask()).toEqual(['looked'])
})

test('leaves it to the router when the reply cannot be made', async () => {
  const replies = {
    hit: () => {
      throw new Error('not a reply')
    },
  }
  expect(await ask({ replies })).toEqual(['looked', 'to the router'])
})
