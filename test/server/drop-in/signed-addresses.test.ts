/** Addresses of pictures in cached answers still work when they are given out, however long the site signs for. */
import { expect, it } from 'vitest'
import type { PythonRow } from '../../support/python-wire.ts'
import { openDropInWorld, script } from './drop-in-world.ts'

const filters = [['project', 'is', { type: 'Project', id: 1 }]]

it.each([120_000, 300_000, 900_000])('no answer outlives the signatures in it (of %i ms)', async (signatureMs) => {
  const world = openDropInWorld({ size: 'tiny', switches: { signatureMs } })
  const client = world.client(script)
  const shots = await client.find('Shot', filters, ['image'])
  const { id } = shots.find(({ image }) => image !== null)!
  const questions: readonly (() => Promise<readonly (PythonRow | null)[]>)[] = [
    () => client.find('Version', filters, ['code', 'image']),
    () => client.find('Task', filters, ['content', 'entity.Shot.image']),
    async () => [await client.findOne('Shot', [['id', 'is', id]], ['image'])],
  ]
  const counts = { asked: 0, hits: 0 }
  for (let turn = 0; turn < 50; turn += 1) {
    for (const ask of questions) {
      const signed = [...JSON.stringify(await ask()).matchAll(/expires=(\d+)/g)]
      const ends = Math.min(...signed.map(([, second]) => Number(second) * 1000))
      expect(signed.length).toBeGreaterThan(0)
      expect(ends - world.clock.now()).toBeGreaterThan(40_000)
      counts.asked += 1
      if (String(client.lastHeaders['cache-status']).startsWith('sgcache; hit')) counts.hits += 1
    }
    await world.clock.advance(20_000)
  }
  world.close()
  expect(counts.hits).toBeGreaterThan(counts.asked / 2)
})
