/** A server that stops: a write that is under way gets an answer, since a connection closed without one sends it again. */
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'
import { injected, openDropInWorld, script } from './drop-in-world.ts'
import { serverBefore } from './served.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A server before a site that does what it is told, and does not answer. */
async function serverBeforeSilence() {
  const sandbox = createSandbox({ size: 'tiny' })
  const site = await sandbox.listen({ port: 0 })
  closers.push(() => site.close())
  const running = await serverBefore(site.address, { 'server.drain_timeout': '0s' })
  closers.push(() => running.close())
  sandbox.switches.latencyAfterMs = 3_600_000
  /** Resolves when the site has done something. */
  const commit = () =>
    new Promise<void>((resolve) => {
      const end = sandbox.onCommit(() => {
        end()
        resolve()
      })
    })
  return { running, commit }
}

describe('a server that stops', () => {
  it('answers the write that still waits for the site', async () => {
    const { running, commit } = await serverBeforeSilence()
    const done = commit()
    const update = { type: 'Shot', id: 1, fields: [{ field_name: 'description', value: 'x' }] }
    const body = JSON.stringify({ method_name: 'update', params: [script, update] })
    const answer = request(`${running.address}/api3/json`, { method: 'POST', body })
    await done
    await running.close()
    const reply = await answer
    expect(reply.statusCode).toBe(500)
    expect(reply.headers).toMatchObject({ connection: 'close', 'cache-status': 'sgcache; fwd=bypass; detail="write"' })
    expect(await reply.body.json()).toMatchObject({ message: expect.stringMatching(/may have been applied or not/) })
  })

  it('answers the upload that still waits for the site', async () => {
    const { running, commit } = await serverBeforeSilence()
    const done = commit()
    const form = new FormData()
    const fields = { script_name: 'sgcache', script_key: 'sandbox-key', entity_type: 'Version', entity_id: '1' }
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    form.set('thumb_image', new Blob(['picture']), 'picture.png')
    const filled = new Response(form)
    const headers = { 'content-type': filled.headers.get('content-type')! }
    const body = Buffer.from(await filled.arrayBuffer())
    const answer = request(`${running.address}/upload/publish_thumbnail`, { method: 'POST', headers, body })
    await done
    await running.close()
    const reply = await answer
    expect(reply.statusCode).toBe(200)
    expect(await reply.body.text()).toMatch(/^0\n.*Look before you send it again/)
  })

  it('closes each connection after its answer, hits too', async () => {
    let isStopping = false
    const world = openDropInWorld({ size: 'tiny', isStopping: () => isStopping })
    closers.push(async () => world.close())
    const post = injected(world.listener)
    const body = Buffer.from('{"method_name":"info","params":[]}')
    await post(body, {})
    expect((await post(body, {})).headers).toMatchObject({ 'cache-status': expect.stringMatching(/hit/) })
    isStopping = true
    expect((await post(body, {})).headers).toMatchObject({
      'cache-status': expect.stringMatching(/hit/),
      connection: 'close',
    })
  })
})
