/** A server that stops: a write that is under way gets an answer, since a connection closed without one sends it again. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

/** Takes uploads, and says nothing; knows no calls. */
async function silentSite(): Promise<{ url: string; arrived: Promise<void> }> {
  let hasArrived = () => {}
  const arrived = new Promise<void>((resolve) => {
    hasArrived = resolve
  })
  const server = createServer((incoming, response) => {
    if (incoming.url === '/api3/json') response.writeHead(503).end()
    else incoming.resume().on('end', hasArrived)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived } // it listens on a port
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
    const { url, arrived } = await silentSite()
    const running = await serverBefore(url, { 'server.drain_timeout': '0s', 'events.enabled': false })
    closers.push(() => running.close())
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = 'entity_type=Version&entity_id=3&upload_link_info=x'
    const answer = request(`${running.address}/upload/api_link_file`, { method: 'POST', headers, body })
    await arrived
    await running.close()
    const reply = await answer
    expect(reply.statusCode).toBe(200)
    expect(reply.headers.connection).toBe('close')
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
