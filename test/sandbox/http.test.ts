import { gunzipSync } from 'node:zlib'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { Calls, everything, fieldList, leaf, link, person, readArgs } from './calls.ts'

let site: Sandbox
let address: string
let close: () => Promise<void>
const agent = new Agent({ connections: 1, pipelining: 1 })

beforeAll(async () => {
  site = createSandbox({ size: 'tiny' })
  ;({ address, close } = await site.listen({ port: 0 }))
})

afterAll(async () => {
  await agent.close()
  await close()
})

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  request(`${address}${path}`, { method: 'POST', body, headers, dispatcher: agent })

const envelope = (method: string, args: unknown) => JSON.stringify({ method_name: method, params: [everything, args] })

function ask(method: string, args: unknown) {
  return site.call({ method_name: method, params: [everything, args] })
}

describe('the JSON-RPC over HTTP', () => {
  it('answers what the site answers in process', async () => {
    const args = readArgs('Shot', ['code', 'sg_sequence'], [])
    const reply = await post('/api3/json', envelope('read', args))
    expect(reply.statusCode).toBe(200)
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(await reply.body.json()).toEqual(ask('read', args))
  })

  it('keeps text beyond ASCII whole, sent raw', async () => {
    const fields = fieldList({ description: 'Łódź 夜 🎬' })
    await (await post('/api3/json', envelope('update', { type: 'Shot', id: 1, fields }))).body.dump()
    expect(ask('read', readArgs('Shot', ['description'], [leaf('id', 'is', 1)]))).toMatchObject({
      results: { entities: [{ description: 'Łódź 夜 🎬' }] },
    })
  })

  it('compresses when asked, and only then', async () => {
    const body = envelope('read', readArgs('Task', ['content', 'entity', 'project'], []))
    const plain = Buffer.from(await (await post('/api3/json', body)).body.arrayBuffer())
    const zipped = await post('/api3/json', body, { 'accept-encoding': 'gzip, deflate' })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(Buffer.from(await zipped.body.arrayBuffer()))).toEqual(plain)
  })

  it('keeps the connection for the next request', async () => {
    const connections = new Set<unknown>()
    agent.on('connect', (origin) => connections.add(origin))
    for (let i = 0; i < 5; i += 1)
      await (await post('/api3/json', envelope('read', readArgs('Shot', [], [])))).body.dump()
    expect(connections.size).toBe(0)
  })

  it('answers 400 to what is no JSON, 405 to a GET, 404 elsewhere', async () => {
    expect((await post('/api3/json', '{oops')).statusCode).toBe(400)
    expect((await request(`${address}/api3/json`)).statusCode).toBe(405)
    const rest = await request(`${address}/api/v1.1/entity/shots`)
    expect(rest.statusCode).toBe(404)
    expect(await rest.body.json()).toMatchObject({ errors: [{ status: 404 }] })
  })

  it.each(['resetBefore', 'lostAck'] as const)('cuts the connection: %s', async (mishap) => {
    site.switches.nextMishaps.push(mishap)
    await expect(post('/api3/json', envelope('read', readArgs('Shot', [], [])))).rejects.toThrow()
    expect((await post('/api3/json', envelope('read', readArgs('Shot', [], [])))).statusCode).toBe(200)
  })

  it('is not there in an outage', async () => {
    site.switches.outage = true
    await expect(post('/api3/json', envelope('read', readArgs('Shot', [], [])))).rejects.toThrow()
    await expect(post('/upload/upload_file', '')).rejects.toThrow()
    site.switches.outage = false
  })

  it('knows its own address', () => {
    expect(site.url).toBe(address)
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('says so when the port is taken', async () => {
    const port = Number(new URL(address).port)
    await expect(createSandbox({ size: 'tiny' }).listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('uploads and downloads', () => {
  function form(fields: Record<string, string>, file?: { field: string; name: string; bytes: Buffer }) {
    const parts = Object.entries(fields).map(([name, value]) =>
      Buffer.from(`--mark\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    )
    const head = `--mark\r\nContent-Disposition: form-data; name="${file?.field}"; filename="${file?.name}"\r\nContent-Type: image/png\r\n\r\n`
    const filePart = file ? [Buffer.from(head), file.bytes, Buffer.from('\r\n')] : []
    return Buffer.concat([...parts, ...filePart, Buffer.from('--mark--\r\n')])
  }
  const multipart = { 'content-type': 'multipart/form-data; boundary=mark' }
  const auth = { script_name: 'sgcache', script_key: 'sandbox-key' }
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 0, 255])

  async function upload(
    path: string,
    fields: Record<string, string>,
    file = { field: 'thumb_image', name: 'a.png', bytes },
  ) {
    const reply = await post(path, form({ ...auth, ...fields }, file), multipart)
    return reply.body.text()
  }

  it('a thumbnail becomes the image of its row, with two events and a new updated_at', async () => {
    const calls = Object.assign(new Calls(), { site })
    const before = calls.lastEventId()
    const answer = await upload('/upload/publish_thumbnail', { entity_type: 'Shot', entity_id: '2' })
    const id = Number(/^1:(\d+)\n/.exec(answer)?.[1])
    const events = calls.events(before).filter((event) => event.event_type === 'Shotgun_Shot_Change')
    expect(events.map((event) => [event.attribute_name, event.meta?.is_transient, event.meta?.new_value])).toEqual([
      ['image', true, id],
      ['image', false, id],
    ])
    const image = String(calls.one('Shot', 2, ['image'], { api_return_image_urls: true })?.image)
    const file = await request(image)
    expect(Buffer.from(await file.body.arrayBuffer())).toEqual(bytes)
  })

  it('a file becomes an Attachment in the field', async () => {
    const fields = { entity_type: 'Version', entity_id: '1', field_name: 'sg_uploaded_movie', display_name: 'cut one' }
    const answer = await upload('/upload/upload_file', fields, { field: 'file', name: 'a.dat', bytes })
    const id = Number(/^1:(\d+)/.exec(answer)?.[1])
    const reply = ask('read', readArgs('Version', ['sg_uploaded_movie'], [leaf('id', 'is', 1)]))
    expect(reply).toMatchObject({
      results: {
        entities: [
          {
            sg_uploaded_movie: {
              type: 'Attachment',
              id,
              link_type: 'upload',
              name: 'cut one',
              content_type: 'image/png',
            },
          },
        ],
      },
    })
  })

  it('a file without a field is linked to the row', async () => {
    const answer = await upload(
      '/upload/upload_file',
      { entity_type: 'Note', entity_id: '1' },
      { field: 'file', name: 'n.txt', bytes },
    )
    const id = Number(/^1:(\d+)/.exec(answer)?.[1])
    const reply = ask('read', readArgs('Attachment', ['filename'], [leaf('attachment_links', 'is', link('Note', 1))]))
    expect(reply).toMatchObject({ results: { entities: [{ id, filename: 'n.txt' }] } })
  })

  it('a thumbnail can be shared', async () => {
    await upload('/upload/publish_thumbnail', { entity_type: 'Version', entity_id: '1' })
    const body = new URLSearchParams({
      ...auth,
      entities: 'Version_2,Version_3',
      source_entity: 'Version_1',
    }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await (await post('/upload/share_thumbnail', body, headers)).body.text()).toMatch(/^1:\d+/)
    const rows = ask('read', readArgs('Version', ['image'], [leaf('id', 'in', 1, 2, 3)])) as {
      results: { entities: { image: string }[] }
    }
    expect(new Set(rows.results.entities.map((row) => row.image)).size).toBe(1)
  })

  it.each([
    ['/upload/publish_thumbnail', { entity_type: 'Shot', entity_id: '9999' }, 'does not exist'],
    ['/upload/upload_file', { entity_type: 'Shot', entity_id: '1', field_name: 'nope' }, "doesn't exist"],
    ['/upload/elsewhere', { entity_type: 'Shot', entity_id: '1' }, 'has no'],
    ['/upload/publish_thumbnail', { entity_type: 'Shot', entity_id: '1', script_key: 'wrong' }, "Can't authenticate"],
    ['/upload/publish_thumbnail', { entity_type: 'Step', entity_id: '1' }, 'is not an image'],
  ])('%s %j fails', async (path, fields, message) => {
    const answer = await upload(path, fields as unknown as Record<string, string>)
    expect(answer).toMatch(/^0\n/)
    expect(answer).toContain(message)
  })

  it('a file is served to a signature or a session, and to nobody else', async () => {
    const answer = await upload(
      '/upload/upload_file',
      { entity_type: 'Shot', entity_id: '1' },
      { field: 'file', name: 'b', bytes },
    )
    const path = `${address}/file_serve/attachment/${/^1:(\d+)/.exec(answer)?.[1]}`
    expect((await request(path)).statusCode).toBe(403)
    expect((await request(`${path}?expires=1&signature=0`)).statusCode).toBe(403)
    expect((await request(path, { headers: { cookie: '_session_id=nonsense' } })).statusCode).toBe(403)
    const session = site.call({ method_name: 'get_session_token', params: [person('ada')] }) as {
      results: { session_id: string }
    }
    const file = await request(path, { headers: { cookie: `_session_id=${session.results.session_id}` } })
    expect(Buffer.from(await file.body.arrayBuffer())).toEqual(bytes)
    expect((await request(`${address}/file_serve/attachment/999999?expires=9999999999&signature=0`)).statusCode).toBe(
      404,
    )
  })
})
