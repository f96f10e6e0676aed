import { describe, expect, it } from 'vitest'
import { createWorld } from '../../src/sandbox/sandbox.ts'
import { Site } from '../../src/sandbox/site.ts'
import type { SandboxSwitches } from '../../src/sandbox/switches.ts'
import { upload } from '../../src/sandbox/uploads.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { everything, leaf, readArgs } from './calls.ts'

function studio(switches: Partial<SandboxSwitches>) {
  const clock = new VirtualClock()
  const site = new Site(createWorld({ size: 'tiny', clock, switches }))
  const send = (path: string, fields: Record<string, string>, name: string) => {
    const parts = Object.entries({ ...everything, ...fields, entity_type: 'Version', entity_id: '1' }).map(
      ([key, value]) => `--m\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
    )
    const file = `--m\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\nbytes\r\n--m--\r\n`
    return upload(site, path, 'multipart/form-data; boundary=m', Buffer.from(parts.join('') + file)).body.toString()
  }
  const read = (type: string, fields: string[], condition: unknown) => {
    const reply = site.call({
      method_name: 'read',
      params: [everything, readArgs(type, fields, [condition], { api_return_image_urls: true })],
    })
    return (reply as { results: { entities: Record<string, unknown>[] } }).results.entities
  }
  const version = (...fields: string[]) => read('Version', fields, leaf('id', 'is', 1))[0]!
  const events = () =>
    read('EventLogEntry', ['event_type', 'attribute_name'], leaf('event_type', 'is', 'Shotgun_Version_Change'))
  return { clock, send, version, events }
}

describe('a movie', () => {
  it.each([true, false])('is transcoded some time later; with events: %s', async (transcodingEvents) => {
    const { clock, send, version, events } = studio({ transcodingEvents })
    expect(send('/upload/upload_file', { field_name: 'sg_uploaded_movie' }, 'cut.mov')).toMatch(/^1:/)
    const fields = ['sg_uploaded_movie_mp4', 'sg_uploaded_movie_webm', 'sg_uploaded_movie_frame_rate', 'updated_at']
    const before = events().length
    expect(version(...fields)).toMatchObject({ sg_uploaded_movie_mp4: null, sg_uploaded_movie_frame_rate: null })
    await clock.advance(20_000)
    expect(version(...fields)).toMatchObject({
      sg_uploaded_movie_mp4: { link_type: 'upload', name: 'cut.mp4' },
      sg_uploaded_movie_webm: { name: 'cut.webm' },
      sg_uploaded_movie_frame_rate: 24,
      updated_at: '2026-01-01T00:00:20Z',
    })
    expect(events().length - before).toBe(transcodingEvents ? 5 : 0)
  })

  it('is not made of other files', async () => {
    const { clock, send, version } = studio({})
    send('/upload/upload_file', { field_name: 'sg_uploaded_movie' }, 'notes.txt')
    await clock.advance(60_000)
    expect(version('sg_uploaded_movie_mp4').sg_uploaded_movie_mp4).toBeNull()
  })
})

describe('a thumbnail', () => {
  it('shows as pending until it is ready', async () => {
    const { clock, send, version, events } = studio({ thumbnailMs: 3000 })
    send('/upload/publish_thumbnail', {}, 'a.png')
    expect(version('image').image).toMatch(/\/images\/status\/transient\/thumbnail_pending\.png$/)
    expect(events()).toHaveLength(1)
    await clock.advance(3000)
    expect(version('image').image).toMatch(/signature=/)
    expect(events()).toHaveLength(2)
  })
})
